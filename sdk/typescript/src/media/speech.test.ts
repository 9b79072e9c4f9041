import { expect, it } from "vitest";

import { amplitude, hear, loudness, SILENCE } from "./speech.js";

it("loudness follows the ear: silence and a room's noise are 0, full scale is 1, in between it grows evenly in dB", () => {
  expect([0, 0.001, 1].map(loudness)).toEqual([0, 0, 1]);
  expect(loudness(10 ** (-37.5 / 20))).toBeCloseTo(0.5);
  expect(loudness(Number.NaN)).toBe(0);
});

it("the amplitude of samples is their root mean square", () => {
  expect(amplitude(new Float32Array([0.5, -0.5, 0.5, -0.5]))).toBeCloseTo(0.5);
  expect(amplitude(new Float32Array())).toBe(0);
});

it("somebody speaks above one level, stops below a lower one, and not in a pause between two words", () => {
  let speech = hear(SILENCE, 0.25, 0);
  expect(speech.isSpeaking).toBe(false);
  speech = hear(speech, 0.4, 100);
  expect(speech.isSpeaking).toBe(true);
  speech = hear(speech, 0.25, 200);
  speech = hear(speech, 0, 799);
  expect(speech.isSpeaking).toBe(true);
  expect(hear(speech, 0, 800).isSpeaking).toBe(false);
});
