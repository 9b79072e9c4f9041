import { describe, expect, it } from "vitest";
import type { Connection } from "./call-state";
import { bannerWords } from "./connection-words";

const NOW = 1_763_650_000_000;

function lost(attempt: number, retryAtMs: number | null): Connection {
  return { phase: "reconnecting", attempt, retryAtMs, isPlanned: false, isInside: true };
}

describe("bannerWords", () => {
  it("says nothing while all is well", () => {
    expect(bannerWords({ phase: "live" }, NOW, true)).toBeNull();
    expect(bannerWords({ phase: "joining" }, NOW, true)).toBeNull();
  });

  it("counts down to the next try in whole seconds and never to zero", () => {
    expect(bannerWords(lost(1, NOW + 2_400), NOW, true)?.detail).toContain("Trying again in 3 s.");
    expect(bannerWords(lost(1, NOW + 1), NOW, true)?.detail).toContain("Trying again in 1 s.");
    expect(bannerWords(lost(1, NOW), NOW, true)?.detail).toContain("Reconnecting now.");
  });

  it("counts attempts from the second on", () => {
    expect(bannerWords(lost(1, null), NOW, true)?.detail).not.toContain("attempt");
    expect(bannerWords(lost(4, null), NOW, true)?.detail).toContain("(attempt 4)");
  });

  it("offers to try at once only where there is something to wait for", () => {
    expect(bannerWords(lost(2, NOW + 5_000), NOW, true)?.offersRetry).toBe(true);
    expect(bannerWords(lost(2, null), NOW, true)?.offersRetry).toBe(false);
  });

  it("blames the network when the device has none", () => {
    expect(bannerWords(lost(2, null), NOW, false)?.title).toBe("You are offline");
  });

  it("does not alarm anyone over a planned move", () => {
    const connection: Connection = { phase: "reconnecting", attempt: 1, retryAtMs: NOW + 900, isPlanned: true, isInside: true };
    expect(bannerWords(connection, NOW, true)?.title).toBe("Moving to another server");
  });
});
