import { describe, expect, it } from "vitest";
import { loudness } from "./loudness";

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
