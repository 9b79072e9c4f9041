import { describe, expect, it } from "vitest";
import type { EndingKind } from "./call-state";
import { endingWords } from "./ending-words";

describe("endingWords", () => {
  it("has a title and a detail for every end", () => {
    const kinds: EndingKind[] = [
      "left",
      "kicked",
      "replaced",
      "roomEnded",
      "refused",
      "tokenExpired",
      "timedOut",
      "lost",
      "failed",
    ];
    for (const kind of kinds) {
      const { title, detail } = endingWords({ kind, message: "" }, "choir");
      expect(title).not.toBe("");
      expect(detail).not.toBe("");
    }
  });

  it("offers no way back to somebody who was removed", () => {
    expect(endingWords({ kind: "kicked", message: "" }, "choir").again).toBeNull();
    expect(endingWords({ kind: "failed", code: "banned", message: "" }, "choir").again).toBeNull();
  });

  it("lets the tab that was replaced take the call back", () => {
    expect(endingWords({ kind: "replaced", message: "" }, "choir").again).toBe("Continue here");
  });

  it("repeats what a moderator said, as a sentence", () => {
    expect(endingWords({ kind: "kicked", message: "please be kind" }, "choir").detail).toBe("Please be kind.");
    expect(endingWords({ kind: "roomEnded", message: "Thanks all!" }, "choir").detail).toBe("Thanks all!");
  });

  it.each(["no_token", "unauthenticated", "token_expired"])("explains how to get a token after %s", (code) => {
    expect(endingWords({ kind: "failed", code, message: "" }, "choir").needsToken).toBe(true);
  });

  it("falls back to the server's own words for a code that it does not know", () => {
    const { detail, again } = endingWords(
      { kind: "failed", code: "from_the_future", message: "no room at the inn" },
      "choir",
    );
    expect(detail).toBe("No room at the inn.");
    expect(again).toBe("Try again");
  });
});
