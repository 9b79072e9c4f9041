import { eventually } from "../support/eventually.mjs";
import { scenario } from "../support/stage.mjs";

scenario("a tab that was away while its person went on elsewhere does not throw that one out", async (stage) => {
  const server = await stage.server();
  const proxy = await stage.proxy(server);
  const away = await stage.sdkTab("away", proxy.url);
  const token = server.token({ room: stage.room, identity: "ada" });
  await away.join(token);

  proxy.refuse();
  proxy.breakAll();
  const elsewhere = await stage.sdkTab("elsewhere", server.url);
  await elsewhere.join(token);
  proxy.accept();
  await eventually("the tab knows why it is out", () => away.page.evaluate(() => window.sdkPage.told.disconnected), {
    isReached: (reasons) => reasons.join() === "duplicate_identity",
  });
  // The other one's own messages come back to it over the connection that it has.
  await elsewhere.page.evaluate(() => window.antiphon.room.sendChat("still here"));
});
