import assert from "node:assert/strict";

import { isAccessible } from "../support/axe.mjs";
import { eventually } from "../support/eventually.mjs";
import { scenario } from "../support/stage.mjs";

scenario("axe finds nothing before the call, in the lobby, and at the end", async (stage) => {
  const server = await stage.server();
  const host = await stage.callTab("host", server.url);
  await host.open({ moderate: true });
  await host.part("level-meter").waitFor();
  await isAccessible(host, "before the call");
  await host.enter();
  await host.part("call-screen").waitFor();
  await isAccessible(host, "alone in the call");
  await host.part("people-toggle").click();
  await host.part("lobby-toggle").click();
  await host.page.locator('[data-testid="lobby-toggle"][data-on="true"]').waitFor();

  const guest = await stage.callTab("guest", server.url);
  await guest.open();
  await guest.enter();
  await guest.part("lobby-screen").waitFor();
  await isAccessible(guest, "in the lobby");
  await host.part("waiting-person").waitFor();
  await isAccessible(host, "somebody waits");
  await host.part("waiting-person").getByTestId("refuse-button").click();
  await guest.end();
  await isAccessible(guest, "at the end");

  const denied = await stage.callTab("denied", server.url, { permissions: "denied" });
  await denied.open();
  await denied.part("device-trouble").waitFor();
  await isAccessible(denied, "devices denied");
});

scenario("axe finds nothing in a call with everything open", async (stage) => {
  const server = await stage.server();
  const host = await stage.callTab("host", server.url);
  await host.join({ moderate: true });
  const crowd = stage.crowd(server);
  const ken = await crowd.add("Ken");
  ken.send({ update: { attributes: { hand: "1" } } });
  ken.send({ chat: { text: "The score: https://scores.example/7" } });
  await host.part("toast").filter({ hasText: "Ken: The score" }).waitFor();
  await isAccessible(host, "a call");

  await host.part("people-toggle").click();
  await host.part("raised-hand").waitFor();
  await isAccessible(host, "the people");
  await host.part("kick-button").click();
  await isAccessible(host, "a question");
  await host.page.keyboard.press("Escape");
  await host.part("chat-toggle").click();
  await host.part("chat-message").waitFor();
  await host.say("Found it");
  await host.reads("Found it");
  await isAccessible(host, "the chat");
  await host.part("more-toggle").click();
  await isAccessible(host, "the menu");
  await host.part("help-button").click();
  await isAccessible(host, "the help");
  await host.page.keyboard.press("Escape");
  await host.part("more-toggle").click();
  await host.part("settings-button").click();
  await isAccessible(host, "the devices");
  await host.page.keyboard.press("Escape");
  await host.part("reactions-toggle").click();
  await host.part("react").first().click();
  await isAccessible(host, "a reaction");
  await host.page.setViewportSize({ width: 390, height: 844 });
  await isAccessible(host, "a phone");
});

scenario("everything is done with the keyboard: the focus goes where one looks, and comes back", async (stage) => {
  const server = await stage.server();
  const host = await stage.callTab("host", server.url);
  await host.open({ moderate: true });
  await host.part("name-input").fill("host");
  await host.page.locator('[data-testid="mic-toggle"]:enabled').waitFor();
  await host.page.keyboard.press("Enter");
  await host.part("call-screen").waitFor();
  assert.equal(await focused(host), "room-name", "the call begins at its heading");
  const crowd = stage.crowd(server);
  await crowd.add("Ken");
  await host.part("tile").nth(1).waitFor();

  await host.page.keyboard.press("Control+d");
  await host.page.locator('[data-testid="mic-toggle"][data-on="false"]').waitFor();
  await host.part("chat-toggle").focus();
  await host.page.keyboard.press("Enter");
  assert.equal(await focused(host), "chat-input");
  await host.page.keyboard.press("Escape");
  assert.equal(await focused(host), "chat-toggle", "Escape leads back");

  await host.part("more-toggle").focus();
  await host.page.keyboard.press("Enter");
  await host.page.keyboard.press("Tab");
  assert.equal(await focused(host), "layout-toggle", "the menu follows its button");
  await host.page.keyboard.press("Escape");
  assert.equal(await focused(host), "more-toggle");
  await host.page.keyboard.press("Control+/");
  await host.part("help-dialog").waitFor();
  for (let i = 0; i < 4; i += 1) {
    await host.page.keyboard.press("Tab");
    assert.ok(await host.page.evaluate(() => document.activeElement === document.body || document.activeElement.closest("dialog") !== null), "the dialog keeps the focus");
  }
  await host.page.keyboard.press("Escape");
  await host.part("help-dialog").waitFor({ state: "detached" });
  assert.equal(await focused(host), "more-toggle", "the dialog gives the focus back");

  await host.page.keyboard.press("Control+Alt+p");
  await host.part("kick-button").focus();
  await host.page.keyboard.press("Enter");
  await host.part("kick-dialog").waitFor();
  assert.equal(await host.page.evaluate(() => document.activeElement.textContent), "Cancel", "the safe answer comes first");
  await host.page.keyboard.press("Escape");
  assert.equal(await focused(host), "kick-button");
  await host.page.keyboard.press("Enter");
  await host.page.keyboard.press("Tab");
  await host.page.keyboard.press("Enter");
  await host.part("tile").nth(1).waitFor({ state: "detached" });
  await eventually("the focus stays in the panel when its row is gone", () =>
    host.page.evaluate(() => document.activeElement.closest('[data-testid="people-panel"]') !== null),
  );
});

scenario("what happens is said to screen readers, by regions that were there before", async (stage) => {
  const server = await stage.server();
  const ada = await stage.callTab("ada", server.url);
  await ada.join();
  const said = await ada.page.evaluate(() => {
    window.said = [];
    for (const region of document.querySelectorAll('[aria-live="polite"], [role="log"]')) {
      new MutationObserver((changes) => {
        for (const { addedNodes } of changes) for (const node of addedNodes) window.said.push(node.textContent);
      }).observe(region, { childList: true, subtree: true });
    }
    return document.querySelectorAll('[role="log"]').length;
  });
  assert.ok(said >= 2);
  const crowd = stage.crowd(server);
  const ken = await crowd.add("Ken");
  ken.send({ update: { attributes: { hand: "1" } } });
  ken.send({ chat: { text: "hello" } });
  ken.send({ leave: {} });
  await eventually("all of it was said", () => ada.page.evaluate(() => window.said), {
    isReached: (texts) => ["Ken joined", "Ken raised a hand", "Ken: hello", "Ken left"].every((text) => texts.includes(text)),
  });
});

/** The `data-testid` of what has the focus. */
function focused(tab) {
  return tab.page.evaluate(() => document.activeElement?.getAttribute("data-testid"));
}
