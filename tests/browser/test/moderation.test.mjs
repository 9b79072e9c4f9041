import assert from "node:assert/strict";

import { eventually } from "../support/eventually.mjs";
import { scenario } from "../support/stage.mjs";

scenario("a moderator removes somebody, who is told and cannot come back", async (stage) => {
  const server = await stage.server();
  const moderator = await stage.callTab("moderator", server.url);
  const guest = await stage.callTab("guest", server.url);
  await moderator.join({ moderate: true });
  await guest.join();
  await moderator.receivesMediaFrom(1);

  const sid = await guest.sid;
  await moderator.part("people-toggle").click();
  const row = moderator.page.locator(`[data-testid="person"][data-sid="${sid}"]`);
  await row.getByTestId("kick-button").click();
  await row.getByTestId("kick-confirm").click();

  const { kind, words } = await guest.end();
  assert.equal(kind, "kicked");
  assert.match(words, /You were removed from the call/);
  assert.equal(await guest.part("again-button").count(), 0, "nothing offers to join again");
  await row.waitFor({ state: "detached" });

  // A reload keeps the identity.
  await guest.open();
  await guest.enter();
  const again = await guest.end();
  assert.deepEqual([again.kind, again.code], ["failed", "banned"]);
  assert.match(again.words, /You were removed from this room/);
});

scenario("a moderator mutes somebody, who sees it and can speak again", async (stage) => {
  const server = await stage.server();
  const moderator = await stage.callTab("moderator", server.url);
  const guest = await stage.callTab("guest", server.url);
  await moderator.join({ moderate: true });
  await guest.join();
  await moderator.receivesMediaFrom(1);

  await moderator.part("people-toggle").click();
  await moderator.page.locator(`[data-testid="person"][data-sid="${await guest.sid}"]`).getByTestId("mute-button").click();
  await guest.page.locator('[data-testid="mic-toggle"][data-on="false"]').waitFor();
  await (await moderator.tileOf(guest)).getByTestId("tile-muted").waitFor();
  await guest.part("mic-toggle").click();
  await (await moderator.tileOf(guest)).getByTestId("tile-muted").waitFor({ state: "detached" });
});

scenario("the same identity joins elsewhere: the older tab says so and can take the call back", async (stage) => {
  const server = await stage.server();
  const witness = await stage.callTab("witness", server.url);
  await witness.join();
  const token = server.token({ room: stage.room, identity: "ada", name: "Ada" });
  const older = await stage.callTab("older", server.url);
  const newer = await stage.callTab("newer", server.url);
  await older.join({ token });
  await newer.join({ token });

  const { kind, words } = await older.end();
  assert.equal(kind, "replaced");
  assert.match(words, /This call is open somewhere else/);
  await onlyPeer(witness, await newer.sid);
  await Promise.all([witness.receivesMediaFrom(1), newer.receivesMediaFrom(1)]);

  await older.part("again-button").click();
  await older.enter();
  await older.part("call-screen").waitFor();
  assert.equal((await newer.end()).kind, "replaced");
  await onlyPeer(witness, await older.sid);
  await witness.receivesMediaFrom(1);
});

/** `tab` shows nobody else than the session `sid`. */
async function onlyPeer(tab, sid) {
  await eventually(`${tab.name} sees ${sid} alone`, () => tab.page.evaluate(() => [...window.antiphon.room.participants.keys()]), {
    isReached: (sids) => sids.length === 1 && sids[0] === sid,
  });
}
