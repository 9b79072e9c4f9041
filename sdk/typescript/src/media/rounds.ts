/** Rounds whose late candidates are still recognised, and candidates that may wait for their description. */
const REMEMBERED_ROUNDS = 32;
const EARLY_CANDIDATES = 256;

/** What to do with a candidate. */
export type CandidateVerdict = "add" | "kept" | "dropped";

/**
 * Knows to which round of offer and answer a candidate belongs. Ids of own rounds are unique in the pair, because the
 * polite and the impolite end prefix them differently.
 */
export class Rounds {
  readonly #prefix: string;
  #offers = 0;
  /** The round whose remote description is in force. */
  #current: string | undefined;
  /** Rounds that were: their candidates still count, since a round without an ICE restart keeps the credentials. */
  readonly #completed = new Set<string>();
  /** Rounds that were rolled back or ignored. */
  readonly #dropped = new Set<string>();
  readonly #early: { id: string; candidate: RTCIceCandidateInit }[] = [];

  constructor(isPolite: boolean) {
    this.#prefix = isPolite ? "p" : "i";
  }

  /** Names a round that this end begins. */
  begin(): string {
    this.#offers += 1;
    return `${this.#prefix}${this.#offers}`;
  }

  /** The remote description of round `id` is in force. Returns the candidates that waited for it. */
  settle(id: string): RTCIceCandidateInit[] {
    if (this.#current !== undefined && this.#current !== id) {
      remember(this.#completed, this.#current);
    }
    this.#current = id;
    const due = this.#early.filter((early) => early.id === id);
    // Frames of one sender arrive in order, so what waited for another round waits in vain.
    this.#early.length = 0;
    return due.map(({ candidate }) => candidate);
  }

  /** Another connection took the place of the one that all rounds until now were about. */
  restart(): void {
    for (const id of [...this.#completed, ...(this.#current === undefined ? [] : [this.#current])]) {
      remember(this.#dropped, id);
    }
    this.#completed.clear();
    this.#current = undefined;
    this.#early.length = 0;
  }

  /** Round `id` was rolled back, or its offer ignored. */
  drop(id: string): void {
    remember(this.#dropped, id);
  }

  /** A candidate came. */
  judge(id: string, candidate: RTCIceCandidateInit): CandidateVerdict {
    // A client that names no rounds means the one in force.
    if (id === this.#current || this.#completed.has(id) || (id === "" && this.#current !== undefined)) {
      return "add";
    }
    if (this.#dropped.has(id) || this.#early.length >= EARLY_CANDIDATES) {
      return "dropped";
    }
    this.#early.push({ id, candidate });
    return "kept";
  }
}

function remember(ids: Set<string>, id: string): void {
  ids.add(id);
  if (ids.size > REMEMBERED_ROUNDS) {
    for (const oldest of ids) {
      ids.delete(oldest);
      break;
    }
  }
}
