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

scenario("the call page says in bars and words whose connection is poor, and when one's own is", async (stage) => {
  const server = await stage.server();
  const path = stage.udpPath();
  const ada = await stage.callTab("ada", server.url, { path });
  const tallis = await stage.callTab("tallis", server.url, { path });
  await ada.join();
  await tallis.join();
  await ada.receivesMediaFrom(1);
  await ada.part("people-toggle").click();
  await ada.page.locator('[data-testid="person-quality"]:is([data-quality="excellent"], [data-quality="good"])').nth(1).waitFor();
  const tile = await ada.tileOf(tallis);
  assert.equal(await tile.getByTestId("tile-quality").count(), 0, "where all is well there is nothing to see");

  path.loss = 0.3;
  await tile.getByTestId("tile-quality").waitFor({ timeout: 40_000 });
  await eventually("it is said in words", () => tile.getByTestId("tile-quality").getAttribute("title"), {
    isReached: (words) => words === "poor connection",
  });
  assert.match(await tile.getAttribute("aria-label"), /poor connection/);
  await ada.part("toast").filter({ hasText: "Your connection is poor" }).waitFor();
  path.loss = 0;
  await tile.getByTestId("tile-quality").waitFor({ state: "detached", timeout: 40_000 });
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
