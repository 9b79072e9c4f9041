import assert from "node:assert/strict";

import { isAccessible } from "../support/axe.mjs";
import { eventually } from "../support/eventually.mjs";
import { scenario } from "../support/stage.mjs";

scenario("who speaks is seen by a shape too, not by colour alone", async (stage) => {
  const server = await stage.server();
  const ada = await stage.callTab("ada", server.url);
  const tallis = await stage.callTab("tallis", server.url);
  await ada.join();
  await tallis.join();
  const tile = await ada.tileOf(tallis);
  // The fake microphone beeps once a second.
  await tile.getByTestId("speaking-bars").waitFor();
  await tallis.part("mic-toggle").click();
  await tile.getByTestId("tile-muted").waitFor();
  await tile.getByTestId("speaking-bars").waitFor({ state: "detached" });
});

scenario("the sound of everyone goes to the speaker that was chosen, and still does after a reload", async (stage) => {
  const server = await stage.server();
  const ada = await stage.callTab("ada", server.url);
  const tallis = await stage.callTab("tallis", server.url);
  await tallis.join();
  await ada.join();
  await ada.part("remote-audio").waitFor({ state: "attached" });

  await ada.part("more-toggle").click();
  await ada.part("settings-button").click();
  const speakers = await eventually("speakers are listed", () => speakersOf(ada), { isReached: ({ length }) => length > 1 });
  const chosen = speakers.at(-1);
  await ada.part("speaker-select").selectOption(chosen);
  await playsThrough(ada, chosen);
  await ada.part("speaker-test").click();
  await ada.part("speaker-test").and(ada.page.locator(":disabled")).waitFor();
  await ada.part("speaker-test").and(ada.page.locator(":enabled")).waitFor();

  await ada.join();
  await playsThrough(ada, chosen);
  await ada.receivesMediaFrom(1);
});

scenario("a browser that holds sound back until a click: the page says so, and one click brings it", async (stage) => {
  const server = await stage.server();
  const tallis = await stage.callTab("tallis", server.url);
  await tallis.join();
  const ada = await stage.callTab("ada", server.url);
  // The click on "Join" already allows sound here: what Safari does in a tab that was opened in the background.
  await ada.page.addInitScript(() => {
    const play = HTMLAudioElement.prototype.play;
    HTMLAudioElement.prototype.play = function () {
      return window.mayPlay === true ? play.call(this) : Promise.reject(new DOMException("not yet", "NotAllowedError"));
    };
  });
  await ada.join();
  await ada.part("playback-banner").waitFor();
  assert.match(await ada.part("playback-banner").innerText(), /You hear nothing yet/);
  assert.equal(await ada.part("remote-audio").evaluate((audio) => audio.paused), true);
  await isAccessible(ada, "the sound is held back");

  await ada.page.evaluate(() => (window.mayPlay = true));
  await ada.part("unblock-audio").click();
  await ada.part("playback-banner").waitFor({ state: "detached" });
  await eventually("the sound plays", () => ada.part("remote-audio").evaluate((audio) => !audio.paused && audio.currentTime > 0));
});

/** The ids of the speakers in the open dialog, without the system's choice. */
function speakersOf(tab) {
  return tab.part("speaker-select").locator("option").evaluateAll((all) => all.map(({ value }) => value).filter((id) => id !== "" && id !== "default"));
}

function playsThrough(tab, deviceId) {
  return eventually(`${tab.name} hears through ${deviceId}`, () => tab.part("remote-audio").evaluateAll((all) => all.map(({ sinkId }) => sinkId)), {
    isReached: (ids) => ids.length === 1 && ids[0] === deviceId,
  });
}
