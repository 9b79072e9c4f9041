import type { Limits } from "../gen/antiphon/v1/models_pb.js";
import type { ServerFrame } from "../gen/antiphon/v1/signal_pb.js";
import type { AntiphonError } from "../errors.js";
import type { Outcome } from "./commands.js";
import { Cursor } from "./cursor.js";
import { Duplicates } from "./duplicates.js";
import { antiphonError, type ClientKind, type OutgoingFrame, type ServerKind } from "./frames.js";
import { Outbox } from "./outbox.js";
import { Pacer } from "./pacer.js";

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

  /** The position in what the server sent. */
  get cursor(): string {
    return this.#cursor.value;
  }

  /** A session begins. */
  begin(limits: Limits | undefined, now: number): void {
    this.#cursor.reset();
    this.#duplicates.clear();
    this.#pacer.configure(limits?.messagesPerSecond ?? 0, limits?.burst ?? 0, now);
  }

  /** The session goes on over another connection: what lies above `lastSeq` goes out again. */
  resume(lastSeq: number, now: number): Settled[] {
    const settled = this.#outbox
      .settle(lastSeq)
      .map(({ seq }): Settled => ({ seq, outcome: { type: "settledUnseen" } }));
    this.#outbox.rewind();
    this.#pacer.refill(now);
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
    return this.#outbox.peek() !== undefined && this.#pacer.take(now) ? this.nextRegardless() : undefined;
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
    const sendAt = this.#outbox.peek() === undefined ? undefined : this.#pacer.readyAt(now);
    const { dueAt: ackAt } = this.#cursor;
    return sendAt === undefined || ackAt === undefined ? (sendAt ?? ackAt) : Math.min(sendAt, ackAt);
  }

  /** What `frame` says of this client's frames. */
  settle({ kind, ackSeq }: ServerFrame): Settled[] {
    const settled: Settled[] = [];
    if (kind.case === "error" && kind.value.seq > 0) {
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
}
