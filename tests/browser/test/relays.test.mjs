import assert from "node:assert/strict";

import { eventually } from "../support/eventually.mjs";
import { scenario } from "../support/stage.mjs";

for (const relayBy of ["udp", "tcp", "tls"]) {
  scenario(`two who may only use a relay have a call through that of the server by ${relayBy.toUpperCase()}`, async (stage) => {
    const server = await stage.server({ flags: relayBy === "tls" ? ["--https"] : [] });
    const tabs = await relayed(stage, server, relayBy);
    for (const tab of tabs) {
      const { local, remote } = await path(tab);
      assert.deepEqual([local.type, local.relayProtocol, remote.type], ["relay", relayBy, "relay"]);
    }
  });
}

for (const relayBy of ["udp", "tcp"]) {
  scenario(`two who may only use a relay have a call through coturn by ${relayBy.toUpperCase()}`, async (stage) => {
    const relay = await stage.coturn();
    const server = await stage.server(onlyBy(relay.iceServer(relayBy)));
    const tabs = await relayed(stage, server, relayBy);
    for (const tab of tabs) {
      const { local, remote } = await path(tab);
      assert.deepEqual([local.type, local.relayProtocol, remote.type], ["relay", relayBy, "relay"]);
    }
  });
}

scenario("a relay that dies in the middle of a call is left for another one, on the same connection", async (stage) => {
  const relays = [await stage.coturn(), await stage.coturn()];
  const server = await stage.server(onlyBy(...relays.map((relay) => relay.iceServer())));
  const tabs = await relayed(stage, server);
  const { local } = await path(tabs[0]);
  // What one end uses, the other end's packets go through too.
  await relays.find(({ port }) => local.url.includes(`:${port}`)).close();
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

scenario("the call page leads a call through a relay when the person wants it, and says which way it goes", async (stage) => {
  const server = await stage.server();
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

/** A server that gives these ICE servers and no relay of its own. */
function onlyBy(...iceServers) {
  return { flags: ["--relay=false"], environment: { ANTIPHON_ICE_SERVERS: iceServers.join(",") } };
}

/** Two tabs that exchange media through relays alone. */
async function relayed(stage, server, relayBy = "any") {
  const tabs = await Promise.all(["ada", "tallis"].map((name) => stage.sdkTab(name, server.url, { relayBy })));
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
