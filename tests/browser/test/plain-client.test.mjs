import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";

import { eventually } from "../support/eventually.mjs";
import { paths } from "../support/paths.mjs";
import { scenario } from "../support/stage.mjs";

scenario("the plain client joins a browser's call, exchanges descriptions, chats and leaves", async (stage) => {
  const server = await stage.server();
  const ada = await stage.callTab("ada", server.url);
  await ada.join();
  await ada.part("chat-toggle").click();

  const plain = await startPlainClient(server, stage.room, "plain");
  // The newcomer offers; the browser accepts what it offers and answers.
  await plain.prints(`answer from ${await ada.sid}`);
  await ada.reads("hello from a plain client");
  // Then the browser offers its camera, for which the plain client had no section.
  await plain.prints(`offer from ${await ada.sid}`);
  await eventually("both rounds end with an answer", () => ada.peers(), {
    isReached: ([peer]) => peer.signalingState === "stable" && peer.negotiations === 2,
  });
  await plain.prints(`candidate from ${await ada.sid}`);

  const other = await startPlainClient(server, stage.room, "other");
  await plain.prints("offer from ");
  await other.prints("answer from ");

  await ada.say("bye");
  for (const client of [plain, other]) {
    await client.prints("left: CLIENT_LEFT");
    assert.equal(await client.exited, 0);
  }
  await eventually("ada is alone", () => ada.page.evaluate(() => window.antiphon.room.participants.size), {
    isReached: (others) => others === 0,
  });
});

async function startPlainClient(server, room, identity) {
  const token = server.token({ room, identity });
  const child = spawn(process.execPath, [paths.plainClient, server.url.replace(/^http/, "ws"), token], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit").then(([code]) => code);
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (printed += text));
  const prints = (text) => eventually(`${identity} prints "${text}"`, () => printed, { isReached: () => printed.includes(text) });
  await prints("joined as ");
  return { prints, exited };
}
