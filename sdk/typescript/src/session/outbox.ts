import type { ClientKind } from "./frames.js";

/** A numbered frame that the server has not settled. */
export interface Pending {
  readonly seq: number;
  readonly kind: ClientKind;
}

/** Frames that may wait to be settled. Candidates of a large room and a long outage stay well below. */
export const MAX_PENDING = 1_024;

/** Numbers what is sent and keeps it until the server has settled it. */
export class Outbox {
  #pending: Pending[] = [];
  #lastSeq = 0;
  /** Frames at the head of `#pending` that went out on this connection. */
  #sent = 0;

  /** How many frames are unsettled. */
  get size(): number {
    return this.#pending.length;
  }

  /** Gives `kind` the next number, or `undefined` when {@link MAX_PENDING} frames wait. */
  add(kind: ClientKind): number | undefined {
    if (this.#pending.length >= MAX_PENDING) {
      return undefined;
    }
    this.#lastSeq += 1;
    this.#pending.push({ seq: this.#lastSeq, kind });
    return this.#lastSeq;
  }

  /** The next frame that has not gone out on this connection. */
  peek(): Pending | undefined {
    return this.#pending[this.#sent];
  }

  /** What `peek` gave went out. */
  advance(): void {
    this.#sent = Math.min(this.#sent + 1, this.#pending.length);
  }

  /** The first unsettled frame, and how many went out behind it on this connection. */
  get head(): { readonly seq: number; readonly followers: number } | undefined {
    const [first] = this.#pending;
    return first && { seq: first.seq, followers: Math.max(0, this.#sent - 1) };
  }

  /** Everything unsettled is to go out again. */
  rewind(): void {
    this.#sent = 0;
  }

  /** Takes out what is settled: every frame up to and including `seq`. */
  settle(seq: number): Pending[] {
    const count = this.#pending.findIndex((pending) => pending.seq > seq);
    return this.#take(count === -1 ? this.#pending.length : count);
  }

  /** Takes everything out and begins again at 1: a new session. */
  reset(): Pending[] {
    this.#lastSeq = 0;
    return this.#take(this.#pending.length);
  }

  #take(count: number): Pending[] {
    this.#sent = Math.max(0, this.#sent - count);
    return this.#pending.splice(0, count);
  }
}
