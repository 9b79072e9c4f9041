import assert from "node:assert/strict";

import { eventually } from "../support/eventually.mjs";
import { scenario } from "../support/stage.mjs";

for (const transport of ["udp", "tcp"]) {
  scenario(`two who may only use a relay have a call through coturn by ${transport.toUpperCase()}`, async (stage) => {
    const relay = await stage.coturn();
    const tabs = await relayed(stage, [relay.iceServer(transport)]);
    for (const tab of tabs) {
      const { local, remote } = await path(tab);
      assert.deepEqual([local.type, local.relayProtocol, remote.type], ["relay", transport, "relay"]);
    }
  });
}

scenario("a relay that dies in the middle of a call is left for another one, on the same connection", async (stage) => {
  const relays = [await stage.coturn(), await stage.coturn()];
  const tabs = await relayed(
    stage,
    relays.map((relay) => relay.iceServer()),
  );
  const inUse = await Promise.all(tabs.map(async (tab) => (await path(tab)).local.url));
  // What one end uses, the other end's packets go through too.
  await relays.find(({ port }) => inUse[0].includes(`:${port}`)).close();
  await Promise.all(tabs.map((tab) => tab.receivesMediaFrom(1, { withinMs: 30_000 })));
  const peers = (await Promise.all(tabs.map((tab) => tab.peers()))).flat();
  assert.ok(
    peers.some(({ iceRestarts }) => iceRestarts > 0),
    JSON.stringify(peers),
  );
  assert.deepEqual(
    peers.map(({ rebuilds }) => rebuilds),
    [0, 0],
  );
});

/** Two tabs that exchange media through relays alone. */
async function relayed(stage, iceServers) {
  const server = await stage.server({ environment: { ANTIPHON_ICE_SERVERS: iceServers.join(",") } });
  const tabs = await Promise.all(["ada", "tallis"].map((name) => stage.sdkTab(name, server.url, { onlyByRelay: true })));
  for (const tab of tabs) {
    await tab.join(server.token({ room: stage.room, identity: tab.name }));
  }
  await Promise.all(tabs.map((tab) => tab.receivesMediaFrom(1)));
  return tabs;
}

/** The path to the only other participant. */
function path(tab) {
  return eventually(`${tab.name} has a path`, () => tab.page.evaluate(async () => (await window.antiphon.room.getStats())[0]?.selected), {
    isReached: (selected) => selected !== undefined,
  });
}

scenario("the call page leads a call through a relay when the person wants it, and says which way it goes", async (stage) => {
  const relay = await stage.coturn();
  const server = await stage.server({ environment: { ANTIPHON_ICE_SERVERS: relay.iceServer() } });
  const [ada, tallis] = [await stage.callTab("ada", server.url), await stage.callTab("tallis", server.url)];
  await ada.join();
  await tallis.join();
  await ada.receivesMediaFrom(1);
  await ada.part("people-toggle").click();
  await ada.page.locator('[data-testid="person-path"][data-relayed="false"]').waitFor();

  await ada.switchOnlyByRelay();
  await ada.page.locator('[data-testid="person-path"][data-relayed="true"]').waitFor();
  assert.match(await ada.part("person-path").textContent(), /^Through a relay, \d+ ms$/);
  await Promise.all([ada, tallis].map((tab) => tab.receivesMediaFrom(1)));
  // The other end did not ask for it: its candidates are its own, and the path is relayed all the same.
  assert.notEqual((await path(tallis)).local.type, "relay");

  await ada.switchOnlyByRelay();
  await ada.page.locator('[data-testid="person-path"][data-relayed="false"]').waitFor();
  await Promise.all([ada, tallis].map((tab) => tab.receivesMediaFrom(1)));
});
