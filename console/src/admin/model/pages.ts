import type { Page } from "./resources";

/** The beginning of a long list. */
export interface Listing<Item> {
  readonly items: readonly Item[];
  /** There is more behind it. */
  readonly hasMore: boolean;
}

/** Reads the first `count` pages. */
export async function readPages<Item>(
  count: number,
  readPage: (cursor: string | undefined) => Promise<Page<Item>>,
): Promise<Listing<Item>> {
  const items: Item[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < count; page += 1) {
    const { items: found, nextCursor } = await readPage(cursor);
    items.push(...found);
    if (nextCursor === undefined) return { items, hasMore: false };
    cursor = nextCursor;
  }
  return { items, hasMore: true };
}
