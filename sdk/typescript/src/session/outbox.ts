import type { ClientKind } from "./frames.js";

/**
 * A frame that waits to be settled. It is known by this object, not by its number: a new session counts from 1 again,
 * and what is sent again to somebody who reads too slowly gets another number.
 */
export interface Ticket {
  /** The session that it is sent in; empty until there is one. */
  readonly sid: string;
  /** Its number in that session; 0 while it has none. */
  readonly seq: number;
  /** It went out, at least once. */
  readonly isSent: boolean;
}

/** What an outbox keeps of a frame. */
export interface Pending extends Ticket {
  sid: string;
  seq: number;
  isSent: boolean;
  readonly kind: ClientKind;
}

/** Frames that may wait to be settled. Candidates of a large room and a long outage stay well below. */
export const MAX_PENDING = 1_024;

/** Numbers what is sent and keeps it until the server has settled it. */
export class Outbox {
  #pending: Pending[] = [];
  #sid = "";
  #lastSeq = 0;
  /** Frames at the head of `#pending` that went out on this connection, or need not. */
  #sent = 0;

  /** How many frames are unsettled. */
  get size(): number {
    return this.#pending.length;
  }

  /** A session begins: what waits is sent in it. */
  begin(sid: string): void {
    this.#sid = sid;
    for (const pending of this.#pending) {
      pending.sid = sid;
    }
  }

  /** Gives a frame the next number. */
  add(pending: Pending): void {
    this.#lastSeq += 1;
    pending.sid = this.#sid;
    pending.seq = this.#lastSeq;
    this.#pending.push(pending);
  }

  /** The next frame that has not gone out on this connection. */
  peek(): Pending | undefined {
    return this.#pending[this.#sent];
  }

  /** What `peek` gave went out. */
  advance(): void {
    const next = this.peek();
    if (next !== undefined) {
      next.isSent = true;
    }
    this.#sent = Math.min(this.#sent + 1, this.#pending.length);
  }

  /** The first unsettled frame, and how many went out behind it on this connection. */
  get head(): { readonly seq: number; readonly followers: number } | undefined {
    const [first] = this.#pending;
    return first && { seq: first.seq, followers: Math.max(0, this.#sent - 1) };
  }

  /** Everything unsettled above `seq` is to go out again. */
  rewind(seq = 0): void {
    this.#sent = this.#countUpTo(seq);
  }

  /** Takes out what is settled: every frame up to and including `seq`. */
  settle(seq: number): Pending[] {
    return this.#take(this.#countUpTo(seq));
  }

  /** Takes everything out and begins again at 1: the session is over. */
  reset(): Pending[] {
    this.#sid = "";
    this.#lastSeq = 0;
    return this.#take(this.#pending.length);
  }

  #countUpTo(seq: number): number {
    const count = this.#pending.findIndex((pending) => pending.seq > seq);
    return count === -1 ? this.#pending.length : count;
  }

  #take(count: number): Pending[] {
    this.#sent = Math.max(0, this.#sent - count);
    return this.#pending.splice(0, count);
  }
}
