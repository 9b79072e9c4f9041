import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";

import { AntiphonError } from "../errors.js";
import { LimitsSchema } from "../gen/antiphon/v1/models_pb.js";
import { type Error as WireError, type ServerFrame, ServerFrameSchema } from "../gen/antiphon/v1/signal_pb.js";
import type { ServerInit } from "../testing/fake-socket.js";
import type { ClientKind, ServerKind } from "./frames.js";
import { MAX_PENDING } from "./outbox.js";
import { Traffic } from "./traffic.js";

const chat = (text: string): ClientKind => ({ case: "chat", value: { text } });
const server = (init: ServerInit) => create(ServerFrameSchema, init);
const kind = (init: ServerInit) => server(init).kind as ServerKind;

const refusal = (code: string, seq: number, retryAfterMs?: number) =>
  server({
    kind: { case: "error", value: { code, seq, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) } },
  });
const errorOf = (frame: ServerFrame) => frame.kind.value as WireError;

function drain(traffic: Traffic, now: number): number[] {
  const seqs = [];
  for (let frame = traffic.next(now); frame !== undefined; frame = traffic.next(now)) {
    seqs.push(frame.seq);
  }
  return seqs;
}

describe("numbers", () => {
  it("count up from 1, and begin again with a new session only", () => {
    const traffic = new Traffic();
    expect([traffic.add(chat("a")), traffic.add(chat("b"))]).toEqual([1, 2]);
    traffic.resume(1, 0);
    expect(traffic.add(chat("c"))).toBe(3);
    traffic.end(new AntiphonError("resume_failed", "lost"));
    expect(traffic.add(chat("d"))).toBe(1);
  });

  it("an acknowledgement settles everything up to it", () => {
    const traffic = new Traffic();
    for (const text of ["a", "b", "c"]) {
      traffic.add(chat(text));
    }
    const settled = traffic.settle(server({ ackSeq: 2, kind: { case: "ack", value: {} } }));
    expect(settled).toEqual([
      { seq: 1, outcome: { type: "accepted" } },
      { seq: 2, outcome: { type: "accepted" } },
    ]);
    expect(traffic.settle(server({ ackSeq: 2 }))).toEqual([]);
    expect(drain(traffic, 0)).toEqual([3]);
  });

  it("a refusal settles what came before it as accepted, whatever the frame acknowledges", () => {
    const traffic = new Traffic();
    for (const text of ["a", "b", "c"]) {
      traffic.add(chat(text));
    }
    const refusal = server({
      ackSeq: 3,
      kind: { case: "error", value: { code: "rate_limited", message: "slow down", seq: 2, retryAfterMs: 70 } },
    });
    const settled = traffic.settle(refusal);
    expect(settled.map(({ seq, outcome }) => [seq, outcome.type])).toEqual([
      [1, "accepted"],
      [2, "refused"],
      [3, "accepted"],
    ]);
    const [, refused] = settled;
    expect(refused?.outcome.type === "refused" && refused.outcome.error).toMatchObject({
      code: "rate_limited",
      retryAfterMs: 70,
    });
  });

  it("a frame that the server could not settle goes out again under its number, and what was behind it", () => {
    const traffic = new Traffic();
    for (const text of ["a", "b", "c", "d"]) {
      traffic.add(chat(text));
    }
    expect(drain(traffic, 0)).toEqual([1, 2, 3, 4]);
    const unavailable = refusal("unavailable", 2, 700);
    expect(traffic.settle(unavailable)).toEqual([{ seq: 1, outcome: { type: "accepted" } }]);
    expect(traffic.postpones(errorOf(unavailable), 1_000)).toBe(true);
    // The two that were on their way behind it.
    for (const seq of [3, 4]) {
      expect(traffic.settle(refusal("sequence_gap", seq))).toEqual([]);
      expect(traffic.postpones(errorOf(refusal("sequence_gap", seq)), 1_000)).toBe(true);
    }
    expect(traffic.postpones(errorOf(refusal("sequence_gap", 4)), 1_000)).toBe(false);
    traffic.add(chat("e"));
    expect(traffic.dueAt(1_000)).toBe(1_700);
    expect(drain(traffic, 1_699)).toEqual([]);
    expect(drain(traffic, 1_700)).toEqual([2, 3, 4, 5]);
  });

  it("another connection begins without the pause, and expects no gaps", () => {
    const traffic = new Traffic();
    for (const text of ["a", "b"]) {
      traffic.add(chat(text));
    }
    drain(traffic, 0);
    expect(traffic.postpones(errorOf(refusal("unavailable", 1, 700)), 0)).toBe(true);
    traffic.resume(0, 10);
    expect(drain(traffic, 10)).toEqual([1, 2]);
    expect(traffic.postpones(errorOf(refusal("sequence_gap", 2)), 10)).toBe(false);
  });

  it("without a word of when, it waits a second", () => {
    const traffic = new Traffic();
    traffic.add(chat("a"));
    drain(traffic, 0);
    traffic.postpones(errorOf(refusal("unavailable", 1)), 0);
    expect(traffic.dueAt(0)).toBe(1_000);
  });

  it("after a resume exactly what lies above lastSeq goes out again, in order", () => {
    const traffic = new Traffic();
    for (const text of ["a", "b", "c", "d"]) {
      traffic.add(chat(text));
    }
    expect(drain(traffic, 0)).toEqual([1, 2, 3, 4]);
    expect(traffic.resume(2, 0)).toEqual([1, 2].map((seq) => ({ seq, outcome: { type: "settledUnseen" } })));
    expect(drain(traffic, 0)).toEqual([3, 4]);
  });

  it("a full outbox takes no more, and takes again once something is settled", () => {
    const traffic = new Traffic();
    for (let count = 0; count < MAX_PENDING; count += 1) {
      expect(traffic.add(chat("x"))).toBe(count + 1);
    }
    expect(traffic.add(chat("one too many"))).toBeUndefined();
    traffic.settle(server({ ackSeq: 1 }));
    expect(traffic.add(chat("fits"))).toBe(MAX_PENDING + 1);
  });
});

describe("acknowledgements", () => {
  it("ride on whatever is sent", () => {
    const traffic = new Traffic();
    traffic.processed("1.2.0", 0);
    expect(traffic.unnumbered({ case: "ping", value: { id: 1 } }).ackCursor).toBe("1.2.0");
    expect(traffic.unnumbered({ case: "ping", value: { id: 2 } }).ackCursor).toBe("");
    expect(traffic.dueAt(0)).toBeUndefined();
  });

  it("stand alone after 200 ms, and not before", () => {
    const traffic = new Traffic();
    traffic.processed("1.1.0", 1_000);
    traffic.processed("1.2.0", 1_100);
    expect(traffic.dueAt(1_100)).toBe(1_200);
    expect(traffic.ack(1_199)).toBeUndefined();
    expect(traffic.ack(1_200)).toEqual({ seq: 0, ackCursor: "1.2.0", kind: { case: "ack", value: {} } });
    expect(traffic.ack(1_200)).toBeUndefined();
  });

  it("stand alone after 32 frames at once", () => {
    const traffic = new Traffic();
    for (let frame = 1; frame <= 31; frame += 1) {
      traffic.processed(`1.${frame}.0`, 0);
    }
    expect(traffic.ack(0)).toBeUndefined();
    traffic.processed("1.32.0", 0);
    expect(traffic.ack(0)?.ackCursor).toBe("1.32.0");
  });

  it("a frame without a cursor is nothing to acknowledge", () => {
    const traffic = new Traffic();
    traffic.processed("", 0);
    expect(traffic.dueAt(0)).toBeUndefined();
  });
});

describe("duplicates", () => {
  it.each<[string, ServerInit]>([
    ["offer", { kind: { case: "offer", value: { from: "a", seq: 4 } } }],
    ["answer", { kind: { case: "answer", value: { from: "a", seq: 4 } } }],
    ["candidate", { kind: { case: "candidate", value: { from: "a", seq: 4 } } }],
    ["data", { kind: { case: "data", value: { from: "a", seq: 4 } } }],
    ["chat", { kind: { case: "chat", value: { sid: "a", seq: 4 } } }],
  ])("a second %s of one sender under one number is recognised", (_, init) => {
    const traffic = new Traffic();
    expect(traffic.admit(kind(init))).toBe(true);
    expect(traffic.admit(kind(init))).toBe(false);
  });

  it("numbers of different senders, and different numbers, are different frames", () => {
    const traffic = new Traffic();
    const offer = (from: string, seq: number) => traffic.admit(kind({ kind: { case: "offer", value: { from, seq } } }));
    expect([offer("a", 1), offer("b", 1), offer("a", 2), offer("a", 1)]).toEqual([true, true, true, false]);
  });

  it("a lower number that comes later is no duplicate: log and mailbox overtake each other", () => {
    const traffic = new Traffic();
    expect(traffic.admit(kind({ kind: { case: "offer", value: { from: "a", seq: 6 } } }))).toBe(true);
    expect(traffic.admit(kind({ kind: { case: "chat", value: { sid: "a", seq: 5 } } }))).toBe(true);
  });

  it("lossy data has no number and is never a duplicate", () => {
    const traffic = new Traffic();
    const lossy = kind({ kind: { case: "data", value: { from: "a", lossy: true } } });
    expect([traffic.admit(lossy), traffic.admit(lossy)]).toEqual([true, true]);
  });

  it("a sender's numbers are forgotten when it leaves", () => {
    const traffic = new Traffic();
    const offer = kind({ kind: { case: "offer", value: { from: "a", seq: 1 } } });
    traffic.admit(offer);
    traffic.admit(kind({ kind: { case: "participantLeft", value: { sid: "a" } } }));
    expect(traffic.admit(offer)).toBe(true);
  });

  it("as many numbers are remembered as a sender may have to send again", () => {
    const traffic = new Traffic();
    const offer = (seq: number) => traffic.admit(kind({ kind: { case: "offer", value: { from: "a", seq } } }));
    for (let seq = 1; seq <= MAX_PENDING; seq += 1) {
      offer(seq);
    }
    expect(offer(1)).toBe(false);
    offer(MAX_PENDING + 1);
    expect(offer(2)).toBe(false);
  });
});

describe("pace", () => {
  const limits = create(LimitsSchema, { messagesPerSecond: 10, burst: 5 });

  it("a burst goes out at once, the rest at the server's rate less a tenth", () => {
    const traffic = new Traffic();
    traffic.begin(limits, 0);
    for (let count = 0; count < 8; count += 1) {
      traffic.add(chat("x"));
    }
    expect(drain(traffic, 0)).toEqual([1, 2, 3, 4]);
    const at = traffic.dueAt(0) ?? 0;
    expect(at).toBeGreaterThanOrEqual(111);
    expect(drain(traffic, at - 1)).toEqual([]);
    expect(drain(traffic, at)).toEqual([5]);
    expect(drain(traffic, at + 1_000)).toEqual([6, 7, 8]);
  });

  it("without limits nothing waits", () => {
    const traffic = new Traffic();
    traffic.begin(undefined, 0);
    for (let count = 0; count < 500; count += 1) {
      traffic.add(chat("x"));
    }
    expect(drain(traffic, 0)).toHaveLength(500);
  });
});
