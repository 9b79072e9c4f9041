import assert from "node:assert/strict";

import { isAccessible } from "../support/axe.mjs";
import { eventually } from "../support/eventually.mjs";
import { scenario } from "../support/stage.mjs";

const PHONE = { width: 390, height: 844 };

scenario("the admin view shows a room appear and who joins it, and removes somebody, who is banned until the ban is lifted", async (stage) => {
  const server = await stage.server();
  const admin = await stage.adminTab("admin", server.url);
  await admin.enter();
  await admin.part("rooms-count").filter({ hasText: "0 rooms" }).waitFor();

  const ada = await stage.callTab("ada", server.url);
  await ada.join();
  await admin.rowOf(stage.room).click();
  await admin.person(await ada.identity).waitFor();
  await admin.follows();
  const tallis = await stage.callTab("tallis", server.url);
  await tallis.join();
  const row = admin.person(await tallis.identity);
  await row.and(admin.page.locator('[data-state="CONNECTED"]')).waitFor();
  await row.getByRole("img", { name: "Microphone" }).waitFor();
  await admin.event("tallis joined").waitFor();

  await row.getByTestId("admin-kick").click();
  await admin.part("admin-kick-reason").fill("too loud");
  await admin.part("admin-kick-confirm").click();
  const end = await tallis.end();
  assert.equal(end.kind, "kicked");
  assert.match(end.words, /too loud/i);
  await row.waitFor({ state: "detached" });
  await admin.event("tallis was removed").waitFor();
  await admin.part("admin-ban").waitFor();
  await admin.part("admin-lift").click();
  await admin.part("admin-ban").waitFor({ state: "detached" });
  await tallis.part("home-button").click();
  await tallis.join();
  await admin.person(await tallis.identity).waitFor();
});

scenario("from the admin view a room is locked, given a waiting room, told something and ended, and somebody muted and let in", async (stage) => {
  const server = await stage.server();
  const ada = await stage.callTab("ada", server.url);
  await ada.join();
  const admin = await stage.adminTab("admin", server.url);
  await admin.enter(stage.room);

  await admin.part("lock-room").click();
  await ada.part("room-locked").waitFor();
  await admin.part("lock-room").and(admin.page.locator('[aria-pressed="true"]')).waitFor();
  await admin.part("lock-room").click();
  await ada.part("room-locked").waitFor({ state: "detached" });

  await admin.person(await ada.identity).getByTestId("admin-mute").click();
  await ada.page.locator('[data-testid="mic-toggle"][data-on="false"]').waitFor();
  await admin.person(await ada.identity).getByRole("img", { name: "Microphone, muted" }).waitFor();

  await admin.part("notice-input").fill("The server is restarted at five");
  await admin.part("notice-send").click();
  await ada.part("toast").filter({ hasText: "Administrator: The server is restarted at five" }).waitFor();

  await admin.part("lobby-room").click();
  await admin.part("lobby-room").and(admin.page.locator('[aria-pressed="true"]')).waitFor();
  const eve = await stage.callTab("eve", server.url);
  await eve.open();
  await eve.enter();
  await eve.part("lobby-screen").waitFor();
  await admin.part("admin-waiting").getByTestId("admin-admit").click();
  await eve.part("call-screen").waitFor();
  await admin.part("admin-waiting").waitFor({ state: "detached" });

  await admin.part("end-room").click();
  await admin.part("end-room-dialog").getByRole("button", { name: "Cancel" }).click();
  assert.equal(await ada.part("call-screen").count(), 1, "nothing ends before the answer");
  await admin.part("end-room").click();
  await admin.part("end-room-confirm").click();
  assert.equal((await ada.end()).kind, "roomEnded");
  assert.equal((await eve.end()).kind, "roomEnded");
  await admin.part("room-gone").waitFor();
  await admin.rowOf(stage.room).waitFor({ state: "detached" });
});

scenario("a connection that breaks is seen in the admin view, and that it is back", async (stage) => {
  const server = await stage.server();
  const proxy = await stage.proxy(server);
  const ada = await stage.callTab("ada", proxy.url);
  await ada.join();
  const admin = await stage.adminTab("admin", server.url);
  await admin.enter(stage.room);
  await admin.follows();
  proxy.refuse();
  proxy.breakAll();
  const row = admin.person(await ada.identity);
  await row.and(admin.page.locator('[data-state="DISCONNECTED"]')).waitFor();
  assert.match(await row.innerText(), /Reconnecting/);
  await admin.event("ada lost the connection").waitFor();
  proxy.accept();
  await row.and(admin.page.locator('[data-state="CONNECTED"]')).waitFor();
  await admin.event("ada is connected again").waitFor();
});

scenario("the admin view goes on when its own connection breaks: what happened meanwhile is told, once", async (stage) => {
  const server = await stage.server();
  const proxy = await stage.proxy(server);
  const crowd = stage.crowd(server);
  const ken = await crowd.add("Ken");
  const admin = await stage.adminTab("admin", proxy.url);
  await admin.enter(stage.room);
  await admin.follows();
  proxy.refuse();
  proxy.breakAll();
  await admin.page.locator('[data-testid="event-source"][data-source="brokenStream"]').waitFor();
  ken.send({ chat: { text: "Is anybody there?" } });
  await crowd.add("Tim");
  proxy.accept();
  await admin.follows();
  await admin.event("Tim joined").waitFor();
  await admin.event("Ken: Is anybody there?").waitFor();
  assert.deepEqual((await admin.part("event").allInnerTexts()).map((text) => text.split("\n").at(-1)).sort(), ["Ken: Is anybody there?", "Tim joined"]);
});

scenario("more rooms than a page holds are read on, and searched", async (stage) => {
  const server = await stage.server();
  for (let index = 0; index < 130; index += 1) {
    await stage.crowd(server, `room-${String(index).padStart(3, "0")}`).add("Ken");
  }
  const admin = await stage.adminTab("admin", server.url);
  await admin.enter();
  await admin.part("rooms-count").filter({ hasText: "100+ rooms" }).waitFor();
  await admin.part("more-rooms").click();
  await admin.part("rooms-count").filter({ hasText: "130 rooms, 130 people" }).waitFor();
  await admin.part("more-rooms").waitFor({ state: "detached" });

  await admin.page.reload();
  await admin.part("rooms-count").filter({ hasText: "100+ rooms" }).waitFor();
  await admin.part("room-search").fill("ROOM-12");
  await admin.part("rooms-count").filter({ hasText: "10 rooms" }).waitFor();
  await admin.part("room-search").fill("nothing has this name");
  await admin.page.getByText("No room has this in its name.").waitFor();
});

scenario("only a token that grants admin opens the admin view; it never stands in an address, and is forgotten when it is no good", async (stage) => {
  const server = await stage.server();
  const admin = await stage.adminTab("admin", server.url);
  const addresses = [];
  admin.page.on("request", (request) => addresses.push(request.url()));
  await admin.open();
  for (const [token, complaint] of [
    ["", /paste/],
    ["nonsense", /not a token/],
    [server.token({ room: stage.room, identity: "ada", moderate: true }), /does not grant admin/],
  ]) {
    await admin.part("token-input").fill(token);
    await admin.part("token-submit").click();
    assert.match(await admin.part("token-complaint").innerText(), complaint);
  }

  const token = server.adminToken();
  await stage.crowd(server).add("Ken");
  await admin.open(`?room=${stage.room}#token=${token}`);
  await admin.page.reload();
  await admin.follows();
  assert.equal(new URL(admin.page.url()).hash, "");
  assert.ok(addresses.some((address) => address.includes("/v1/rooms")), "the server was asked");
  assert.ok(addresses.some((address) => address.endsWith("/events")), "and followed");
  assert.ok(!addresses.some((address) => address.includes(token)), "no request names the token in its address");
  await admin.part("sign-out").click();
  await admin.part("token-screen").waitFor();
  await admin.page.reload();
  await admin.part("token-screen").waitFor();

  const [head, claims] = token.split(".");
  await admin.part("token-input").fill(`${head}.${claims}.${"A".repeat(43)}`);
  await admin.part("token-submit").click();
  await admin.part("token-reason").waitFor();
});

scenario("what the server refuses is shown in its own words", async (stage) => {
  const server = await stage.server({ flags: ["--tenant-request-rate", "1"] });
  const ada = await stage.callTab("ada", server.url);
  await ada.join();
  const admin = await stage.adminTab("admin", server.url);
  await admin.enter();
  await admin.open(`?room=${stage.room}`);
  const problem = admin.part("problem").first();
  await problem.waitFor();
  await eventually("it says what and when", () => problem.innerText(), {
    isReached: (words) => /[Tt]oo many requests/.test(words) && /429 rate_limited/.test(words) && /Try again in/.test(words),
  });
});

scenario("axe finds nothing in the admin view, wide and narrow", async (stage) => {
  const server = await stage.server();
  const ada = await stage.callTab("ada", server.url);
  await ada.join({ moderate: true });
  const admin = await stage.adminTab("admin", server.url);
  await admin.open();
  await admin.part("dev-admin").waitFor();
  await admin.part("token-submit").click();
  await admin.part("token-complaint").waitFor();
  await isAccessible(admin, "the token");
  await admin.enter(stage.room);
  await admin.part("lobby-room").click();
  const crowd = stage.crowd(server);
  void crowd.add("Ken").catch(() => {});
  await admin.part("admin-waiting").waitFor();
  await isAccessible(admin, "a room");
  await admin.page.setViewportSize(PHONE);
  await isAccessible(admin, "a room on a phone");
  assert.ok(await admin.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing is wider than a phone");
  await admin.part("admin-kick").first().click();
  await isAccessible(admin, "a question");
  await admin.page.keyboard.press("Escape");
  await admin.part("back-to-rooms").click();
  await isAccessible(admin, "the rooms on a phone");
});
