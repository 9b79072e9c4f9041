import { describe, expect, it } from "vitest";
import { readPages } from "./pages";

const letters = ["a", "b", "c", "d", "e"];

/** Pages of two; a cursor is the place where the next one begins. */
async function readLetters(cursor = "0") {
  const start = Number(cursor);
  const end = start + 2;
  return { items: letters.slice(start, end), ...(end < letters.length ? { nextCursor: String(end) } : {}) };
}

describe("readPages", () => {
  it("reads as many pages as are asked for, and says whether there is more", async () => {
    expect(await readPages(1, readLetters)).toEqual({ items: ["a", "b"], hasMore: true });
    expect(await readPages(2, readLetters)).toEqual({ items: ["a", "b", "c", "d"], hasMore: true });
  });

  it("stops at the last page", async () => {
    let requests = 0;
    const counted = (cursor?: string) => {
      requests += 1;
      return readLetters(cursor);
    };
    expect(await readPages(10, counted)).toEqual({ items: letters, hasMore: false });
    expect(requests).toBe(3);
  });
});
