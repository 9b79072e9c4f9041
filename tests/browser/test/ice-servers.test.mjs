import assert from "node:assert/strict";
import { createHmac } from "node:crypto";

import { eventually } from "../support/eventually.mjs";
import { scenario } from "../support/stage.mjs";

const OLD = "the-old-secret-of-the-relay";
const NEW = "the-new-secret-of-the-relay";
/** Nobody listens there. */
const NOWHERE = "http://127.0.0.1:1";
/** A call counts as cut when nothing comes for longer. */
const LONGEST_STALL_MS = 2_000;

scenario("calls go through coturn by its shared secret, before and after a rotation", async (stage) => {
  const relay = await stage.coturn({ secrets: [OLD, NEW] });
  const server = await stage.server(minting(coturn([relay]), { secrets: OLD }));
  const before = await relayed(stage, server, "before");
  assert.equal(await secretOf(before[0]), OLD);

  server.write("secrets", `${NEW}\n${OLD}\n`);
  await eventually("the new secret mints", async () => secretOf(await newcomer(server)), { isReached: (secret) => secret === NEW });
  const after = await relayed(stage, server, "after");
  assert.equal(await secretOf(after[0]), NEW);
  // Who came before goes on.
  await Promise.all(before.map((tab) => tab.receivesMediaFrom(1)));
});

scenario("a provider that is down costs no call: the next one gives the relay", async (stage) => {
  const relay = await stage.coturn({ secrets: [NEW] });
  const down = `[[ice.providers]]
type = "cloudflare"
key-id = "0123456789abcdef0123456789abcdef"
token-file = "token"
url = "${NOWHERE}"
priority = 0
`;
  const server = await stage.server(minting(down + coturn([relay], 1), { secrets: NEW, token: "token-of-the-key" }));
  await relayed(stage, server, stage.room);
});

scenario(
  "a call through a relay goes on without a gap when its credentials expire, on fresh ones",
  async (stage) => {
    const relay = await stage.coturn({ secrets: [NEW] });
    const server = await stage.server(minting(`${coturn([relay])}[ice]\ncredential-ttl = "1m"\n`, { secrets: NEW }));
    const tabs = await relayed(stage, server, stage.room);
    const first = await Promise.all(tabs.map(username));
    await Promise.all(tabs.map((tab) => tab.page.evaluate(() => window.sdkPage.watchMedia())));

    const expiry = Math.max(...first.map((name) => Number(name.split(":")[0])));
    await eventually("the first credentials have expired", () => Date.now() / 1_000 - expiry, { isReached: (over) => over > 5, withinMs: 90_000 });
    for (const [index, tab] of tabs.entries()) {
      assert.notEqual(await username(tab), first[index]);
      const { longestStallMs } = await tab.page.evaluate(() => window.sdkPage.media());
      console.log(`expiry: ${tab.name}: no new picture for ${Math.round(longestStallMs.frames)} ms at most`);
      assert.ok(longestStallMs.frames < LONGEST_STALL_MS, `no picture for ${longestStallMs.frames} ms`);
      const [peer] = await tab.peers();
      assert.deepEqual([peer.connectionState, peer.rebuilds], ["connected", 0]);
    }
    assert.ok((await tabs[0].peers())[0].iceRestarts + (await tabs[1].peers())[0].iceRestarts > 0, "the paths moved to fresh allocations");
    await Promise.all(tabs.map((tab) => tab.receivesMediaFrom(1)));
  },
  { withinMs: 150_000 },
);

scenario("a relay that died is not given to newcomers, and whose call went through it goes on through another", async (stage) => {
  const relays = [await stage.coturn({ secrets: [NEW] }), await stage.coturn({ secrets: [NEW] })];
  const server = await stage.server(minting(coturn(relays), { secrets: NEW }));
  const tabs = await relayed(stage, server, stage.room);
  const given = async (to) => {
    const all = await urls(to);
    return relays.map(({ port }) => all.some((url) => url.includes(`:${port}`)));
  };
  assert.deepEqual(await given(tabs[0]), [true, true]);
  await relays[0].close();
  await eventually("newcomers are given the other one alone", async () => given(await newcomer(server)), {
    isReached: ([first, second]) => !first && second,
    withinMs: 40_000,
  });
  await Promise.all(tabs.map((tab) => tab.receivesMediaFrom(1, { withinMs: 30_000 })));
});

/** A server that mints by these providers, and has no relay of its own. @param {string} ice */
function minting(ice, files) {
  return { flags: ["--relay=false"], files: { ...files, "antiphon.toml": ice } };
}

/** The table of coturn as a provider. */
function coturn(relays, priority = 0) {
  const listed = relays.map((relay) => `{ uris = ["${relay.uri()}"] }`);
  return `[[ice.providers]]
type = "coturn"
secrets-file = "secrets"
priority = ${priority}
relays = [${listed.join(", ")}]
`;
}

/** Two tabs in a room that exchange media through relays alone. */
async function relayed(stage, server, room) {
  const tabs = await Promise.all(["ada", "tallis"].map((name) => stage.sdkTab(`${name}-${room}`, server.url, { relayBy: "any" })));
  for (const tab of tabs) {
    await tab.join(server.token({ room, identity: tab.name }));
  }
  await Promise.all(tabs.map((tab) => tab.receivesMediaFrom(1)));
  return tabs;
}

let newcomers = 0;

/** What somebody else is given over HTTP. */
async function newcomer(server) {
  newcomers += 1;
  const token = server.token({ room: "anteroom", identity: `newcomer-${newcomers}` });
  const answer = await fetch(`${server.url}/v1/ice-servers`, { method: "POST", headers: { authorization: `Bearer ${token}` } });
  assert.equal(answer.status, 200, await answer.clone().text());
  return answer.json();
}

/** The TURN servers of a tab's connection, or of an answer over HTTP. */
async function turnServers(from) {
  const servers = "page" in from ? await from.page.evaluate(() => [...window.antiphon.room.peers.values()][0].connection.getConfiguration().iceServers) : from.iceServers;
  return servers.filter((server) => server.username !== undefined && server.username !== "");
}

async function urls(from) {
  return (await turnServers(from)).flatMap((server) => server.urls);
}

async function username(from) {
  return (await turnServers(from))[0].username;
}

/** Which secret has signed the credentials. */
async function secretOf(from) {
  const [{ username: name, credential }] = await turnServers(from);
  return [OLD, NEW].find((secret) => createHmac("sha1", secret).update(name).digest("base64") === credential);
}
