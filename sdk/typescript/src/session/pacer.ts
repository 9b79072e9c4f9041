/** Keeps to the server's rate limit by waiting, so that nothing has to be refused: a token bucket. */
export class Pacer {
  #perMs = Infinity;
  #burst = Infinity;
  #tokens = Infinity;
  #at = 0;

  /** Takes over the server's limits; 0 stands for none. A tenth is left for what is not numbered. */
  configure(messagesPerSecond: number, burst: number, now: number): void {
    this.#perMs = messagesPerSecond > 0 ? (messagesPerSecond * 0.9) / 1_000 : Infinity;
    this.#burst = messagesPerSecond > 0 ? Math.max(1, Math.floor(burst * 0.9)) : Infinity;
    this.refill(now);
  }

  /** The server counts each connection anew. */
  refill(now: number): void {
    this.#tokens = this.#burst;
    this.#at = now;
  }

  /** Whether a message may go now; counts it if so. */
  take(now: number): boolean {
    this.#advance(now);
    if (this.#tokens < 1) {
      return false;
    }
    this.#tokens -= 1;
    return true;
  }

  /** When the next message may go. */
  readyAt(now: number): number {
    this.#advance(now);
    // Rounded up: a timer that fires a fraction early would fire again and again.
    return this.#tokens >= 1 ? now : now + Math.ceil((1 - this.#tokens) / this.#perMs);
  }

  #advance(now: number): void {
    if (this.#tokens < this.#burst) {
      this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#at) * this.#perMs);
    }
    this.#at = now;
  }
}
