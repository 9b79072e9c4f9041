import type { Limits } from "../gen/antiphon/v1/models_pb.js";
import type { ServerFrame, Error as WireError } from "../gen/antiphon/v1/signal_pb.js";
import type { AntiphonError } from "../errors.js";
import type { Outcome } from "./commands.js";
import { Congestion } from "./congestion.js";
import { Cursor } from "./cursor.js";
import { Duplicates } from "./duplicates.js";
import { antiphonError, type ClientKind, type OutgoingFrame, type ServerKind } from "./frames.js";
import { MAX_PENDING, Outbox, type Pending, type Ticket } from "./outbox.js";
import { Pacer } from "./pacer.js";

/** The pause behind `unavailable` and `recipient_busy` where the server names none. */
const RETRY_MS = 1_000;

/** What became of a frame. */
export interface Settled {
  readonly ticket: Ticket;
  readonly outcome: Outcome;
}

/** What a server frame says of this client's frames. */
export interface Settling {
  readonly settled: readonly Settled[];
  /** It is an error about one of them, whether that is settled by it or goes out again by itself. */
  readonly isAnswer: boolean;
  /** The server misses frames. `resumed.lastSeq` will say from where on to send again. */
  readonly isGap: boolean;
}

/** What goes over a session's connections, whichever they are: numbers, acknowledgements, duplicates, pace. */
export class Traffic {
  readonly #outbox = new Outbox();
  readonly #congestion = new Congestion();
  readonly #pacer = new Pacer();
  readonly #cursor = new Cursor();
  readonly #duplicates = new Duplicates();
  /** Nothing numbered goes out before: the server could not reach its rooms. */
  #postponedUntil = -Infinity;
  /** Refusals as `sequence_gap` that are still to come for what went out behind a frame that stayed unsettled. */
  #expectedGaps = 0;
  /** Settled, but the refusals among them are still to be replayed. */
  #settledUpTo: number | undefined;

  /** The position in what the server sent. */
  get cursor(): string {
    return this.#cursor.value;
  }

  /** A session begins. */
  begin(sid: string, limits: Limits | undefined, now: number): void {
    this.#outbox.begin(sid);
    this.#cursor.reset();
    this.#duplicates.clear();
    this.#pacer.configure(limits?.messagesPerSecond ?? 0, limits?.burst ?? 0, now);
    this.#beginConnection();
  }

  /**
   * The session goes on over another connection: what lies above `lastSeq` goes out again. What lies below is settled;
   * how, the replay says where there is one (see `replayed`).
   */
  resume(lastSeq: number, isReplayed: boolean, now: number): Settled[] {
    this.#pacer.refill(now);
    this.#beginConnection();
    const settled = isReplayed ? [] : this.#take(lastSeq, "settledUnseen");
    if (isReplayed && (this.#outbox.head?.seq ?? Infinity) <= lastSeq) {
      this.#settledUpTo = lastSeq;
    }
    this.#outbox.rewind(lastSeq);
    return settled;
  }

  /** Frames were settled while there was no connection: `replayed` is to be called behind the replay. */
  get awaitsReplay(): boolean {
    return this.#settledUpTo !== undefined;
  }

  /** Everything that was missed has come, every refusal too. */
  replayed(): Settled[] {
    const upTo = this.#settledUpTo ?? 0;
    this.#settledUpTo = undefined;
    return this.#take(upTo, "accepted");
  }

  /** Everything unsettled is to go out again. */
  rewind(): void {
    this.#outbox.rewind();
  }

  /** The session is over: everything unsettled is refused. */
  end(error: AntiphonError): Settled[] {
    this.#cursor.reset();
    return this.#refuse([...this.#outbox.reset(), ...this.#congestion.clear()], error);
  }

  /** Takes a frame that is to be numbered; `undefined` when too many are unsettled. */
  add(kind: ClientKind): Ticket | undefined {
    return this.#outbox.size + this.#congestion.size < MAX_PENDING ? this.addRegardless(kind) : undefined;
  }

  /** Takes a frame that is to be numbered, however many are unsettled. */
  addRegardless(kind: ClientKind): Ticket {
    const pending: Pending = { sid: "", seq: 0, isSent: false, kind };
    if (!this.#congestion.holds(pending)) {
      this.#outbox.add(pending);
    }
    return pending;
  }

  /** The next numbered frame, if the pace allows it. */
  next(now: number): OutgoingFrame | undefined {
    this.#congestion.release(now).forEach((pending) => this.#outbox.add(pending));
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
    const times = [sendAt, this.#cursor.dueAt, this.#congestion.dueAt()].filter((time) => time !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** What `frame` says of this client's frames. */
  settle({ kind, ackSeq }: ServerFrame, now: number): Settling {
    const refusal = kind.case === "error" && kind.value.seq > 0 ? this.#settleError(kind.value, now) : undefined;
    // Behind a resume the replay may acknowledge a frame before it brings its refusal.
    const acknowledged = this.#settledUpTo === undefined ? this.#take(ackSeq, "accepted") : [];
    if (this.#settledUpTo !== undefined) {
      this.#settledUpTo = Math.max(this.#settledUpTo, ackSeq);
    }
    return {
      settled: [...(refusal?.settled ?? []), ...acknowledged],
      isAnswer: refusal?.isAnswer ?? false,
      isGap: refusal?.isGap ?? false,
    };
  }

  #settleError(error: WireError, now: number): Settling {
    const { code, seq, retryAfterMs } = error;
    if (code === "sequence_gap") {
      const isExpected = this.#expectedGaps > 0;
      this.#expectedGaps -= isExpected ? 1 : 0;
      return { settled: [], isAnswer: isExpected, isGap: !isExpected };
    }
    const retryAt = now + (retryAfterMs ?? RETRY_MS);
    // Frames are settled in order: those below were accepted.
    const settled = this.#take(seq - 1, "accepted");
    const { head } = this.#outbox;
    if (code === "unavailable") {
      // Not settled itself (decision 1), nor is what was on its way behind it.
      if (head?.seq === seq) {
        this.#expectedGaps += head.followers;
        this.#postponedUntil = retryAt;
        this.#outbox.rewind();
      }
      return { settled, isAnswer: true, isGap: false };
    }
    const [refused] = this.#outbox.settle(seq);
    if (refused === undefined) {
      return { settled, isAnswer: false, isGap: false };
    }
    if (code === "recipient_busy") {
      settled.push(...this.#refuse(this.#congestion.refused(refused, retryAt), antiphonError(error)));
    } else {
      this.#congestion.settled(refused);
      settled.push(...this.#refuse([refused], antiphonError(error)));
    }
    return { settled, isAnswer: true, isGap: false };
  }

  /** Takes out every frame up to `seq`. */
  #take(seq: number, type: Exclude<Outcome["type"], "refused">): Settled[] {
    return this.#outbox.settle(seq).map((ticket) => {
      this.#congestion.settled(ticket);
      return { ticket, outcome: { type } };
    });
  }

  #refuse(tickets: readonly Ticket[], error: AntiphonError): Settled[] {
    return tickets.map((ticket) => ({ ticket, outcome: { type: "refused", error } }));
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
    this.#settledUpTo = undefined;
  }
}
