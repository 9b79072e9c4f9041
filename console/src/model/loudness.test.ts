import { describe, expect, it } from "vitest";
import { hearSpeech, loudness, SILENCE } from "./loudness";

describe("loudness", () => {
  it("is 0 for silence and for nothing, 1 for full scale", () => {
    expect(loudness(new Float32Array(64))).toBe(0);
    expect(loudness(new Float32Array(0))).toBe(0);
    expect(loudness(new Float32Array(64).fill(1))).toBe(1);
  });

  it("rises with the amplitude", () => {
    const at = (amplitude: number) => loudness(new Float32Array(64).fill(amplitude));
    expect(at(0.01)).toBeGreaterThan(at(0.002));
    expect(at(0.1)).toBeGreaterThan(at(0.01));
  });
});

describe("hearSpeech", () => {
  it("starts above the upper threshold only", () => {
    expect(hearSpeech(SILENCE, 0.25, 0).isSpeaking).toBe(false);
    expect(hearSpeech(SILENCE, 0.4, 0).isSpeaking).toBe(true);
  });

  it("goes on above the lower one", () => {
    const speaking = hearSpeech(SILENCE, 0.4, 0);
    expect(hearSpeech(speaking, 0.25, 5_000).isSpeaking).toBe(true);
  });

  it("outlasts a pause between words and ends exactly when it has been long enough", () => {
    const speaking = hearSpeech(SILENCE, 0.4, 1_000);
    expect(hearSpeech(speaking, 0, 1_599).isSpeaking).toBe(true);
    expect(hearSpeech(speaking, 0, 1_600).isSpeaking).toBe(false);
  });
});
