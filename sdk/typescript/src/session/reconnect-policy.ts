/** What is known when the next attempt is planned. */
export interface ReconnectContext {
  /** How long the connection has been gone. */
  elapsedMs: number;
  /** What the server asked for, if it did. */
  retryAfterMs: number | undefined;
  /** Why the last attempt, or the connection, ended. */
  reason: ReconnectReason;
}

/** Why there is no connection. */
export type ReconnectReason =
  /** The socket closed. */
  | "closed"
  /** Nothing was heard for too long. */
  | "timed_out"
  /** The server moves its connections (`goAway`). */
  | "going_away"
  /** The server refused for now, e.g. `unavailable`. */
  | "refused";

/** Decides when to try again. */
export interface ReconnectPolicy {
  /** The wait before attempt number `attempt` (0, 1, …); `null` gives up. */
  nextDelayMs(attempt: number, context: ReconnectContext): number | null;
}

/** See {@link exponentialBackoff}. */
export interface ExponentialBackoffOptions {
  /** The upper bound of the wait before the second attempt. It doubles with each further one. Default 300 ms. */
  baseMs?: number;
  /** The upper bound of any wait. Default 10 s. */
  maxMs?: number;
  /** Gives up after so long without a connection. Default 10 minutes; `Infinity` never does. */
  giveUpAfterMs?: number;
  /** A number in [0, 1). Default `Math.random`. */
  random?: () => number;
}

/**
 * Tries at once, then waits for a random part of a bound that doubles ("full jitter", so that the clients of a server
 * that was restarted do not come back together). What the server asked for is a lower bound, and is waited for even at
 * first.
 */
export function exponentialBackoff(options: ExponentialBackoffOptions = {}): ReconnectPolicy {
  const { baseMs = 300, maxMs = 10_000, giveUpAfterMs = 600_000, random = Math.random } = options;
  return {
    nextDelayMs(attempt, { elapsedMs, retryAfterMs }) {
      if (elapsedMs >= giveUpAfterMs) {
        return null;
      }
      const bound = attempt === 0 ? 0 : Math.min(maxMs, baseMs * 2 ** (attempt - 1));
      return (retryAfterMs ?? 0) + random() * bound;
    },
  };
}
