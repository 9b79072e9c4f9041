import assert from "node:assert/strict";

import { eventually } from "../support/eventually.mjs";
import { scenario } from "../support/stage.mjs";

/** The first scenario also starts Firefox, which takes its time on a busy machine. */
const STARTING = { withinMs: 150_000 };

scenario("Firefox and Chromium at the call page: pictures, sound, chat, mute and a shared screen", async (stage) => {
  const server = await stage.server();
  const ada = await stage.callTab("ada", server.url);
  const fox = await stage.firefoxCallTab("fox", server.url);
  // The newcomer offers: Chromium here, Firefox below.
  await fox.join();
  await ada.join();
  await Promise.all([ada.receivesMediaFrom(1), fox.receivesMediaFrom(1)]);
  await moves(fox, `[data-testid="tile"][data-identity="${await ada.identity}"]`);

  await ada.part("chat-toggle").click();
  await fox.part("chat-toggle").click();
  await ada.say("Can the fox hear me?");
  await fox.say("Loud and clear.");
  await ada.reads("Loud and clear.");
  await eventually("the fox reads both", () => fox.messages(), {
    isReached: ([first = "", second = "", ...more]) => /hear me/.test(first) && /clear/.test(second) && more.length === 0,
  });

  await fox.part("mic-toggle").click();
  await (await ada.tileOf(fox)).getByTestId("tile-muted").waitFor();
  await ada.receivesSilence();
  await fox.part("mic-toggle").click();
  // Its camera is closed and opened again, in the same media section.
  await fox.part("camera-toggle").click();
  await ada.page.locator(`[data-testid="tile"][data-identity="${await fox.identity}"][data-video="false"]`).waitFor();
  await fox.part("camera-toggle").click();
  await ada.receivesMediaFrom(1);

  await ada.part("screen-toggle").click();
  await moves(fox, `[data-testid="screen-tile"]`);
  await ada.part("screen-toggle").click();
  await eventually("the shared screen is gone", () => fox.page.$('[data-testid="screen-tile"]'), { isReached: (tile) => tile === null });

  await fox.part("leave-button").click();
  await eventually("ada is alone", () => ada.page.evaluate(() => window.antiphon.room.participants.size), {
    isReached: (others) => others === 0,
  });
}, STARTING);

scenario("Firefox and Chromium by the SDK: data, offers that cross, a media section used again, an ICE restart", async (stage) => {
  const server = await stage.server();
  const proxy = await stage.proxy(server);
  const ada = await stage.sdkTab("ada", proxy.url);
  const fox = await stage.firefoxSdkTab("fox", proxy.url);
  const tabs = [ada, fox];
  for (const tab of tabs) {
    await tab.join(server.token({ room: stage.room, identity: tab.name }));
  }
  await Promise.all(tabs.map((tab) => tab.receivesMediaFrom(1)));

  for (const [from, to] of [tabs, [fox, ada]]) {
    for (const lossy of [false, true]) {
      await from.sendData(`from ${from.name}`, { topic: "greeting", lossy });
      await eventually(`${to.name} is told by ${from.name}`, () => to.page.evaluate(() => window.sdkPage.delivered()), {
        isReached: (delivered) =>
          delivered.some((data) => data.identity === from.name && data.lossy === lossy && data.topic === "greeting" && data.text === `from ${from.name}`),
      });
    }
  }

  await shareAtOnce(tabs, proxy);
  const collisions = (await Promise.all(tabs.map((tab) => tab.peers()))).flat().reduce((sum, peer) => sum + peer.collisions, 0);
  assert.ok(collisions > 0, "the offers did not meet");

  await Promise.all(tabs.map((tab) => tab.page.evaluate(() => window.sdkPage.unshare())));
  await Promise.all(tabs.map(isSettled));
  const sections = await Promise.all(tabs.map(countSections));
  await Promise.all(tabs.map((tab) => tab.page.evaluate(() => window.sdkPage.share())));
  await Promise.all(tabs.map(seesShare));
  assert.deepEqual(await Promise.all(tabs.map(countSections)), sections, "the sections of what was withdrawn are used again");

  for (const tab of tabs) {
    const before = await tab.page.evaluate(selectedPair);
    await tab.page.evaluate(() => [...window.antiphon.room.peers.values()][0].connection.restartIce());
    await eventually(`another path after ${tab.name} restarted ICE`, () => tab.page.evaluate(selectedPair), {
      isReached: (pair) => pair.ufrag !== before.ufrag && pair.local === "host" && pair.protocol === "udp",
    });
    await Promise.all(tabs.map(isSettled));
  }
  await Promise.all(tabs.map((tab) => tab.receivesMediaFrom(1)));
});

/** A video plays. @param {import("../support/firefox.mjs").FirefoxCallTab} tab */
async function moves(tab, parent) {
  await tab.page.waitForSelector(`${parent} video`);
  const before = await tab.video(parent);
  await eventually(`${tab.name} sees ${parent} move`, () => tab.video(parent), { isReached: ({ width, at }) => width > 0 && at > before.at });
}

/** Both offer one more track before either hears of the other's offer. */
async function shareAtOnce(tabs, proxy) {
  proxy.hold();
  await Promise.all(tabs.map((tab) => tab.page.evaluate(() => window.sdkPage.share())));
  await eventually("both ends have offered", async () => (await Promise.all(tabs.map((tab) => tab.peers()))).flat(), {
    isReached: (ends) => ends.every(({ signalingState }) => signalingState === "have-local-offer"),
  });
  proxy.release();
  await Promise.all(tabs.map(seesShare));
  await Promise.all(tabs.map(isSettled));
}

function seesShare(tab) {
  return eventually(`${tab.name} decodes what is shared`, () => tab.page.evaluate(() => window.sdkPage.sharedFrames()), {
    isReached: (frames) => Object.values(frames).length === 1 && Object.values(frames).every((count) => count >= 3),
  });
}

function isSettled(tab) {
  return eventually(`${tab.name} is settled`, () => tab.peers(), {
    isReached: ([peer]) => peer.signalingState === "stable" && peer.connectionState === "connected",
  });
}

function countSections(tab) {
  return tab.page.evaluate(() => [...window.antiphon.room.peers.values()][0].connection.getTransceivers().length);
}

/** How the path in use is described, and the ICE session that it belongs to. Runs in the page. */
async function selectedPair() {
  const [{ selected }] = await window.antiphon.room.getStats();
  const { connection } = [...window.antiphon.room.peers.values()][0];
  return { local: selected?.local.type, protocol: selected?.local.protocol, ufrag: /^a=ice-ufrag:(.*)$/m.exec(connection.currentLocalDescription.sdp)?.[1] };
}
