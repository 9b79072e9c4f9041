import assert from "node:assert/strict";

import { eventually } from "../support/eventually.mjs";
import { chooseSeed, SeededRandom } from "../support/seeded-random.mjs";
import { scenario } from "../support/stage.mjs";

const CUTS_PER_TAB = 105;
const SAY_EVERY_MS = 25;
/** Longer than decoding pauses on a busy machine, shorter than any new negotiation that lost its media takes. */
const LONGEST_STALL_MS = 4_000;

/**
 * Resumes that are given a snapshot at most. While everyone is away at once a server may forget what lies before its last
 * one, which it says; all others go on where they were cut.
 */
const MAX_SNAPSHOTS = 3;

/** What passes in a connection before the session is resumed: request or response, then the first frame. */
const HANDSHAKE_BYTES = { toServer: 900, toClient: 900 };
/** About half a second of chat in each direction. */
const LIFE_BYTES = { toServer: 1_500, toClient: 8_000 };

scenario(
  `the connection is cut at ${2 * CUTS_PER_TAB} random bytes: every message once and in one order, media goes on`,
  async (stage) => {
    const seed = chooseSeed();
    console.log(`cuts: SEED=${seed}`);
    const server = await stage.server();
    // A proxy for each, so that the seed decides each tab's cuts whatever the other does.
    const [one, other] = await Promise.all([0, 1].map((index) => cutTab(stage, server, ["ada", "tallis"][index], seed + index)));
    await one.tab.receivesMediaFrom(1);
    await other.tab.receivesMediaFrom(1);

    for (const { tab, proxy, plan } of [one, other]) {
      proxy.cutBy(plan);
      await tab.page.evaluate((everyMs) => {
        window.sdkPage.watchMedia();
        window.sdkPage.startChatter(everyMs);
      }, SAY_EVERY_MS);
      proxy.breakAll();
    }
    await eventually("all cuts are made", () => [one.proxy.cuts.length, other.proxy.cuts.length], {
      isReached: (counts) => counts.every((count) => count >= CUTS_PER_TAB),
      withinMs: 100_000,
    });

    const outcomes = (await Promise.all([one, other].map(({ tab }) => tab.page.evaluate(() => window.sdkPage.stopChatter())))).flat();
    assert.deepEqual([...new Set(outcomes)], ["sent"], "every message is accepted");
    const [heard, heardByOther] = await Promise.all(
      [one, other].map(({ tab }) =>
        eventually(`${tab.name} hears everything`, () => tab.page.evaluate(() => window.sdkPage.heard()), {
          isReached: (messages) => messages.length >= outcomes.length,
        }),
      ),
    );
    assert.equal(heard.length, outcomes.length, "no message comes twice");
    assert.equal(new Set(heard).size, outcomes.length, "no message is missing");
    assert.deepEqual(heardByOther, heard, "both hear the same order");
    for (const tab of [one.tab, other.tab]) {
      const sid = await tab.sid;
      const own = heard.filter((message) => message.startsWith(`${sid} `)).map((message) => Number(message.split(" ").at(-1)));
      assert.deepEqual(own, own.map((_, index) => index + 1), `${tab.name}'s messages keep their order`);
    }

    for (const { tab, proxy } of [one, other]) {
      const media = await tab.page.evaluate(() => window.sdkPage.media());
      const reconnections = await tab.page.evaluate(() => window.sdkPage.reconnections());
      report(tab, proxy, { reconnections, messages: outcomes.length, ...media });
      assert.equal(media.connections.length, 1, "the peer connection is never replaced");
      const [{ iceStates }] = media.connections;
      assert.deepEqual(iceStates.slice(iceStates.indexOf("connected")).filter((state) => !["connected", "completed"].includes(state)), []);
      // Where frames were gone for good the connection is refreshed, and media goes on even so.
      assert.ok(reconnections.otherwise <= MAX_SNAPSHOTS, `${reconnections.otherwise} resumes were given a snapshot`);
      const [{ iceRestarts }] = await tab.peers();
      assert.ok(iceRestarts <= reconnections.otherwise, `${iceRestarts} ICE restarts`);
      assert.ok(media.longestStallMs.frames < LONGEST_STALL_MS, `no picture for ${media.longestStallMs.frames} ms`);
      assert.ok(media.longestStallMs.audioEnergy < LONGEST_STALL_MS, `no sound for ${media.longestStallMs.audioEnergy} ms`);
      await tab.receivesMediaFrom(1);
    }
  },
  { withinMs: 150_000 },
);

/** A tab that has joined behind a proxy of its own, and the cuts that its connections will have. */
async function cutTab(stage, server, name, seed) {
  const proxy = await stage.proxy(server);
  const tab = await stage.sdkTab(name, proxy.url);
  await tab.join(server.token({ room: stage.room, identity: name }));
  const random = new SeededRandom(seed);
  let planned = 0;
  const plan = () => {
    if (planned === CUTS_PER_TAB) {
      return undefined;
    }
    planned += 1;
    const direction = random.pick(["toServer", "toClient"]);
    const isEarly = random.next() < 0.4;
    const position = isEarly
      ? random.between(1, HANDSHAKE_BYTES[direction])
      : HANDSHAKE_BYTES[direction] + random.between(0, LIFE_BYTES[direction]);
    return { direction, position, ending: random.pick(["reset", "close"]) };
  };
  return { tab, proxy, plan };
}

function report(tab, { cuts }, { reconnections, messages, longestStallMs, connections }) {
  const towards = (direction) => cuts.filter((cut) => cut.direction === direction).length;
  const early = cuts.filter(({ direction, position }) => position < HANDSHAKE_BYTES[direction]).length;
  console.log(
    `cuts: ${tab.name}: ${towards("toServer")} towards the server, ${towards("toClient")} back, ${early} before the session was resumed; ` +
      `${reconnections.resumed} times resumed, ${reconnections.otherwise} times by a snapshot; ${messages} messages in the room; no new picture for ${Math.round(longestStallMs.frames)} ms at most, ` +
      `no sound for ${Math.round(longestStallMs.audioEnergy)} ms; ` +
      `ICE ${connections.map(({ iceStates }) => iceStates.join(" → ")).join(", ")}`,
  );
}
