import type { ReconnectPolicy, ReconnectReason } from "./reconnect-policy.js";

/** A connection that lived shorter than this was no success: no tight loop against a server that hangs up. */
const STABLE_MS = 1_000;

/** Counts attempts to connect and asks the policy for the next one. */
export class Attempts {
  readonly #policy: ReconnectPolicy;
  #count = 0;
  #goneSince: number | undefined;
  #liveSince: number | undefined;

  constructor(policy: ReconnectPolicy) {
    this.#policy = policy;
  }

  /** There is a connection. */
  succeeded(now: number): void {
    this.#liveSince = now;
  }

  /** There is none. */
  broke(now: number): void {
    if (this.#liveSince !== undefined && now - this.#liveSince >= STABLE_MS) {
      this.#count = 0;
      this.#goneSince = now;
    }
    this.#liveSince = undefined;
    this.#goneSince ??= now;
  }

  /** The number of the next attempt (1, 2, …) and the wait before it; `undefined` to give up. */
  next(
    reason: ReconnectReason,
    retryAfterMs: number | undefined,
    now: number,
  ): { attempt: number; delayMs: number } | undefined {
    const elapsedMs = now - (this.#goneSince ?? now);
    const delayMs = this.#policy.nextDelayMs(this.#count, { elapsedMs, retryAfterMs, reason });
    if (delayMs === null) {
      return undefined;
    }
    this.#count += 1;
    return { attempt: this.#count, delayMs };
  }
}
