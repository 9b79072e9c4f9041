import assert from "node:assert/strict";

import { eventually } from "../support/eventually.mjs";
import { scenario } from "../support/stage.mjs";

scenario("the server crashes and starts again: media goes on meanwhile, the call recovers by itself", async (stage) => {
  const { server, ada, tallis } = await callWithChat(stage);
  await ada.say("before the crash");
  await tallis.reads("before the crash");

  await server.kill();
  for (const tab of [ada, tallis]) {
    await tab.part("connection-banner").waitFor();
    assert.match(await tab.part("connection-banner").innerText(), /Connection lost/);
  }
  await Promise.all([ada.receivesMediaFrom(1), tallis.receivesMediaFrom(1)]);

  await server.startAgain();
  await recovers(ada, tallis);
  // What was read before stays readable, although the server knows it no more.
  await ada.reads("before the crash");
});

scenario("what is written while the server is away arrives once it is back", async (stage) => {
  const { server, ada, tallis } = await callWithChat(stage);
  await server.kill();
  await ada.part("connection-banner").waitFor();
  await ada.say("written into the void");
  await ada.part("chat-pending").waitFor();

  await server.startAgain();
  await tallis.reads("written into the void");
  await ada.reads("written into the void");
  await ada.part("chat-pending").waitFor({ state: "detached" });
});

scenario("Ctrl-C moves the calls away in order, and they are back when the server is", async (stage) => {
  const { server, ada, tallis } = await callWithChat(stage);
  const stopped = server.interrupt();
  await ada.part("connection-banner").filter({ hasText: "Moving to another server" }).waitFor();
  assert.equal(await stopped, 0, "the server drains and exits");
  await Promise.all([ada.receivesMediaFrom(1), tallis.receivesMediaFrom(1)]);

  await server.startAgain();
  await recovers(ada, tallis);
});

/** Two people in a call, with their chats open. */
async function callWithChat(stage) {
  const server = await stage.server();
  const ada = await stage.callTab("ada", server.url);
  const tallis = await stage.callTab("tallis", server.url);
  for (const tab of [ada, tallis]) {
    await tab.join();
    await tab.part("chat-toggle").click();
  }
  await Promise.all([ada.receivesMediaFrom(1), tallis.receivesMediaFrom(1)]);
  return { server, ada, tallis };
}

/** Nobody touches the page, and the call is as it was. */
async function recovers(...tabs) {
  for (const tab of tabs) {
    await tab.part("connection-banner").waitFor({ state: "detached" });
  }
  for (const tab of tabs) {
    await eventually(`${tab.name} sees the others again`, () => tab.page.evaluate(() => window.antiphon.room.participants.size), {
      isReached: (others) => others === tabs.length - 1,
    });
  }
  await Promise.all(tabs.map((tab) => tab.receivesMediaFrom(tabs.length - 1)));
  for (const writer of tabs) {
    await writer.say(`${writer.name} is back`);
    for (const reader of tabs) {
      await reader.reads(`${writer.name} is back`);
    }
  }
}
