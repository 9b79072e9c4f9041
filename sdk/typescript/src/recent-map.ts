/** Remembers the newest entries, at most so many; an older one makes way for each new one. */
export class RecentMap<Key, Value> {
  readonly #limit: number;
  readonly #entries = new Map<Key, Value>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key);
  }

  has(key: Key): boolean {
    return this.#entries.has(key);
  }

  keys(): Iterable<Key> {
    return this.#entries.keys();
  }

  /** A key that is known keeps its place. */
  set(key: Key, value: Value): void {
    this.#entries.set(key, value);
    if (this.#entries.size > this.#limit) {
      // Maps iterate in the order of insertion.
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest);
        break;
      }
    }
  }

  clear(): void {
    this.#entries.clear();
  }
}
