import type { Limits } from "../gen/antiphon/v1/models_pb.js";
import type { ServerFrame, Error as WireError } from "../gen/antiphon/v1/signal_pb.js";
import type { AntiphonError } from "../errors.js";
import type { Outcome } from "./commands.js";
import { Cursor } from "./cursor.js";
import { Duplicates } from "./duplicates.js";
import { antiphonError, type ClientKind, type OutgoingFrame, type ServerKind } from "./frames.js";
import { Outbox } from "./outbox.js";
import { Pacer } from "./pacer.js";

/** The pause behind `unavailable` where the server names none. */
const POSTPONEMENT_MS = 1_000;

/** What became of a frame. */
export interface Settled {
  readonly seq: number;
  readonly outcome: Outcome;
}

/** What goes over a session's connections, whichever they are: numbers, acknowledgements, duplicates, pace. */
export class Traffic {
  readonly #outbox = new Outbox();
  readonly #pacer = new Pacer();
  readonly #cursor = new Cursor();
  readonly #duplicates = new Duplicates();
  /** Nothing numbered goes out before: the server could not reach its rooms. */
  #postponedUntil = -Infinity;
  /** Refusals as `sequence_gap` that are still to come for what went out behind a frame that stayed unsettled. */
  #expectedGaps = 0;

  /** The position in what the server sent. */
  get cursor(): string {
    return this.#cursor.value;
  }

  /** A session begins. */
  begin(limits: Limits | undefined, now: number): void {
    this.#cursor.reset();
    this.#duplicates.clear();
    this.#pacer.configure(limits?.messagesPerSecond ?? 0, limits?.burst ?? 0, now);
    this.#beginConnection();
  }

  /** The session goes on over another connection: what lies above `lastSeq` goes out again. */
  resume(lastSeq: number, now: number): Settled[] {
    const settled = this.#outbox
      .settle(lastSeq)
      .map(({ seq }): Settled => ({ seq, outcome: { type: "settledUnseen" } }));
    this.#outbox.rewind();
    this.#pacer.refill(now);
    this.#beginConnection();
    return settled;
  }

  /** Everything unsettled is to go out again. */
  rewind(): void {
    this.#outbox.rewind();
  }

  /** The session is over: everything unsettled is refused. */
  end(error: AntiphonError): Settled[] {
    return this.#outbox.reset().map(({ seq }) => ({ seq, outcome: { type: "refused", error } }));
  }

  /** Numbers a frame; `undefined` when too many are unsettled. */
  add(kind: ClientKind): number | undefined {
    return this.#outbox.add(kind);
  }

  /** The next numbered frame, if the pace allows it. */
  next(now: number): OutgoingFrame | undefined {
    const isDue = this.#outbox.peek() !== undefined && now >= this.#postponedUntil;
    return isDue && this.#pacer.take(now) ? this.nextRegardless() : undefined;
  }

  /** The next numbered frame, whatever the pace. */
  nextRegardless(): OutgoingFrame | undefined {
    const pending = this.#outbox.peek();
    this.#outbox.advance();
    return pending && { seq: pending.seq, ackCursor: this.#cursor.take(), kind: pending.kind };
  }

  /** A frame without a number. */
  unnumbered(kind: ClientKind): OutgoingFrame {
    return { seq: 0, ackCursor: this.#cursor.take(), kind };
  }

  /** An acknowledgement of its own, if one is due. */
  ack(now: number): OutgoingFrame | undefined {
    const { dueAt } = this.#cursor;
    return dueAt !== undefined && now >= dueAt ? this.unnumbered({ case: "ack", value: {} }) : undefined;
  }

  /** When there is something to send. */
  dueAt(now: number): number | undefined {
    const sendAt =
      this.#outbox.peek() === undefined ? undefined : Math.max(this.#pacer.readyAt(now), this.#postponedUntil);
    const { dueAt: ackAt } = this.#cursor;
    return sendAt === undefined || ackAt === undefined ? (sendAt ?? ackAt) : Math.min(sendAt, ackAt);
  }

  /** What `frame` says of this client's frames. */
  settle({ kind, ackSeq }: ServerFrame): Settled[] {
    const settled: Settled[] = [];
    if (kind.case === "error" && kind.value.code === "unavailable") {
      // Not settled itself: decision 1.
      for (const { seq } of this.#outbox.settle(kind.value.seq - 1)) {
        settled.push({ seq, outcome: { type: "accepted" } });
      }
    } else if (kind.case === "error" && kind.value.code !== "sequence_gap" && kind.value.seq > 0) {
      const refused = kind.value.seq;
      const error = antiphonError(kind.value);
      // Frames are settled in order: those below were accepted.
      for (const { seq } of this.#outbox.settle(refused)) {
        settled.push({ seq, outcome: seq === refused ? { type: "refused", error } : { type: "accepted" } });
      }
    }
    for (const { seq } of this.#outbox.settle(ackSeq)) {
      settled.push({ seq, outcome: { type: "accepted" } });
    }
    return settled;
  }

  /**
   * Whether `error` leaves frames open that go out again by themselves, under their numbers: `unavailable`, and then
   * `sequence_gap` for each one that was on its way behind.
   */
  postpones({ code, seq, retryAfterMs }: WireError, now: number): boolean {
    if (code === "sequence_gap") {
      const isExpected = this.#expectedGaps > 0;
      this.#expectedGaps -= isExpected ? 1 : 0;
      return isExpected;
    }
    if (code !== "unavailable" || seq === 0) {
      return false;
    }
    const { head } = this.#outbox;
    if (head?.seq === seq) {
      this.#expectedGaps += head.followers;
      this.#postponedUntil = now + (retryAfterMs ?? POSTPONEMENT_MS);
      this.#outbox.rewind();
    }
    return true;
  }

  /** Whether a frame came for the first time. */
  admit(kind: ServerKind): boolean {
    switch (kind.case) {
      case "offer":
      case "answer":
      case "candidate":
      case "data":
        return this.#duplicates.admit(kind.value.from, kind.value.seq);
      case "chat":
        return this.#duplicates.admit(kind.value.sid, kind.value.seq);
      case "participantLeft":
        this.#duplicates.forget(kind.value.sid);
        return true;
      default:
        return true;
    }
  }

  /** A frame was processed. */
  processed(cursor: string, now: number): void {
    if (cursor !== "") {
      this.#cursor.advance(cursor, now);
    }
  }

  #beginConnection(): void {
    this.#postponedUntil = -Infinity;
    this.#expectedGaps = 0;
  }
}
