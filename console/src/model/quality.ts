import type { ConnectionQuality } from "@antiphon/client";

/** How well somebody's media gets through. */
export type Quality = ConnectionQuality;

/** Filled bars of three. */
export const QUALITY_BARS: Readonly<Record<Quality, number>> = { excellent: 3, good: 2, poor: 1, lost: 0 };

/** In words, as they follow a name. */
export const QUALITY_WORDS: Readonly<Record<Quality, string>> = {
  excellent: "excellent connection",
  good: "good connection",
  poor: "poor connection",
  lost: "no connection",
};

/** Whether one sees and hears it: then it stands in the tile, and not only in the list of people. */
export function isBad(quality: Quality | null): quality is "poor" | "lost" {
  return quality === "poor" || quality === "lost";
}
