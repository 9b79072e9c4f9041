import assert from "node:assert/strict";

import { Room } from "@antiphon/client";
import { WebSocket } from "ws";

import { eventually } from "../support/eventually.mjs";
import { Issuer } from "../support/issuer.mjs";
import { scenario } from "../support/stage.mjs";

/** The server lets a session live so long beyond its token. */
const LEEWAY_S = 10;

/** A room in Node, and what it told of its connection. */
function newRoom() {
  const room = new Room({ webSocket: (address, protocols) => new WebSocket(address, protocols) });
  const told = [];
  for (const name of ["reconnecting", "reconnected", "disconnected", "error"]) {
    room.on(name, (first) => told.push([name, String(first)]));
  }
  return { room, told };
}

scenario("a session outlives an issuer's token: the SDK hands over another one and nobody notices", async (stage) => {
  const issuer = await Issuer.start();
  const server = await stage.server({ environment: { ANTIPHON_ISSUERS_FILE: issuer.file } });
  const [ada, bob] = [newRoom(), newRoom()];
  const ending = () => 4 - LEEWAY_S;

  // Bob's first token is his only one. Ada's ends no later.
  let asked = 0;
  await ada.room.join(server.url, () => issuer.token(stage.room, "ada", (asked += 1) === 1 ? ending() : 3_600));
  const { sid } = ada.room.localParticipant;
  await bob.room.join(server.url, issuer.token(stage.room, "bob", ending()));
  await eventually("bob's session ends with his token", () => bob.told.map(([name, first]) => `${name} ${first}`), {
    isReached: (told) => told.some((line) => line === "disconnected token_expired"),
  });

  await ada.room.sendChat("still here");
  assert.deepEqual([ada.room.localParticipant.sid, ada.told, asked], [sid, [], 2]);
  await ada.room.leave();
  issuer.close();
});
