import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { eventually } from "../support/eventually.mjs";
import { scenario } from "../support/stage.mjs";

scenario("another camera is taken without a negotiation; one that dies is replaced, or its track muted where there is no other", async (stage) => {
  const server = await stage.server();
  const [ada, tallis] = await Promise.all(["ada", "tallis"].map((name) => stage.sdkTab(name, server.url)));
  const token = ({ name }) => server.token({ room: stage.room, identity: name });
  const both = { microphone: true, camera: true };
  await ada.page.evaluate(([given, devices]) => window.sdkPage.joinWith(given, devices), [token(ada), both]);
  await tallis.page.evaluate(([given, devices]) => window.sdkPage.joinWith(given, devices), [token(tallis), both]);
  await tallis.receivesMediaFrom(1);
  await ada.receivesMediaFrom(1);
  const [{ negotiations }] = await ada.peers();

  const chosen = await ada.page.evaluate(async () => {
    const { room } = window.antiphon;
    const open = room.localParticipant.trackFrom("camera").mediaStreamTrack.getSettings().deviceId;
    const other = (await room.listDevices("camera")).findLast(({ id }) => id !== open);
    await room.setDevice("camera", other.id);
    return { wanted: other.id, got: room.localParticipant.trackFrom("camera").mediaStreamTrack.getSettings().deviceId };
  });
  assert.equal(chosen.got, chosen.wanted);
  await tallis.receivesMediaFrom(1);
  assert.equal((await ada.peers())[0].negotiations, negotiations);

  // As where the other cameras were unplugged too.
  await tallis.page.evaluate(() => (navigator.mediaDevices.enumerateDevices = async () => []));
  await endCameras(ada.page);
  assert.deepEqual(await lost(ada), [{ source: "camera", isReplaced: true }]);
  await tallis.receivesMediaFrom(1);
  assert.deepEqual(await lost(tallis), [{ source: "camera", isReplaced: false }]);
  await eventually("ada sees that tallis's camera is off", () =>
    ada.page.evaluate(() => [...window.antiphon.room.participants.values()][0].trackFrom("camera").muted),
  );
  // The person switches it on again.
  await tallis.page.evaluate(() => window.antiphon.room.localParticipant.setCameraEnabled(true));
  await ada.receivesMediaFrom(1);
});

scenario("sound that the browser holds back is told, and plays after a click", async (stage) => {
  const server = await stage.server();
  const tallis = await stage.sdkTab("tallis", server.url);
  await tallis.join(server.token({ room: stage.room, identity: "tallis" }));
  const ada = await stage.sdkTab("ada", server.url, { browser: "silent" });
  await ada.quietly(`sdkPage.joinWith(${JSON.stringify(server.token({ room: stage.room, identity: "ada" }))})`);
  await eventually("ada is told", () => ada.quietly("JSON.stringify(sdkPage.told.audioPlayback)"), { isReached: (told) => told === "[false]" });
  assert.equal(await ada.quietly("antiphon.room.canPlaybackAudio"), false);
  await assert.rejects(ada.quietly("antiphon.room.startAudio()"), /click/);

  await ada.quietly("addEventListener('click', () => void antiphon.room.startAudio())");
  await ada.page.mouse.click(100, 100);
  await eventually("ada is told again", () => ada.quietly("JSON.stringify(sdkPage.told.audioPlayback)"), { isReached: (told) => told === "[false,true]" });
  assert.equal(await ada.quietly("[...document.querySelectorAll('audio')].every(({ paused }) => !paused)"), true);
});

/** Ends the process of the tab's browser that runs its cameras: the browser tells the pages that they are gone. */
async function endCameras(page) {
  const browser = await page.context().browser().newBrowserCDPSession();
  const { processInfo } = await browser.send("SystemInfo.getProcessInfo");
  const cameras = processInfo.find(({ id }) => readFileSync(`/proc/${id}/cmdline`, "latin1").includes("VideoCaptureService"));
  assert.ok(cameras, `no process for cameras among ${JSON.stringify(processInfo)}`);
  process.kill(cameras.id, "SIGKILL");
}

/** What the tab was told of lost devices, once it was. */
function lost(tab) {
  return eventually(`${tab.name} lost a device`, () => tab.page.evaluate(() => window.sdkPage.told.deviceLost), {
    isReached: ({ length }) => length > 0,
  });
}
