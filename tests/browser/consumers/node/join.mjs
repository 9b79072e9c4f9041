// Joins with tokens by the guide's `accessToken`, says something and leaves: join.mjs URL KEY_ID KEY_SECRET ROOM
import { JoinError, Room } from "@antiphon/client";
import { WebSocket } from "ws";

import { accessToken } from "./access-token.mjs";

const [url, keyId, keySecret, roomName] = process.argv.slice(2);
process.env.ANTIPHON_KEY_ID = keyId;

// Node 22 has a WebSocket of its own; this runs with Node 20 too.
const room = new Room({ webSocket: (address, protocols) => new WebSocket(address, protocols) });

process.env.ANTIPHON_KEY_SECRET = "not the secret";
const refusal = await room.join(url, () => accessToken(roomName, "eve", "Eve")).catch((error) => error);
console.log(refusal instanceof JoinError && refusal.code);

process.env.ANTIPHON_KEY_SECRET = keySecret;
await room.join(url, () => accessToken(roomName, "ada", "Ada"));
const { name, text } = await room.sendChat("hello from Node");
console.log(`${room.name}: ${room.localParticipant.identity}: ${name}: ${text}`);
await room.leave();
