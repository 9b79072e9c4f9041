/** How much may be done at once, and how fast it comes back. */
export interface RateLimit {
  readonly burst: number;
  readonly perSecond: number;
}

/** How much of a {@link RateLimit} is left at a time. */
export interface Allowance {
  readonly left: number;
  readonly atMs: number;
}

/** Takes one from an allowance (null: a full one) at a time. `isAllowed` is false where none is left. */
export function take(
  { burst, perSecond }: RateLimit,
  before: Allowance | null,
  nowMs: number,
): { readonly isAllowed: boolean; readonly allowance: Allowance } {
  const { left: had, atMs } = before ?? { left: burst, atMs: nowMs };
  // A clock that was set back gives nothing, and takes nothing either.
  const left = Math.min(burst, had + (Math.max(0, nowMs - atMs) / 1_000) * perSecond);
  const isAllowed = left >= 1;
  return { isAllowed, allowance: { left: isAllowed ? left - 1 : left, atMs: nowMs } };
}
