import { scenario } from "../support/stage.mjs";

scenario("four tabs in a mesh: pictures and sound in all twelve directions", async (stage) => {
  const server = await stage.server();
  const tabs = [];
  for (const name of ["ada", "byrd", "clara", "tallis"]) {
    const tab = await stage.callTab(name, server.url);
    await tab.join();
    tabs.push(tab);
  }
  await Promise.all(tabs.map((tab) => tab.receivesMediaFrom(3, { withinMs: 40_000 })));
});
