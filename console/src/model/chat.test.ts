import { describe, expect, it } from "vitest";
import type { ChatEntry } from "./call-state";
import { countUnread, groupMessages, markRead, splitLinks, unreadBadge, utf8Length } from "./chat";

function message(id: string, sid: string, sentAtMs: number, isOwn = false): ChatEntry {
  return { id, sid, identity: sid, name: sid, text: id, sentAtMs, isOwn, isPrivate: false };
}

describe("groupMessages", () => {
  it("joins what one author says in one breath", () => {
    const groups = groupMessages([message("1", "ada", 0), message("2", "ada", 1_000), message("3", "bob", 2_000)]);
    expect(groups.map((group) => group.entries.map((entry) => entry.id))).toEqual([["1", "2"], ["3"]]);
  });

  it("starts anew after a pause", () => {
    expect(groupMessages([message("1", "ada", 0), message("2", "ada", 180_000)])).toHaveLength(2);
  });

  it("keeps private messages apart from public ones", () => {
    expect(groupMessages([message("1", "ada", 0), { ...message("2", "ada", 1), isPrivate: true }])).toHaveLength(2);
  });
});

describe("countUnread", () => {
  const history = [message("1", "ada", 0), message("2", "bob", 1)];

  it("counts what others wrote since the chat was last seen", () => {
    const seen = markRead(history);
    expect(countUnread(history, seen)).toBe(0);
    expect(countUnread([...history, message("3", "ada", 2), message("4", "ada", 3)], seen)).toBe(2);
  });

  it("does not count one's own", () => {
    expect(countUnread([...history, message("3", "me", 2, true)], markRead(history))).toBe(0);
  });

  it("is not confused by a message that was deleted", () => {
    const seen = markRead(history);
    expect(countUnread([message("2", "bob", 1), message("3", "ada", 2)], seen)).toBe(1);
  });
});

describe("unreadBadge", () => {
  it("is empty for none and stops counting at 99", () => {
    expect([0, 1, 99, 100].map(unreadBadge)).toEqual(["", "1", "99", "99+"]);
  });
});

describe("splitLinks", () => {
  it("finds addresses and leaves the punctuation behind them alone", () => {
    expect(splitLinks("see https://a.example/x?y=1, or (http://b.example).")).toEqual([
      { kind: "text", text: "see " },
      { kind: "link", text: "https://a.example/x?y=1" },
      { kind: "text", text: ", or (" },
      { kind: "link", text: "http://b.example" },
      { kind: "text", text: ")." },
    ]);
  });

  it("never makes a link of anything but http", () => {
    expect(splitLinks("javascript:alert(1) data:text/html,x")).toEqual([
      { kind: "text", text: "javascript:alert(1) data:text/html,x" },
    ]);
  });
});

describe("utf8Length", () => {
  it("counts bytes, not characters", () => {
    expect(utf8Length("é🎻")).toBe(6);
  });
});
