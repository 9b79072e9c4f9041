import assert from "node:assert/strict";

import { eventually } from "../support/eventually.mjs";
import { scenario } from "../support/stage.mjs";

scenario("camera and microphone denied: the page says so and what to do, and the call works without them", async (stage) => {
  const server = await stage.server();
  const denied = await stage.callTab("denied", server.url, { permissions: "denied" });
  const ada = await stage.callTab("ada", server.url);
  await ada.join();
  await denied.open();
  const words = await denied.part("device-trouble").innerText();
  assert.match(words, /Camera and microphone are blocked for this page/);
  assert.match(words, /site settings/);
  await denied.part("device-retry").waitFor();
  assert.equal(await denied.part("join-button").innerText(), "Join to listen and chat");

  await denied.enter();
  await denied.part("call-screen").waitFor();
  await denied.receivesMediaFrom(1);
  await denied.part("mic-toggle").click();
  const dialog = denied.part("device-dialog");
  assert.match(await dialog.innerText(), /The microphone is blocked for this page/);
  await dialog.getByRole("button", { name: "All right" }).click();
  await denied.part("chat-toggle").click();
  await ada.part("chat-toggle").click();
  await denied.say("I can only write");
  await ada.reads("I can only write");
});

scenario("the way to the server breaks: a banner says so, and goes when it is back", async (stage) => {
  const server = await stage.server();
  const proxy = await stage.proxy(server);
  const ada = await stage.callTab("ada", proxy.url);
  await ada.join();
  assert.equal(await ada.part("connection-banner").count(), 0);

  proxy.refuse();
  proxy.breakAll();
  await ada.part("connection-banner").waitFor();
  assert.match(await ada.part("connection-banner").innerText(), /Connection lost/);
  // Later tries are further apart, so that there is something to hurry. This one fails too, and the page goes on trying.
  await ada.part("reconnect-now").click();
  proxy.accept();
  await ada.part("connection-banner").waitFor({ state: "detached" });
  assert.equal(await ada.page.evaluate(() => window.antiphon.room.state), "connected");
});

scenario("a server that is not there, or accepts nobody: the page says so and offers a way on", async (stage) => {
  const server = await stage.server();
  const ada = await stage.callTab("ada", server.url);
  await ada.open();
  await server.kill();
  await ada.enter();
  const failed = await ada.end();
  assert.equal(failed.kind, "failed");
  assert.match(failed.words, /The call could not be joined/);
  await server.startAgain();
  await ada.part("again-button").click();
  await ada.enter();
  await ada.part("call-screen").waitFor();

  const eve = await stage.callTab("eve", server.url);
  await eve.open({ token: "made.up.token" });
  await eve.enter();
  const refused = await eve.end();
  assert.deepEqual([refused.kind, refused.code], ["failed", "unauthenticated"]);
  assert.match(refused.words, /does not accept your access token/);
  await eventually("nobody came in", () => ada.page.evaluate(() => window.antiphon.room.participants.size), {
    isReached: (others) => others === 0,
  });
});
