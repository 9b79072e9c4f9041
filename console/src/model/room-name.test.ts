import { describe, expect, it } from "vitest";
import { friendlyRoomName, normalizeRoomName } from "./room-name";

describe("friendlyRoomName", () => {
  it("stays within its words at both ends of the random range", () => {
    expect(friendlyRoomName(() => 0)).toBe("amber-alcove-10");
    expect(friendlyRoomName(() => 0.999_999)).toBe("warm-willow-99");
  });

  it("makes names that survive normalizing", () => {
    for (let i = 0; i < 50; i += 1) {
      const name = friendlyRoomName(Math.random);
      expect(normalizeRoomName(name)).toBe(name);
    }
  });
});

describe("normalizeRoomName", () => {
  it("turns what people type into one address", () => {
    expect(normalizeRoomName("  Team Stand-up! ")).toBe("team-stand-up");
    expect(normalizeRoomName("a / b")).toBe("a-b");
  });

  it("keeps letters of every script", () => {
    expect(normalizeRoomName("Žižkov 会議")).toBe("žižkov-会議");
  });

  it("is empty when nothing usable remains", () => {
    expect(normalizeRoomName(" ?! ")).toBe("");
  });
});
