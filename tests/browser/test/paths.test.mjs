import assert from "node:assert/strict";

import { eventually } from "../support/eventually.mjs";
import { scenario } from "../support/stage.mjs";

scenario("a path that loses some packets makes the connection poor at both ends, all packets lost, none good again", async (stage) => {
  const server = await stage.server();
  const path = stage.udpPath();
  const tabs = await joined(stage, server, path);
  await Promise.all(tabs.map((tab) => quality(tab, ["excellent", "good"])));

  path.loss = 0.3;
  await Promise.all(tabs.map((tab) => quality(tab, ["poor"])));
  path.loss = 1;
  await Promise.all(tabs.map((tab) => quality(tab, ["lost"])));
  path.loss = 0;
  await Promise.all(tabs.map((tab) => quality(tab, ["excellent", "good"])));
  await Promise.all(tabs.map((tab) => tab.receivesMediaFrom(1)));
  const [ada] = tabs;
  const told = await ada.page.evaluate(() => window.sdkPage.qualities());
  console.log(`quality: ${JSON.stringify(told)}`);
  // With one other participant the two are measured by the same connection.
  assert.deepEqual(told.own, told.tallis);
});

scenario("a DTLS handshake that fails is made again on new connections at both ends", async (stage) => {
  const server = await stage.server();
  const path = stage.udpPath();
  path.failsHandshakes = true;
  const tabs = await joined(stage, server, path);
  await Promise.all(
    tabs.map((tab) => eventually(`${tab.name} has rebuilt the connection`, () => tab.peers(), { isReached: ([peer]) => peer?.rebuilds > 0 })),
  );
  path.failsHandshakes = false;
  await Promise.all(tabs.map((tab) => tab.receivesMediaFrom(1, { withinMs: 45_000 })));
  for (const tab of tabs) {
    const [{ connectionState, iceRestarts }] = await tab.peers();
    assert.deepEqual({ connectionState, iceRestarts }, { connectionState: "connected", iceRestarts: 0 });
  }
});

/** Two tabs whose media goes through `path`. */
async function joined(stage, server, path) {
  const tabs = await Promise.all(["ada", "tallis"].map((name) => stage.sdkTab(name, server.url, { path })));
  for (const tab of tabs) {
    await tab.join(server.token({ room: stage.room, identity: tab.name }));
  }
  return tabs;
}

/** The connection to the only other participant is as good as one of `accepted`. */
function quality(tab, accepted) {
  const probe = () => tab.page.evaluate(() => [...window.antiphon.room.participants.values()][0]?.connectionQuality ?? null);
  return eventually(`${tab.name}'s connection is ${accepted.join(" or ")}`, probe, {
    isReached: (now) => accepted.includes(now),
    withinMs: 40_000,
  });
}
