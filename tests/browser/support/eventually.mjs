import { AssertionError } from "node:assert";
import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 100;

/**
 * Asks `probe` until `isReached` accepts its answer, and gives that answer. Fails with the last one at the deadline.
 *
 * @template Answer
 * @param {string} condition what is awaited, for the failure's text
 * @param {() => Promise<Answer> | Answer} probe
 * @param {{ isReached?: (answer: Answer) => boolean, withinMs?: number }} [options]
 * @returns {Promise<Answer>}
 */
export async function eventually(condition, probe, { isReached = Boolean, withinMs = 15_000 } = {}) {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await probe();
    if (isReached(answer)) {
      return answer;
    }
    if (performance.now() >= deadline) {
      throw new AssertionError({ message: `not within ${withinMs} ms: ${condition}; last seen: ${JSON.stringify(answer)}` });
    }
    await delay(POLL_MS);
  }
}
