import { describe, expect, it } from "vitest";
import { addToLog, type LogEntry, MOST_ENTRIES } from "./log";

const came = (text: string) => ({ kind: "came", text }) as const;

describe("addToLog", () => {
  it("puts the newest first and gives every line a key of its own", () => {
    const log = addToLog(addToLog([], [came("a"), came("b")], 1), [came("c")], 2);
    expect(log.map(({ text, key, atMs }) => [text, key, atMs])).toEqual([
      ["c", 2, 2],
      ["b", 1, 1],
      ["a", 0, 1],
    ]);
  });

  it("is the same log where nothing happened, and forgets the oldest lines", () => {
    let log: readonly LogEntry[] = [];
    for (let i = 0; i < MOST_ENTRIES + 3; i += 1) log = addToLog(log, [came(String(i))], i);
    expect(log.length).toBe(MOST_ENTRIES);
    expect(log.at(-1)?.text).toBe("3");
    expect(addToLog(log, [], 9)).toBe(log);
  });
});
