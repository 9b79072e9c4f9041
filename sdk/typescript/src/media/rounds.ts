import { RecentMap } from "../recent-map.js";

/** Rounds whose late candidates are still recognised, and candidates that may wait for their description. */
const REMEMBERED_ROUNDS = 32;
const EARLY_CANDIDATES = 256;

/** The `ice-ufrag`s of a description (RFC 8839, section 5.4): other ones are another generation. */
export type Generation = readonly string[];

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
  #current: { readonly id: string; readonly generation: Generation } | undefined;
  /** The ICE generation that the other end described in each round that was completed, the present one too. */
  readonly #generations = new RecentMap<string, Generation>(REMEMBERED_ROUNDS);
  /** Rounds that were rolled back or ignored. */
  readonly #dropped = new RecentMap<string, true>(REMEMBERED_ROUNDS);
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
  settle(id: string, generation: Generation): RTCIceCandidateInit[] {
    this.#current = { id, generation };
    this.#generations.set(id, generation);
    const due = this.#early.filter((early) => early.id === id);
    // Frames of one sender arrive in order, so what waited for another round waits in vain.
    this.#early.length = 0;
    return due.map(({ candidate }) => candidate);
  }

  /** Another connection took the place of the one that all rounds until now were about. */
  restart(): void {
    for (const id of this.#generations.keys()) {
      this.#dropped.set(id, true);
    }
    this.#generations.clear();
    this.#current = undefined;
    this.#early.length = 0;
  }

  /** Round `id` was rolled back, or its offer ignored. */
  drop(id: string): void {
    this.#dropped.set(id, true);
  }

  /** A candidate came. */
  judge(id: string, candidate: RTCIceCandidateInit): CandidateVerdict {
    // A client that names no rounds means the one in force.
    const generation = id === "" ? this.#current?.generation : this.#generations.get(id);
    if (this.#current !== undefined && generation !== undefined) {
      return isOf(this.#current.generation, candidate, generation) ? "add" : "dropped";
    }
    if (this.#dropped.has(id) || this.#early.length >= EARLY_CANDIDATES) {
      return "dropped";
    }
    this.#early.push({ id, candidate });
    return "kept";
  }
}

/**
 * Whether a candidate is for the generation in force. A round without an ICE restart keeps the credentials, so that a
 * late candidate counts; behind a restart it is of no use, and an end of candidates would even end those of the new
 * generation (RFC 8838, section 14; RFC 9429, section 4.1.19).
 */
function isOf(present: Generation, { candidate, usernameFragment }: RTCIceCandidateInit, named: Generation): boolean {
  const own = usernameFragment ?? / ufrag (\S+)/.exec(candidate ?? "")?.[1];
  if (own !== undefined) {
    return present.length === 0 || present.includes(own);
  }
  return present.join() === named.join();
}
