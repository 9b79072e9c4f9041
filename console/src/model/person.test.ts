import { describe, expect, it } from "vitest";
import { initials, TONES, toneOf } from "./person";

describe("initials", () => {
  it("takes the first and the last word", () => {
    expect(initials("Ada Lovelace")).toBe("AL");
    expect(initials("ada king lovelace")).toBe("AL");
    expect(initials("Grace")).toBe("G");
  });

  it("skips punctuation and handles names without letters", () => {
    expect(initials("(guest) 42")).toBe("G4");
    expect(initials("  ")).toBe("?");
    expect(initials("🎻")).toBe("?");
  });
});

describe("toneOf", () => {
  it("is stable and within the tones that exist", () => {
    for (const identity of ["", "ada", "grace-81fa", "会議"]) {
      expect(toneOf(identity)).toBe(toneOf(identity));
      expect(toneOf(identity)).toBeGreaterThanOrEqual(0);
      expect(toneOf(identity)).toBeLessThan(TONES);
    }
  });
});
