import { RecentMap } from "../recent-map.js";
import { MAX_PENDING } from "./outbox.js";

/** Recognises frames that a sender sent a second time. */
export class Duplicates {
  readonly #seen = new Map<string, RecentMap<number, true>>();

  /** Whether the frame is new; it is known from then on. */
  admit(sid: string, seq: number): boolean {
    if (seq === 0) {
      return true;
    }
    let seen = this.#seen.get(sid);
    if (seen === undefined) {
      // A sender keeps no more frames to send again, so no older one comes twice.
      seen = new RecentMap(MAX_PENDING);
      this.#seen.set(sid, seen);
    }
    const isNew = !seen.has(seq);
    seen.set(seq, true);
    return isNew;
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
