/** Samples below this are a room's own noise. */
const FLOOR_DB = -60;
const CEILING_DB = -15;
/** Somebody speaks above the first and stops below the second, so that a ring around a tile does not flicker. */
const SPEAKING_ABOVE = 0.32;
const SILENT_BELOW = 0.18;
/** A pause between two words is not silence. */
const HOLD_MS = 600;

/** Loudness from 0 to 1 of samples between −1 and 1, on a scale like the ear's. */
export function loudness(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  if (samples.length === 0 || sum === 0) return 0;
  const decibels = 10 * Math.log10(sum / samples.length);
  return Math.min(1, Math.max(0, (decibels - FLOOR_DB) / (CEILING_DB - FLOOR_DB)));
}

/** Whether somebody is speaking. */
export interface Speech {
  readonly isSpeaking: boolean;
  /** When it was last loud enough. */
  readonly lastLoudMs: number;
}

/** Before the first measurement. */
export const SILENCE: Speech = { isSpeaking: false, lastLoudMs: Number.NEGATIVE_INFINITY };

/** The next {@link Speech} for a level measured at a time. */
export function hearSpeech(before: Speech, level: number, nowMs: number): Speech {
  const isLoud = level > (before.isSpeaking ? SILENT_BELOW : SPEAKING_ABOVE);
  if (isLoud) return { isSpeaking: true, lastLoudMs: nowMs };
  return { isSpeaking: before.isSpeaking && nowMs - before.lastLoudMs < HOLD_MS, lastLoudMs: before.lastLoudMs };
}
