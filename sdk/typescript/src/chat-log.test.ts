import { describe, expect, it } from "vitest";

import { ChatLog } from "./chat-log.js";
import type { ChatMessage } from "./models.js";

const message = (number: number, fields: Partial<ChatMessage> = {}): ChatMessage => ({
  id: `m${number}`,
  sid: "aaaa",
  identity: "ada",
  name: "Ada",
  text: `text ${number}`,
  sentAt: new Date(1_000 * number),
  to: undefined,
  seq: number,
  ...fields,
});

const texts = (log: ChatLog) => log.messages.map(({ text }) => text);

describe("ChatLog", () => {
  it("takes each message once, by id and by sender and number", () => {
    const log = new ChatLog();
    expect([
      log.add(message(1)),
      log.add(message(1, { seq: 9 })),
      log.add(message(2, { seq: 1 })),
      log.add(message(3)),
    ]).toEqual([true, false, false, true]);
    expect(texts(log)).toEqual(["text 1", "text 3"]);
  });

  it("messages without a number are told apart by id alone", () => {
    const log = new ChatLog();
    expect([log.add(message(1, { seq: 0 })), log.add(message(2, { seq: 0 }))]).toEqual([true, true]);
  });

  it("gives a new array after each change, and the same one while nothing changes", () => {
    const log = new ChatLog();
    log.add(message(1));
    const before = log.messages;
    log.add(message(1));
    expect(log.messages).toBe(before);
    log.add(message(2));
    expect(log.messages).not.toBe(before);
  });

  it("keeps a thousand, and the oldest go", () => {
    const log = new ChatLog();
    for (let number = 1; number <= 1_001; number += 1) {
      log.add(message(number));
    }
    expect([log.messages.length, log.messages[0]?.id]).toEqual([1_000, "m2"]);
  });

  it("deletes by id, and says whether it knew it", () => {
    const log = new ChatLog();
    log.add(message(1));
    expect([log.delete("m1"), log.delete("m1"), texts(log)]).toEqual([true, false, []]);
  });

  it("after a hole it has what was missed and lacks what was deleted", () => {
    const log = new ChatLog();
    [1, 2, 3].forEach((number) => log.add(message(number)));
    log.add(message(4, { to: "bbbb", id: "aaaa/4" }));
    const { added, deleted } = log.merge([message(2), message(5), message(6)]);
    expect(added.map(({ id }) => id)).toEqual(["m5", "m6"]);
    expect(deleted.map(({ id }) => id)).toEqual(["m3"]);
    // Older than the history, and private: the server says nothing of those.
    expect(texts(log)).toEqual(["text 1", "text 2", "text 4", "text 5", "text 6"]);
  });

  it("an empty history is that of a room that began anew: nothing is lost", () => {
    const log = new ChatLog();
    log.add(message(1));
    expect(log.merge([])).toEqual({ added: [], deleted: [] });
    expect(texts(log)).toEqual(["text 1"]);
  });
});
