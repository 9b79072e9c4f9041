import assert from "node:assert/strict";

import { eventually } from "../support/eventually.mjs";
import { scenario } from "../support/stage.mjs";

scenario("a host opens a waiting room, lets one in at the knock and refuses another", async (stage) => {
  const server = await stage.server();
  const host = await stage.callTab("host", server.url);
  await host.join({ moderate: true });
  await openWaitingRoom(host);

  const guest = await stage.callTab("guest", server.url);
  await guest.open();
  await guest.enter();
  await guest.part("lobby-screen").waitFor();
  assert.match(await guest.part("lobby-screen").innerText(), /Waiting to be let in/);
  // Who waits can still see to the devices.
  await guest.part("camera-toggle").click();
  await guest.page.locator('[data-testid="camera-toggle"][data-on="false"]').waitFor();

  assert.match(await host.part("knock").innerText(), /guest wants to join/);
  await host.part("knock-admit").click();
  await guest.part("call-screen").waitFor();
  await host.part("knock").waitFor({ state: "detached" });
  await (await host.tileOf(guest)).waitFor();

  const eve = await stage.callTab("eve", server.url);
  await eve.open();
  await eve.enter();
  await host.part("people-toggle").click();
  await host.part("waiting-person").getByTestId("refuse-button").click();
  assert.equal((await eve.end()).kind, "refused");
  await host.part("waiting-person").waitFor({ state: "detached" });
  assert.equal(await guest.page.evaluate(() => window.antiphon.room.participants.size), 1);
});

scenario("a host locks the room: latecomers are told, and come in once it is open again", async (stage) => {
  const server = await stage.server();
  const host = await stage.callTab("host", server.url);
  await host.join({ moderate: true });
  await host.part("people-toggle").click();
  await host.part("lock-toggle").click();
  await host.part("room-locked").waitFor();

  const late = await stage.callTab("late", server.url);
  await late.open();
  await late.enter();
  const end = await late.end();
  assert.deepEqual([end.kind, end.code], ["failed", "room_locked"]);
  assert.match(end.words, /The room is locked/);

  await host.part("lock-toggle").click();
  await host.part("room-locked").waitFor({ state: "detached" });
  await late.part("again-button").click();
  await late.enter();
  await late.part("call-screen").waitFor();
});

scenario("a host mutes everyone and ends the call, after a question; others may do neither", async (stage) => {
  const server = await stage.server();
  const host = await stage.callTab("host", server.url);
  const guest = await stage.callTab("guest", server.url);
  await host.join({ moderate: true });
  await guest.join();
  await host.receivesMediaFrom(1);

  await guest.part("people-toggle").click();
  await guest.part("person").nth(1).waitFor();
  for (const forbidden of ["lock-toggle", "lobby-toggle", "mute-all", "end-for-all", "kick-button", "mute-button"]) {
    assert.equal(await guest.part(forbidden).count(), 0, `a guest has no ${forbidden}`);
  }

  await host.part("people-toggle").click();
  await host.part("mute-all").click();
  await guest.page.locator('[data-testid="mic-toggle"][data-on="false"]').waitFor();
  await guest.part("toast").filter({ hasText: "A moderator turned your microphone off" }).waitFor();
  await eventually("there is nobody left to mute", () => host.part("mute-all").isDisabled());

  await host.part("end-for-all").click();
  await host.part("end-dialog").getByRole("button", { name: "Cancel" }).click();
  await host.part("end-dialog").waitFor({ state: "detached" });
  assert.equal(await guest.part("call-screen").count(), 1, "nothing ends before the answer");
  await host.part("end-for-all").click();
  await host.part("end-confirm").click();
  assert.equal((await guest.end()).kind, "roomEnded");
  assert.equal((await host.end()).kind, "roomEnded");
});

/** Newcomers wait from now on; the panel is closed again. */
async function openWaitingRoom(host) {
  await host.part("people-toggle").click();
  await host.part("lobby-toggle").click();
  await host.page.locator('[data-testid="lobby-toggle"][data-on="true"]').waitFor();
  await host.part("people-toggle").click();
}
