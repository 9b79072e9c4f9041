/** Samples below this are a room's own noise. */
const FLOOR_DB = -60;
const CEILING_DB = -15;

/** Loudness from 0 to 1 of samples between −1 and 1, on a scale like the ear's. */
export function loudness(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  if (samples.length === 0 || sum === 0) return 0;
  const decibels = 10 * Math.log10(sum / samples.length);
  return Math.min(1, Math.max(0, (decibels - FLOOR_DB) / (CEILING_DB - FLOOR_DB)));
}
