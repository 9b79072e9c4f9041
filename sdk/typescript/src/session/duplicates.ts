/** A sender keeps at most 1,024 frames to send again (see `MAX_PENDING`), so no older one comes twice. */
const WINDOW = 1_024;

/** Recognises frames that a sender sent a second time. */
export class Duplicates {
  readonly #seen = new Map<string, Set<number>>();

  /** Whether the frame is new; it is known from then on. */
  admit(sid: string, seq: number): boolean {
    if (seq === 0) {
      return true;
    }
    let seen = this.#seen.get(sid);
    if (seen === undefined) {
      seen = new Set();
      this.#seen.set(sid, seen);
    }
    if (seen.has(seq)) {
      return false;
    }
    seen.add(seq);
    if (seen.size > WINDOW) {
      // Sets iterate in the order of insertion.
      for (const oldest of seen) {
        seen.delete(oldest);
        break;
      }
    }
    return true;
  }

  /** The sender is gone. */
  forget(sid: string): void {
    this.#seen.delete(sid);
  }

  /** A new session. */
  clear(): void {
    this.#seen.clear();
  }
}
