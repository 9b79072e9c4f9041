import assert from "node:assert/strict";

import { eventually } from "../support/eventually.mjs";
import { scenario } from "../support/stage.mjs";

const SIZES = {
  "small phone": { width: 360, height: 640 },
  phone: { width: 390, height: 844 },
  "phone on its side": { width: 844, height: 390 },
  tablet: { width: 820, height: 1_180 },
  desktop: { width: 1_280, height: 800 },
  "wide screen": { width: 1_920, height: 1_080 },
};
const COUNTS = [1, 2, 5, 9, 16];
/** Below this a face and a name are no longer to be made out. */
const LEGIBLE = { width: 84, height: 60 };
/** Of a name, so many letters are to be seen at least: they tell people apart. */
const LETTERS = 8;
/** What a thumb hits (WCAG 2.2, 2.5.8 asks for 24, the phones' makers for 44). */
const THUMB = 44;
const NAMES = ["Hildegard of Bingen", "Tim", "Wolfgang Amadeus Mozart, who has a very long name", "Ken", "Žofie Nováková"];

scenario("from one to sixteen people, on six screens: all are seen at once, none overlaps, names are legible, controls in reach", async (stage) => {
  const server = await stage.server();
  const ada = await stage.callTab("ada", server.url, { viewport: SIZES.phone });
  await ada.join();
  const crowd = stage.crowd(server);

  for (const count of COUNTS) {
    while (crowd.size < count - 1) {
      await crowd.add(NAMES[crowd.size % NAMES.length]);
    }
    for (const [name, size] of Object.entries(SIZES)) {
      const where = `${count} on a ${name}`;
      await ada.page.setViewportSize(size);
      const tiles = await steadyTiles(ada, count, where);
      noneOverlaps(tiles, where);
      const stage = await ada.page.locator(".call-stage").boundingBox();
      for (const { box, label, name } of tiles) {
        const text = `${where}: ${JSON.stringify({ box, label, name })}`;
        assert.ok(box.width >= LEGIBLE.width && box.height >= LEGIBLE.height, text);
        assert.ok(box.left >= 0 && box.right <= size.width && box.top >= stage.y && box.bottom <= stage.y + stage.height + 1, text);
        assert.ok(label.left >= box.left && label.right <= box.right && label.top >= box.top && label.bottom <= box.bottom, text);
        assert.ok(label.fontSize >= 12 && name.seen >= Math.min(LETTERS, name.letters), text);
      }
      await controlsAreInReach(ada, size, where);
    }
  }

  // One in large, the others beside it.
  for (const [name, size] of Object.entries(SIZES)) {
    await ada.page.setViewportSize(size);
    await ada.page.keyboard.press("Control+Alt+l");
    const large = await ada.part("spotlight").boundingBox();
    const tiles = await ada.part("tile").evaluateAll((all) => all.map((tile) => tile.getBoundingClientRect().width * tile.getBoundingClientRect().height));
    assert.ok(large.width * large.height >= 2 * tiles.sort((a, b) => b - a)[1], `${name}: the one in large is large`);
    await ada.page.keyboard.press("Control+Alt+l");
    await ada.part("spotlight").waitFor({ state: "detached" });
  }
});

scenario("a tile that is chosen goes into the spotlight and stays; a shared screen does by itself", async (stage) => {
  const server = await stage.server();
  const ada = await stage.callTab("ada", server.url);
  const tallis = await stage.callTab("tallis", server.url);
  await ada.join();
  await tallis.join();
  await (await ada.tileOf(tallis)).getByTestId("pin").click();
  await ada.part("spotlight").locator(`[data-identity="${await tallis.identity}"]`).waitFor();

  await tallis.part("screen-toggle").click();
  await ada.part("screen-tile").waitFor();
  assert.equal(await ada.part("spotlight").getByTestId("screen-tile").count(), 0, "what was chosen stays");
  await ada.part("spotlight").getByTestId("pin").click();
  await ada.part("spotlight").getByTestId("screen-tile").waitFor();
  await tallis.part("screen-toggle").click();
  await ada.part("spotlight").waitFor({ state: "detached" });
});

/** The tiles, once there are so many and none of them moves any more. */
async function steadyTiles(tab, count, where) {
  let before = "";
  return eventually(
    `${where}: the tiles are in place`,
    () =>
      tab.part("tile").evaluateAll((all) =>
        all.map((tile) => {
          const label = tile.querySelector(".tile-label");
          const name = tile.querySelector(".tile-name");
          const { left, right, top, bottom } = label.getBoundingClientRect();
          // A letter is seen if it lies within the name's box, and nothing but the tile's own parts lies over it.
          const frame = name.getBoundingClientRect();
          const letters = Array.from(name.textContent);
          const seen = letters.filter((_, index) => {
            const range = document.createRange();
            range.setStart(name.firstChild, index);
            range.setEnd(name.firstChild, index + 1);
            const box = range.getBoundingClientRect();
            return box.right <= frame.right + 1 && box.bottom <= frame.bottom + 2;
          });
          const front = document.elementFromPoint((frame.left + frame.right) / 2, (frame.top + frame.bottom) / 2);
          return {
            box: tile.getBoundingClientRect().toJSON(),
            label: { left, right, top, bottom, fontSize: Number.parseFloat(getComputedStyle(label).fontSize) },
            name: { letters: letters.length, seen: tile.contains(front) ? seen.length : 0 },
          };
        }),
      ),
    {
      isReached: (tiles) => {
        const now = JSON.stringify(tiles);
        const isSteady = now === before;
        before = now;
        return tiles.length === count && isSteady;
      },
    },
  );
}

function noneOverlaps(tiles, where) {
  for (const [index, { box: one }] of tiles.entries()) {
    for (const { box: other } of tiles.slice(index + 1)) {
      const apart = one.right <= other.left || other.right <= one.left || one.bottom <= other.top || other.bottom <= one.top;
      assert.ok(apart, `${where}: ${JSON.stringify(one)} overlaps ${JSON.stringify(other)}`);
    }
  }
}

/** Every control is wholly on the screen, under the stage, and large enough. */
async function controlsAreInReach(tab, { width, height }, where) {
  const controls = await tab.page.locator(".controls button").evaluateAll((all) =>
    all.map((button) => ({ label: button.textContent, ...button.getBoundingClientRect().toJSON() })),
  );
  assert.ok(controls.length >= 6, `${where}: ${controls.length} controls`);
  const stage = await tab.page.locator(".call-stage").boundingBox();
  for (const control of controls) {
    const text = `${where}: ${JSON.stringify(control)}`;
    assert.ok(control.left >= 0 && control.right <= width && control.bottom <= height, text);
    assert.ok(control.width >= THUMB && control.height >= THUMB, text);
    assert.ok(control.top >= stage.y + stage.height, text);
  }
}
