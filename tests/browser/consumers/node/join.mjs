// Signs a token with jose, joins with it, says something and leaves: join.mjs URL KEY_ID KEY_SECRET ROOM
import { JoinError, Room } from "@antiphon/client";
import { SignJWT } from "jose";
import { WebSocket } from "ws";

const [url, keyId, keySecret, roomName] = process.argv.slice(2);

function accessToken(identity, secret) {
  return new SignJWT({ name: "Ada", grants: { room: roomName, join: true } })
    .setProtectedHeader({ alg: "HS256" })
    .setIssuer(keyId)
    .setSubject(identity)
    .setAudience("antiphon")
    .setIssuedAt()
    .setExpirationTime("10 minutes")
    .sign(new TextEncoder().encode(secret));
}

// Node 22 has a WebSocket of its own; this runs with Node 20 too.
const room = new Room({ webSocket: (address, protocols) => new WebSocket(address, protocols) });

const refusal = await room.join(url, await accessToken("eve", "not the secret")).catch((error) => error);
console.log(refusal instanceof JoinError && refusal.code);

await room.join(url, () => accessToken("ada", keySecret));
const { name, text } = await room.sendChat("hello from Node");
console.log(`${room.name}: ${room.localParticipant.identity}: ${name}: ${text}`);
await room.leave();
