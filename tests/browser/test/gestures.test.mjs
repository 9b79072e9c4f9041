import assert from "node:assert/strict";

import { eventually } from "../support/eventually.mjs";
import { scenario } from "../support/stage.mjs";

scenario("hands go up in their order, and the host takes one down", async (stage) => {
  const server = await stage.server();
  const host = await stage.callTab("host", server.url);
  const ada = await stage.callTab("ada", server.url);
  const tallis = await stage.callTab("tallis", server.url);
  await host.join({ moderate: true });
  await ada.join();
  await tallis.join();

  await tallis.part("hand-toggle").click();
  await (await ada.tileOf(tallis)).and(ada.page.locator('[data-hand="true"]')).waitFor();
  await ada.part("hand-toggle").click();
  await host.part("toast").filter({ hasText: "ada raised a hand" }).waitFor();
  await host.part("people-toggle").click();
  const order = [await tallis.sid, await ada.sid];
  await eventually("both hands stand in their order", () => raisedHands(host), {
    isReached: (sids) => sids.join() === order.join(),
  });

  // Somebody who comes later sees the same order.
  const late = await stage.callTab("late", server.url);
  await late.join();
  await late.part("people-toggle").click();
  assert.deepEqual(await eventually("the latecomer sees both", () => raisedHands(late), { isReached: ({ length }) => length === 2 }), order);
  assert.equal(await late.part("lower-hand").count(), 0, "only the host takes hands down");

  await host.part("raised-hand").first().getByTestId("lower-hand").click();
  await tallis.page.locator('[data-testid="hand-toggle"][data-on="false"]').waitFor();
  await tallis.part("toast").filter({ hasText: "A moderator lowered your hand" }).waitFor();
  await eventually("ada's hand is left", () => raisedHands(late), { isReached: (sids) => sids.join() === order[1] });
});

scenario("a reaction rises on every screen, with a name", async (stage) => {
  const server = await stage.server();
  const ada = await stage.callTab("ada", server.url);
  const tallis = await stage.callTab("tallis", server.url);
  await ada.join();
  await tallis.join();
  await (await ada.tileOf(tallis)).waitFor();

  await ada.part("reactions-toggle").click();
  await ada.page.locator('[data-testid="react"][data-reaction="applause"]').click();
  await Promise.all([
    ada.page.locator('[data-testid="reaction"][data-reaction="applause"]').filter({ hasText: "You: Applause" }).waitFor(),
    tallis.page.locator('[data-testid="reaction"][data-reaction="applause"]').filter({ hasText: "ada: Applause" }).waitFor(),
  ]);
  await tallis.part("reaction").waitFor({ state: "detached" });
});

scenario("messages that come while the chat is closed are counted and quoted; links open safely", async (stage) => {
  const server = await stage.server();
  const ada = await stage.callTab("ada", server.url);
  const tallis = await stage.callTab("tallis", server.url);
  await ada.join();
  await tallis.join();
  await ada.part("chat-toggle").click();
  await ada.say("The score: https://scores.example/7");
  await ada.say("javascript:alert(1)");

  await tallis.page.locator('[data-testid="chat-toggle"][data-unread="2"]').waitFor();
  await tallis.part("toast").filter({ hasText: "ada: The score" }).waitFor();
  assert.match(await tallis.page.title(), /^\(2\) /);
  await tallis.part("chat-toggle").click();
  await tallis.page.locator('[data-testid="chat-toggle"][data-unread=""]').waitFor();
  await tallis.reads("javascript:alert(1)");
  const links = await tallis.part("chat-message").locator("a").evaluateAll((all) => all.map(({ href, rel, target }) => ({ href, rel, target })));
  assert.deepEqual(links, [{ href: "https://scores.example/7", rel: "noopener noreferrer", target: "_blank" }]);
});

/** The sids of the raised hands, in the order of the list. */
function raisedHands(tab) {
  return tab.part("raised-hand").evaluateAll((rows) => rows.map((row) => row.dataset.sid));
}
