import { describe, expect, it } from "vitest";
import { EventStreamReader } from "./event-stream";

const STREAM = ': hello\n\nid: 7\nevent: joined\ndata: {"a":1}\n\ndata:two\r\ndata: lines\r\n\r\nevent: empty\n\nid\ndata\n\n';
const MESSAGES = [
  { id: "7", event: "joined", data: '{"a":1}' },
  { id: "7", event: "message", data: "two\nlines" },
  { id: "", event: "message", data: "" },
];

describe("EventStreamReader", () => {
  it("reads ids, names, data in several lines, comments, and every kind of line end", () => {
    expect(new EventStreamReader().read(STREAM)).toEqual(MESSAGES);
  });

  it("reads the same wherever the text is cut", () => {
    for (let cut = 0; cut <= STREAM.length; cut += 1) {
      const reader = new EventStreamReader();
      expect([...reader.read(STREAM.slice(0, cut)), ...reader.read(STREAM.slice(cut))], `cut at ${cut}`).toEqual(MESSAGES);
    }
    const reader = new EventStreamReader();
    expect([...STREAM].flatMap((letter) => reader.read(letter))).toEqual(MESSAGES);
  });

  it("leaves out a byte order mark, and what is not whole", () => {
    const reader = new EventStreamReader();
    expect(reader.read("\uFEFFdata: 1\n\ndata: 2\n")).toEqual([{ id: "", event: "message", data: "1" }]);
  });

  it("goes on with the id of the stream that it continues", () => {
    const reader = new EventStreamReader("12");
    expect(reader.read("data: x\n\n")).toEqual([{ id: "12", event: "message", data: "x" }]);
    reader.read("id: 13\n\n");
    expect(reader.lastId).toBe("13");
  });

  it("gives up on a message without end", () => {
    const reader = new EventStreamReader();
    expect(() => {
      for (let i = 0; i < 20; i += 1) reader.read(`data: ${"x".repeat(100_000)}\n`);
    }).toThrow("without end");
    expect(() => new EventStreamReader().read("x".repeat(2_000_000))).toThrow("without end");
  });
});
