// How long a call is silent when the relay that carries it dies: ROUNDS times, 20 unless set otherwise.

import { scenario } from "../support/stage.mjs";

const ROUNDS = Number(process.env.ROUNDS ?? 20);
const SECRET = "the-secret-of-these-relays";
const WATCHED_MS = 12_000;

const gaps = [];

for (let round = 1; round <= ROUNDS; round += 1) {
  scenario(`round ${round} of ${ROUNDS}`, async (stage) => {
    const relays = [await stage.coturn({ secrets: [SECRET] }), await stage.coturn({ secrets: [SECRET] })];
    const listed = relays.map((relay) => `{ uris = ["${relay.uri()}"] }`).join(", ");
    const providers = `[[ice.providers]]\ntype = "coturn"\nsecrets-file = "secrets"\nrelays = [${listed}]\n`;
    const server = await stage.server({ flags: ["--relay=false"], files: { secrets: SECRET, "antiphon.toml": providers } });
    const tabs = await Promise.all(["ada", "tallis"].map((name) => stage.sdkTab(name, server.url, { relayBy: "udp" })));
    for (const tab of tabs) {
      await tab.join(server.token({ room: stage.room, identity: tab.name }));
    }
    await Promise.all(tabs.map((tab) => tab.receivesMediaFrom(1)));
    const used = await tabs[0].page.evaluate(async () => (await window.antiphon.room.getStats())[0].selected.local.url);
    const watched = tabs.map((tab) => tab.page.evaluate(longestSilence, WATCHED_MS));
    await relays.find(({ port }) => used.includes(`:${port}`)).close();
    const silent = await Promise.all(watched);
    gaps.push(Math.max(...silent));
    console.log(`silent for ${silent.map((ms) => Math.round(ms)).join(" and ")} ms`);
    if (gaps.length === ROUNDS) {
      report();
    }
  });
}

function report() {
  const sorted = [...gaps].sort((one, other) => one - other);
  const at = (part) => (sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] / 1_000).toFixed(2);
  console.log(`figure relay_loss_gap_s_p50 ${at(0.5)}`);
  console.log(`figure relay_loss_gap_s_p95 ${at(0.95)}`);
  console.log(`figure relay_loss_gap_s_max ${at(1)}`);
}

/** In the page: the longest time in `forMs` without a new packet of sound, in ms. */
async function longestSilence(forMs) {
  const packets = async () => {
    const [{ received }] = await window.antiphon.room.getStats();
    return received.filter(({ kind }) => kind === "audio").reduce((sum, { packets: count }) => sum + count, 0);
  };
  const begun = performance.now();
  let [last, at, longest] = [await packets(), begun, 0];
  while (performance.now() - begun < forMs) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const [count, now] = [await packets(), performance.now()];
    longest = Math.max(longest, now - at);
    if (count > last) {
      [last, at] = [count, now];
    }
  }
  return longest;
}
