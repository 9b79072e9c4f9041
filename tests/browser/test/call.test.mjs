import assert from "node:assert/strict";

import { eventually } from "../support/eventually.mjs";
import { scenario } from "../support/stage.mjs";

scenario("two tabs see and hear each other, chat, mute, share a screen, and leave", async (stage) => {
  const server = await stage.server();
  const ada = await stage.callTab("ada", server.url);
  const tallis = await stage.callTab("tallis", server.url);
  await ada.join();
  await tallis.join();

  assert.equal(await ada.page.evaluate(() => window.antiphon.room.name), stage.room);
  await Promise.all([ada.receivesMediaFrom(1), tallis.receivesMediaFrom(1)]);
  await picturesAreShown(ada, tallis);
  await picturesAreShown(tallis, ada);

  await ada.part("chat-toggle").click();
  await tallis.part("chat-toggle").click();
  await ada.say("Can you hear the second choir?");
  await tallis.reads("Can you hear the second choir?");
  await tallis.say("Loud and clear.");
  await ada.reads("Loud and clear.");
  await tallis.reads("Loud and clear.");

  await ada.part("mic-toggle").click();
  const adaAsSeen = await tallis.tileOf(ada);
  await adaAsSeen.getByTestId("tile-muted").waitFor();
  await tallis.receivesSilence();
  await ada.part("mic-toggle").click();
  await adaAsSeen.getByTestId("tile-muted").waitFor({ state: "detached" });
  await tallis.receivesMediaFrom(1);

  await ada.part("camera-toggle").click();
  await tallis.page.locator(`[data-testid="tile"][data-identity="${await ada.identity}"][data-video="false"]`).waitFor();
  await ada.part("camera-toggle").click();
  await picturesAreShown(tallis, ada);

  await ada.part("screen-toggle").click();
  const screen = tallis.part("screen-tile").locator("video");
  await screen.waitFor();
  await eventually("the shared screen moves", () => screen.evaluate(({ videoWidth, currentTime }) => videoWidth > 0 && currentTime > 0));
  await ada.part("screen-toggle").click();
  await tallis.part("screen-tile").waitFor({ state: "detached" });

  await tallis.part("leave-button").click();
  assert.equal((await tallis.end()).kind, "left");
  await eventually("ada is alone", () => ada.page.evaluate(() => window.antiphon.room.participants.size), {
    isReached: (others) => others === 0,
  });
  await ada.part("tile").first().waitFor();
});

/** The other one's tile plays a picture. */
async function picturesAreShown(tab, other) {
  const video = (await tab.tileOf(other)).locator("video");
  await video.waitFor();
  const before = await video.evaluate(({ currentTime }) => currentTime);
  await eventually(
    `${tab.name} sees ${other.name} move`,
    () => video.evaluate(({ videoWidth, currentTime }) => ({ videoWidth, currentTime })),
    { isReached: ({ videoWidth, currentTime }) => videoWidth > 0 && currentTime > before },
  );
}
