import assert from "node:assert/strict";

import { eventually } from "../support/eventually.mjs";
import { scenario } from "../support/stage.mjs";

const NAMES = ["ada", "byrd", "clara", "tallis"];
const SETTLE_MS = 5_000;

scenario("offers that cross on all six pairs at once: all stable within 5 s, the new tracks flow both ways", async (stage) => {
  const server = await stage.server();
  const proxy = await stage.proxy(server);
  const tabs = await Promise.all(NAMES.map((name) => stage.sdkTab(name, proxy.url)));
  for (const tab of tabs) {
    await tab.join(server.token({ room: stage.room, identity: tab.name }));
  }
  await Promise.all(tabs.map((tab) => tab.receivesMediaFrom(3, { withinMs: 40_000 })));
  await everyPeer(tabs, "stable and connected before", isSettled, 10_000);
  const before = await collisionsByPair(tabs);

  proxy.hold();
  await Promise.all(tabs.map((tab) => tab.page.evaluate(() => window.sdkPage.share())));
  await everyPeer(tabs, "both ends of each pair have offered", ({ signalingState }) => signalingState === "have-local-offer", 10_000);
  const releasedAt = performance.now();
  proxy.release();

  await everyPeer(tabs, "stable and connected again", isSettled, SETTLE_MS);
  const settledAfterMs = Math.round(performance.now() - releasedAt);

  const after = await collisionsByPair(tabs);
  assert.equal(Object.keys(after).length, 6);
  for (const [pair, count] of Object.entries(after)) {
    assert.ok(count > (before[pair] ?? 0), `no collision between ${pair}: ${JSON.stringify({ before, after })}`);
  }
  console.log(`glare: settled ${settledAfterMs} ms after the offers met; collisions ${JSON.stringify(after)}`);
  await Promise.all(
    tabs.map((tab) =>
      eventually(`${tab.name} decodes three new tracks`, () => tab.page.evaluate(() => window.sdkPage.sharedFrames()), {
        isReached: (frames) => Object.keys(frames).length === 3 && Object.values(frames).every((count) => count >= 3),
      }),
    ),
  );
  // The old tracks were not lost over it.
  await Promise.all(tabs.map((tab) => tab.receivesMediaFrom(3)));
});

scenario("a slow way to the server delays a call and does not break it", async (stage) => {
  const server = await stage.server();
  const proxy = await stage.proxy(server);
  proxy.delay({ toServer: 150, toClient: 350 });
  const tabs = await Promise.all(["ada", "tallis"].map((name) => stage.sdkTab(name, proxy.url)));
  // At the same time: neither knows who is the newcomer when it opens its connection.
  await Promise.all(tabs.map((tab) => tab.join(server.token({ room: stage.room, identity: tab.name }))));
  await Promise.all(tabs.map((tab) => tab.receivesMediaFrom(1)));
});

function isSettled({ signalingState, connectionState }) {
  return signalingState === "stable" && connectionState === "connected";
}

/** All twelve ends. */
async function everyPeer(tabs, condition, isReached, withinMs) {
  await eventually(condition, async () => (await Promise.all(tabs.map((tab) => tab.peers()))).flat(), {
    isReached: (ends) => ends.length === tabs.length * (tabs.length - 1) && ends.every(isReached),
    withinMs,
  });
}

/** Collisions that either end of each pair has seen. */
async function collisionsByPair(tabs) {
  const pairs = {};
  const names = new Map(await Promise.all(tabs.map(async (tab) => [await tab.sid, tab.name])));
  for (const tab of tabs) {
    for (const { sid, collisions } of await tab.peers()) {
      const pair = [tab.name, names.get(sid)].sort().join("–");
      pairs[pair] = (pairs[pair] ?? 0) + collisions;
    }
  }
  return pairs;
}
