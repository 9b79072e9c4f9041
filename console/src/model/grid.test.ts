import { describe, expect, it } from "vitest";
import { layoutGrid, type Size } from "./grid";

const GAP = 12;
const DESKTOP: Size = { width: 1440, height: 760 };
const TABLET: Size = { width: 768, height: 860 };
const PHONE: Size = { width: 336, height: 520 };

describe("layoutGrid", () => {
  it("gives a single tile the whole box within camera proportions", () => {
    const { columns, rows, tile } = layoutGrid(DESKTOP, 1, GAP);
    expect({ columns, rows }).toEqual({ columns: 1, rows: 1 });
    expect(tile.width / tile.height).toBeCloseTo(16 / 9, 1);
  });

  it("puts two side by side on a desktop and one above the other on a phone", () => {
    expect(layoutGrid(DESKTOP, 2, GAP).columns).toBe(2);
    expect(layoutGrid(PHONE, 2, GAP).columns).toBe(1);
  });

  it("puts four two by two on a phone", () => {
    expect(layoutGrid(PHONE, 3, GAP)).toMatchObject({ columns: 1, rows: 3 });
    expect(layoutGrid(PHONE, 4, GAP)).toMatchObject({ columns: 2, rows: 2 });
    expect(layoutGrid({ width: 366, height: 700 }, 4, GAP)).toMatchObject({ columns: 2, rows: 2 });
  });

  it("makes squares of squares on a desktop", () => {
    expect(layoutGrid(DESKTOP, 4, GAP)).toMatchObject({ columns: 2, rows: 2 });
    expect(layoutGrid(DESKTOP, 9, GAP)).toMatchObject({ columns: 3, rows: 3 });
    expect(layoutGrid(DESKTOP, 16, GAP)).toMatchObject({ columns: 4, rows: 4 });
  });

  it("never overflows a box that it does not declare scrolling", () => {
    for (const box of [DESKTOP, TABLET, PHONE, { width: 500, height: 200 }]) {
      for (let count = 1; count <= 16; count += 1) {
        const { columns, rows, tile, scrolls } = layoutGrid(box, count, GAP);
        expect(columns * rows).toBeGreaterThanOrEqual(count);
        expect(columns * tile.width + (columns - 1) * GAP).toBeLessThanOrEqual(box.width);
        if (!scrolls) expect(rows * tile.height + (rows - 1) * GAP).toBeLessThanOrEqual(box.height);
      }
    }
  });

  it("shows sixteen at once on phones, upright and on their side", () => {
    for (const box of [{ width: 366, height: 716 }, PHONE, { width: 296, height: 430 }, { width: 820, height: 240 }]) {
      const { scrolls, tile } = layoutGrid(box, 16, 8);
      expect(scrolls).toBe(false);
      expect(tile.width).toBeGreaterThanOrEqual(84);
      expect(tile.height).toBeGreaterThanOrEqual(60);
    }
  });

  it("scrolls readable tiles in a box that is too small for them, instead of shrinking them", () => {
    const { scrolls, columns, tile } = layoutGrid({ width: 296, height: 200 }, 16, 8);
    expect(scrolls).toBe(true);
    expect(columns).toBe(3);
    expect(tile.width).toBeGreaterThanOrEqual(84);
    expect(tile.height).toBeGreaterThanOrEqual(60);
  });

  it("keeps tiles of an upright box no narrower than two to three", () => {
    for (let count = 1; count <= 16; count += 1) {
      const { tile } = layoutGrid(PHONE, count, GAP);
      expect(tile.width / tile.height).toBeGreaterThan(0.66);
    }
  });

  it("survives a box that has no size yet", () => {
    expect(layoutGrid({ width: 0, height: 0 }, 4, GAP).tile).toEqual({ width: 0, height: 0 });
    expect(layoutGrid(DESKTOP, 0, GAP).tile).toEqual({ width: 0, height: 0 });
  });
});
