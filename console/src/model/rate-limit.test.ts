import { describe, expect, it } from "vitest";
import { type Allowance, take } from "./rate-limit";

const LIMIT = { burst: 3, perSecond: 2 };

function takeAt(times: readonly number[]): boolean[] {
  let allowance: Allowance | null = null;
  return times.map((nowMs) => {
    const taken = take(LIMIT, allowance, nowMs);
    allowance = taken.allowance;
    return taken.isAllowed;
  });
}

describe("take", () => {
  it("allows a burst, then refuses", () => {
    expect(takeAt([0, 0, 0, 0])).toEqual([true, true, true, false]);
  });

  it("allows one more as soon as its time has come, and not before", () => {
    expect(takeAt([0, 0, 0, 499, 500, 500])).toEqual([true, true, true, false, true, false]);
  });

  it("saves up no more than a burst", () => {
    expect(takeAt([0, 60_000, 60_000, 60_000, 60_000])).toEqual([true, true, true, true, false]);
  });

  it("is not fooled by a clock that is set back", () => {
    expect(takeAt([10_000, 10_000, 10_000, 0, 0])).toEqual([true, true, true, false, false]);
  });
});
