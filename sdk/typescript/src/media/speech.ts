/** Samples below this are a room's own noise. */
const FLOOR_DB = -60;
const CEILING_DB = -15;
/** Somebody speaks above the first and stops below the second, so that a ring around a tile does not flicker. */
const SPEAKING_ABOVE = 0.32;
const SILENT_BELOW = 0.18;
/** A pause between two words is not silence. */
const HOLD_MS = 600;

/** Whether somebody speaks. */
export interface Speech {
  readonly isSpeaking: boolean;
  /** When it was last loud enough. */
  readonly lastLoudMs: number;
}

/** Before the first measurement. */
export const SILENCE: Speech = { isSpeaking: false, lastLoudMs: Number.NEGATIVE_INFINITY };

/** Loudness from 0 to 1, on a scale like the ear's, of sound whose root mean square is `amplitude` (1: full scale). */
export function loudness(amplitude: number): number {
  if (!(amplitude > 0)) {
    return 0;
  }
  return Math.min(1, Math.max(0, (20 * Math.log10(amplitude) - FLOOR_DB) / (CEILING_DB - FLOOR_DB)));
}

/** Root mean square of samples between −1 and 1. */
export function amplitude(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) {
    sum += sample * sample;
  }
  return samples.length === 0 ? 0 : Math.sqrt(sum / samples.length);
}

/** The next {@link Speech} for a loudness measured at a time. */
export function hear(before: Speech, level: number, nowMs: number): Speech {
  const isLoud = level > (before.isSpeaking ? SILENT_BELOW : SPEAKING_ABOVE);
  if (isLoud) {
    return { isSpeaking: true, lastLoudMs: nowMs };
  }
  return { isSpeaking: before.isSpeaking && nowMs - before.lastLoudMs < HOLD_MS, lastLoudMs: before.lastLoudMs };
}
