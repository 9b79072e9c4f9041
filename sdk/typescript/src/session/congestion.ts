import type { ClientKind } from "./frames.js";
import type { Pending } from "./outbox.js";

/** A frame is refused for good after so many refusals as `recipient_busy`. */
const MAX_TRIES = 5;

/** A frame that has to wait for its recipients. */
interface Held {
  readonly pending: Pending;
  readonly recipients: readonly string[];
  /** Its place among all frames that were held. */
  readonly order: number;
  readonly tries: number;
  readonly notBefore: number;
}

/**
 * Frames for participants whose mailboxes are full. They go out again later, under new numbers and in their order: one
 * tries, and the others follow once it came through.
 */
export class Congestion {
  #held: Held[] = [];
  /** Frames that went out again to try, and what was known of them. */
  readonly #probes = new Map<Pending, Held>();
  /** The order of every directed frame that is on its way, which may come back. */
  readonly #orders = new WeakMap<Pending, number>();
  #orderCount = 0;

  /** How many frames wait here, without a number. */
  get size(): number {
    return this.#held.length;
  }

  /** Takes a new frame if it has to stand behind others; says whether it did. */
  holds(pending: Pending): boolean {
    const recipients = recipientsOf(pending.kind);
    if (recipients.length === 0) {
      return false;
    }
    this.#orderCount += 1;
    const order = this.#orderCount;
    this.#orders.set(pending, order);
    const isBefore = (other: Held) => meet(other.recipients, recipients);
    const isBehind = this.#held.some(isBefore) || [...this.#probes.values()].some(isBefore);
    if (isBehind) {
      this.#held.push({ pending, recipients, order, tries: 0, notBefore: -Infinity });
    }
    return isBehind;
  }

  /**
   * A frame was refused because a recipient is busy. Returns what is given up: nothing, or, after several tries, the
   * frame and all that stands behind it.
   */
  refused(pending: Pending, retryAt: number): Pending[] {
    const recipients = recipientsOf(pending.kind);
    const tries = (this.#probes.get(pending)?.tries ?? 0) + 1;
    const order = this.#orders.get(pending) ?? 0;
    this.#probes.delete(pending);
    if (recipients.length === 0) {
      return [pending];
    }
    if (tries > MAX_TRIES) {
      const behind = this.#held.filter((held) => meet(held.recipients, recipients));
      this.#held = this.#held.filter((held) => !behind.includes(held));
      return [pending, ...behind.map((held) => held.pending)];
    }
    this.#held.push({ pending, recipients, order, tries, notBefore: retryAt });
    this.#held.sort((one, other) => one.order - other.order);
    return [];
  }

  /** A frame was settled otherwise. If it went out to try, the others may follow. */
  settled(pending: Pending): void {
    const probe = this.#probes.get(pending);
    if (probe !== undefined) {
      this.#probes.delete(pending);
      this.#held = this.#held.map((held) =>
        meet(held.recipients, probe.recipients) ? { ...held, tries: 0, notBefore: -Infinity } : held,
      );
    }
  }

  /** The frames that may go out now. */
  release(now: number): Pending[] {
    const released: Pending[] = [];
    this.#held = this.#eligible((held, isFree) => {
      if (!isFree || now < held.notBefore) {
        return true;
      }
      if (held.tries > 0) {
        this.#probes.set(held.pending, held);
      }
      released.push(held.pending);
      return false;
    });
    return released;
  }

  /** When the next frame may go out, if that is a matter of time. */
  dueAt(): number | undefined {
    let dueAt: number | undefined;
    this.#eligible((held, isFree) => {
      dueAt = isFree ? Math.min(dueAt ?? Infinity, held.notBefore) : dueAt;
      return true;
    });
    return dueAt;
  }

  /** Takes everything out: the session is over. */
  clear(): Pending[] {
    this.#probes.clear();
    return this.#held.splice(0).map(({ pending }) => pending);
  }

  /** Goes through what is held: who stands behind somebody that stays, or tries, is not free. */
  #eligible(stays: (held: Held, isFree: boolean) => boolean): Held[] {
    const taken = new Set([...this.#probes.values()].flatMap(({ recipients }) => recipients));
    return this.#held.filter((held) => {
      const isFree = !held.recipients.some((recipient) => taken.has(recipient));
      const isStaying = stays(held, isFree);
      if (isStaying || held.tries > 0) {
        held.recipients.forEach((recipient) => taken.add(recipient));
      }
      return isStaying;
    });
  }
}

/** Whose mailboxes a frame goes to; none for what goes to the room. */
function recipientsOf(kind: ClientKind): readonly string[] {
  switch (kind.case) {
    case "offer":
    case "answer":
    case "candidate":
    case "chat":
      return kind.value.to === undefined || kind.value.to === "" ? [] : [kind.value.to];
    case "data":
      return kind.value.to ?? [];
    default:
      return [];
  }
}

function meet(some: readonly string[], others: readonly string[]): boolean {
  return some.some((one) => others.includes(one));
}
