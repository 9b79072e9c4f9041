/** Width and height in CSS pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** How a number of equal tiles fills a box. */
export interface GridLayout {
  readonly columns: number;
  readonly rows: number;
  readonly tile: Size;
  /** The tiles are at their smallest and do not fit: the box scrolls. */
  readonly scrolls: boolean;
}

/** Below this a face and a name label are no longer readable. Sixteen of these fit a phone of 320 by 568 pixels. */
const SMALLEST: Size = { width: 84, height: 60 };
/** The widest a tile gets in a box that lies on its side: what cameras deliver, so nothing is cropped. */
const WIDEST_RATIO = 16 / 9;
/** The widest in a box that stands upright: four people stand two by two, and are not stacked like letter boxes. */
const WIDEST_RATIO_PORTRAIT = 3 / 2;
/** The narrowest in a box that lies on its side. */
const NARROWEST_RATIO_LANDSCAPE = 4 / 3;
/** The narrowest in a box that stands upright, as on a phone: faces survive the crop. */
const NARROWEST_RATIO_PORTRAIT = 2 / 3;

/** Chooses the number of columns that gives `count` tiles in `box` the largest area, and leaves them legible. */
export function layoutGrid(box: Size, count: number, gap: number): GridLayout {
  if (count <= 0 || box.width <= 0 || box.height <= 0) {
    return { columns: 1, rows: 1, tile: { width: 0, height: 0 }, scrolls: false };
  }
  if (count === 1) return layoutWith(box, 1, gap, 1);
  let best: GridLayout | null = null;
  for (let columns = 1; columns <= count; columns += 1) {
    const candidate = layoutWith(box, count, gap, columns);
    if (!isLegible(candidate.tile)) continue;
    // A hair's gain does not justify another column: it would flip back and forth while a window is resized.
    if (best === null || area(candidate.tile) > area(best.tile) * 1.001) best = candidate;
  }
  return best ?? scrollingLayout(box, count, gap);
}

function isLegible({ width, height }: Size): boolean {
  return width >= SMALLEST.width && height >= SMALLEST.height;
}

function layoutWith(box: Size, count: number, gap: number, columns: number): GridLayout {
  const rows = Math.ceil(count / columns);
  const cell: Size = {
    width: Math.max(0, (box.width - gap * (columns - 1)) / columns),
    height: Math.max(0, (box.height - gap * (rows - 1)) / rows),
  };
  const tile =
    box.width >= box.height
      ? fit(cell, NARROWEST_RATIO_LANDSCAPE, WIDEST_RATIO)
      : fit(cell, NARROWEST_RATIO_PORTRAIT, WIDEST_RATIO_PORTRAIT);
  return { columns, rows, tile, scrolls: false };
}

/** The largest size within `cell` whose aspect ratio lies between `narrowest` and `widest`. */
function fit(cell: Size, narrowest: number, widest: number): Size {
  const ratio = cell.height > 0 ? cell.width / cell.height : widest;
  if (ratio > widest) return floor({ width: cell.height * widest, height: cell.height });
  if (ratio < narrowest) return floor({ width: cell.width, height: cell.width / narrowest });
  return floor(cell);
}

function scrollingLayout(box: Size, count: number, gap: number): GridLayout {
  const columns = Math.min(count, Math.max(1, Math.floor((box.width + gap) / (SMALLEST.width + gap))));
  const width = Math.floor((box.width - gap * (columns - 1)) / columns);
  const height = Math.max(SMALLEST.height, Math.floor(width / NARROWEST_RATIO_LANDSCAPE));
  return { columns, rows: Math.ceil(count / columns), tile: { width, height }, scrolls: true };
}

function floor(size: Size): Size {
  return { width: Math.floor(size.width), height: Math.floor(size.height) };
}

function area(size: Size): number {
  return size.width * size.height;
}
