import { describe, expect, it } from "vitest";

import { exponentialBackoff } from "./reconnect-policy.js";

const context = { elapsedMs: 0, retryAfterMs: undefined, reason: "closed" } as const;

describe("exponentialBackoff", () => {
  it("tries at once, then doubles a bound up to the longest wait", () => {
    const policy = exponentialBackoff({ baseMs: 100, maxMs: 1_000, random: () => 0.999_999 });
    const delays = [0, 1, 2, 3, 4, 5, 50].map((attempt) => Math.round(policy.nextDelayMs(attempt, context) ?? -1));
    expect(delays).toEqual([0, 100, 200, 400, 800, 1_000, 1_000]);
  });

  it("takes any part of the bound", () => {
    expect(exponentialBackoff({ baseMs: 100, random: () => 0 }).nextDelayMs(3, context)).toBe(0);
    expect(exponentialBackoff({ baseMs: 100, random: () => 0.5 }).nextDelayMs(3, context)).toBe(200);
  });

  it("never comes back before the server wants it", () => {
    const policy = exponentialBackoff({ baseMs: 100, random: () => 0.5 });
    expect(policy.nextDelayMs(0, { ...context, retryAfterMs: 3_000 })).toBe(3_000);
    expect(policy.nextDelayMs(1, { ...context, retryAfterMs: 3_000 })).toBe(3_050);
  });

  it("gives up after the configured time, and not before", () => {
    const policy = exponentialBackoff({ giveUpAfterMs: 60_000 });
    expect(policy.nextDelayMs(9, { ...context, elapsedMs: 59_999 })).not.toBeNull();
    expect(policy.nextDelayMs(9, { ...context, elapsedMs: 60_000 })).toBeNull();
  });
});
