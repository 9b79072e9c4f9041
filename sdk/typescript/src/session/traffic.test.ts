import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";

import { AntiphonError } from "../errors.js";
import { LimitsSchema } from "../gen/antiphon/v1/models_pb.js";
import { type ServerFrame, ServerFrameSchema } from "../gen/antiphon/v1/signal_pb.js";
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

function sending(...texts: string[]): Traffic {
  const traffic = new Traffic();
  texts.forEach((text) => traffic.add(chat(text)));
  return traffic;
}

function drain(traffic: Traffic, now: number): number[] {
  const seqs = [];
  for (let frame = traffic.next(now); frame !== undefined; frame = traffic.next(now)) {
    seqs.push(frame.seq);
  }
  return seqs;
}

/** What a frame settles, by number. */
function outcomes(traffic: Traffic, frame: ServerFrame, now = 0): [number, string][] {
  return traffic.settle(frame, now).settled.map(({ ticket, outcome }) => [ticket.seq, outcome.type]);
}

const acked = (ackSeq: number) => server({ ackSeq, kind: { case: "ack", value: {} } });

describe("numbers", () => {
  it("count up from 1, and begin again with a new session only", () => {
    const traffic = new Traffic();
    traffic.begin("me", undefined, 0);
    expect([traffic.add(chat("a")), traffic.add(chat("b"))]).toMatchObject([
      { sid: "me", seq: 1 },
      { sid: "me", seq: 2 },
    ]);
    traffic.resume(1, false, 0);
    expect(traffic.add(chat("c"))?.seq).toBe(3);
    traffic.end(new AntiphonError("resume_failed", "lost"));
    const next = traffic.add(chat("d"));
    expect(next).toMatchObject({ sid: "", seq: 1 });
    traffic.begin("me again", undefined, 0);
    expect(next).toMatchObject({ sid: "me again", seq: 1 });
  });

  it("an acknowledgement settles everything up to it", () => {
    const traffic = sending("a", "b", "c");
    expect(outcomes(traffic, acked(2))).toEqual([
      [1, "accepted"],
      [2, "accepted"],
    ]);
    expect(outcomes(traffic, acked(2))).toEqual([]);
    expect(drain(traffic, 0)).toEqual([3]);
  });

  it("a refusal settles what came before it as accepted, whatever the frame acknowledges", () => {
    const traffic = sending("a", "b", "c");
    const refusal = server({
      ackSeq: 3,
      kind: { case: "error", value: { code: "rate_limited", message: "slow down", seq: 2, retryAfterMs: 70 } },
    });
    const { settled } = traffic.settle(refusal, 0);
    expect(settled.map(({ ticket, outcome }) => [ticket.seq, outcome.type])).toEqual([
      [1, "accepted"],
      [2, "refused"],
      [3, "accepted"],
    ]);
    expect(settled[1]?.outcome).toMatchObject({ error: { code: "rate_limited", retryAfterMs: 70 } });
  });

  it("a frame that the server could not settle goes out again under its number, and what was behind it", () => {
    const traffic = sending("a", "b", "c", "d");
    expect(drain(traffic, 0)).toEqual([1, 2, 3, 4]);
    const unavailable = traffic.settle(refusal("unavailable", 2, 700), 1_000);
    expect(unavailable).toMatchObject({ settled: [{ outcome: { type: "accepted" } }], isAnswer: true, isGap: false });
    // The two that were on their way behind it.
    for (const seq of [3, 4]) {
      expect(traffic.settle(refusal("sequence_gap", seq), 1_000)).toEqual({
        settled: [],
        isAnswer: true,
        isGap: false,
      });
    }
    expect(traffic.settle(refusal("sequence_gap", 4), 1_000).isGap).toBe(true);
    traffic.add(chat("e"));
    expect(traffic.dueAt(1_000)).toBe(1_700);
    expect(drain(traffic, 1_699)).toEqual([]);
    expect(drain(traffic, 1_700)).toEqual([2, 3, 4, 5]);
  });

  it("another connection begins without the pause, and expects no gaps", () => {
    const traffic = sending("a", "b");
    drain(traffic, 0);
    expect(traffic.settle(refusal("unavailable", 1, 700), 0).isAnswer).toBe(true);
    traffic.resume(0, true, 10);
    expect(drain(traffic, 10)).toEqual([1, 2]);
    expect(traffic.settle(refusal("sequence_gap", 2), 10).isGap).toBe(true);
  });

  it("without a word of when, it waits a second", () => {
    const traffic = sending("a");
    drain(traffic, 0);
    traffic.settle(refusal("unavailable", 1), 0);
    expect(traffic.dueAt(0)).toBe(1_000);
  });

  it("after a resume exactly what lies above lastSeq goes out again, in order", () => {
    const traffic = sending("a", "b", "c", "d");
    expect(drain(traffic, 0)).toEqual([1, 2, 3, 4]);
    const settled = traffic.resume(2, false, 0);
    expect(settled.map(({ ticket, outcome }) => [ticket.seq, outcome.type])).toEqual([
      [1, "settledUnseen"],
      [2, "settledUnseen"],
    ]);
    expect(drain(traffic, 0)).toEqual([3, 4]);
  });

  it("what was settled while there was no connection waits for the refusals in the replay", () => {
    const traffic = sending("a", "b", "c", "d");
    drain(traffic, 0);
    expect([traffic.resume(3, true, 0), traffic.awaitsReplay]).toEqual([[], true]);
    expect(drain(traffic, 0)).toEqual([4]);
    expect(outcomes(traffic, acked(4))).toEqual([]);
    expect(outcomes(traffic, refusal("permission_denied", 2))).toEqual([
      [1, "accepted"],
      [2, "refused"],
    ]);
    expect(traffic.replayed().map(({ ticket, outcome }) => [ticket.seq, outcome.type])).toEqual([
      [3, "accepted"],
      [4, "accepted"],
    ]);
    expect([traffic.awaitsReplay, traffic.replayed()]).toEqual([false, []]);
  });

  it("a full outbox takes no more, and takes again once something is settled", () => {
    const traffic = new Traffic();
    for (let count = 0; count < MAX_PENDING; count += 1) {
      expect(traffic.add(chat("x"))?.seq).toBe(count + 1);
    }
    expect(traffic.add(chat("one too many"))).toBeUndefined();
    traffic.settle(acked(1), 0);
    expect(traffic.add(chat("fits"))?.seq).toBe(MAX_PENDING + 1);
  });
});

describe("a recipient that reads too slowly", () => {
  const to = (sid: string, text: string): ClientKind => ({ case: "chat", value: { text, to: sid } });
  const busy = (seq: number) => refusal("recipient_busy", seq, 500);

  /** What goes out, in order. */
  function texts(traffic: Traffic, now: number): unknown[] {
    const sent = [];
    for (let frame = traffic.next(now); frame !== undefined; frame = traffic.next(now)) {
      sent.push([frame.seq, (frame.kind.value as { text: string }).text]);
    }
    return sent;
  }

  it("gets what it could not take later, in the same order, and nobody else waits for that", () => {
    const traffic = new Traffic();
    ["a", "b"].forEach((text) => traffic.add(to("slow", text)));
    texts(traffic, 0);
    expect(traffic.settle(busy(1), 0)).toEqual({ settled: [], isAnswer: true, isGap: false });
    traffic.add(to("slow", "c"));
    traffic.add(to("quick", "at once"));
    traffic.add(chat("to all"));
    expect(texts(traffic, 0)).toEqual([
      [3, "at once"],
      [4, "to all"],
    ]);
    expect(traffic.settle(busy(2), 100).settled).toEqual([]);
    expect(traffic.dueAt(100)).toBe(500);
    expect(texts(traffic, 499)).toEqual([]);
    // One tries, the others follow.
    expect(texts(traffic, 500)).toEqual([[5, "a"]]);
    expect(texts(traffic, 10_000)).toEqual([]);
    traffic.settle(acked(5), 10_000);
    expect(texts(traffic, 10_000)).toEqual([
      [6, "b"],
      [7, "c"],
    ]);
    expect(outcomes(traffic, acked(7), 10_000)).toEqual([
      [6, "accepted"],
      [7, "accepted"],
    ]);
  });

  it("is given up after five tries, with all that stands behind", () => {
    const traffic = new Traffic();
    ["a", "b"].forEach((text) => traffic.add(to("slow", text)));
    let now = 0;
    texts(traffic, now);
    traffic.settle(busy(1), now);
    traffic.settle(busy(2), now);
    for (let tries = 1; tries <= 5; tries += 1) {
      now = traffic.dueAt(now) ?? NaN;
      const seq = 2 + tries;
      expect(texts(traffic, now)).toEqual([[seq, "a"]]);
      const { settled } = traffic.settle(busy(seq), now);
      expect(settled.map(({ outcome }) => outcome)).toMatchObject(
        tries < 5 ? [] : [{ error: { code: "recipient_busy" } }, { error: { code: "recipient_busy" } }],
      );
    }
    expect([traffic.dueAt(now), texts(traffic, now + 10_000)]).toEqual([undefined, []]);
    traffic.add(to("slow", "again"));
    expect(texts(traffic, now)).toEqual([[8, "again"]]);
  });

  it("that is gone holds nobody up: each frame is refused as it goes", () => {
    const traffic = new Traffic();
    ["a", "b"].forEach((text) => traffic.add(to("slow", text)));
    texts(traffic, 0);
    traffic.settle(busy(1), 0);
    traffic.settle(busy(2), 0);
    expect(texts(traffic, 500)).toEqual([[3, "a"]]);
    expect(outcomes(traffic, refusal("not_found", 3), 500)).toEqual([[3, "refused"]]);
    expect(texts(traffic, 500)).toEqual([[4, "b"]]);
  });

  it("holds up what is for several, and what stands behind that", () => {
    const traffic = new Traffic();
    const data = (...recipients: string[]): ClientKind => ({
      case: "data",
      value: { payload: new Uint8Array(), to: recipients },
    });
    traffic.add(to("slow", "a"));
    texts(traffic, 0);
    traffic.settle(busy(1), 0);
    traffic.add(data("slow", "quick"));
    traffic.add(to("quick", "b"));
    expect(drain(traffic, 0)).toEqual([]);
    expect(drain(traffic, 500)).toEqual([2]);
    traffic.settle(acked(2), 500);
    expect(drain(traffic, 500)).toEqual([3, 4]);
  });

  it("what waits counts as pending, and is refused when the session is over", () => {
    const traffic = new Traffic();
    traffic.add(to("slow", "a"));
    texts(traffic, 0);
    traffic.settle(busy(1), 0);
    for (let count = 1; count < MAX_PENDING; count += 1) {
      expect(traffic.add(to("slow", "x"))).toMatchObject({ seq: 0 });
    }
    expect(traffic.add(to("slow", "one too many"))).toBeUndefined();
    expect(traffic.end(new AntiphonError("disconnected", "over"))).toHaveLength(MAX_PENDING);
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
    traffic.begin("me", limits, 0);
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
    traffic.begin("me", undefined, 0);
    for (let count = 0; count < 500; count += 1) {
      traffic.add(chat("x"));
    }
    expect(drain(traffic, 0)).toHaveLength(500);
  });
});
