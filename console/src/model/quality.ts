/** How well somebody's media gets through, as far as it was measured. */
export type Quality = "good" | "fair" | "poor" | "lost";

/** Filled bars of three. */
export const QUALITY_BARS: Readonly<Record<Quality, number>> = { good: 3, fair: 2, poor: 1, lost: 0 };

/** In words, as they follow a name. */
export const QUALITY_WORDS: Readonly<Record<Quality, string>> = {
  good: "good connection",
  fair: "fair connection",
  poor: "poor connection",
  lost: "no connection",
};
