import { describe, expect, it } from "vitest";
import {
  decodeReaction,
  encodeReaction,
  MOST_SHOWN,
  REACTION_RATE,
  REACTIONS,
  SenderLimits,
  show,
  type ShownReaction,
} from "./reactions";

describe("decodeReaction", () => {
  it("knows every reaction by its bytes", () => {
    for (const reaction of REACTIONS) expect(decodeReaction(encodeReaction(reaction))).toBe(reaction);
  });

  it("shows nothing of bytes that are none", () => {
    const bytes = [new Uint8Array(), new TextEncoder().encode("<b>"), new Uint8Array(60_000), Uint8Array.of(0xff)];
    for (const payload of bytes) expect(decodeReaction(payload)).toBeNull();
  });
});

describe("show", () => {
  it("lets the oldest go beyond the bound", () => {
    let shown: readonly ShownReaction[] = [];
    for (let key = 0; key <= MOST_SHOWN; key += 1) {
      shown = show(shown, { key, sid: "ada", name: "Ada", reaction: REACTIONS[0], place: 0 });
    }
    expect(shown).toHaveLength(MOST_SHOWN);
    expect(shown[0]?.key).toBe(1);
  });
});

describe("SenderLimits", () => {
  it("holds back a sender who floods, and nobody else", () => {
    const limits = new SenderLimits();
    const allowed = Array.from({ length: 50 }, () => limits.allows("eve", 0)).filter(Boolean);
    expect(allowed).toHaveLength(REACTION_RATE.burst);
    expect(limits.allows("ada", 0)).toBe(true);
  });

  it("remembers a bounded number of senders, the latest ones", () => {
    const limits = new SenderLimits();
    for (let i = 0; i < REACTION_RATE.burst; i += 1) limits.allows("early", 0);
    expect(limits.allows("early", 0)).toBe(false);
    for (let i = 0; i < SenderLimits.MOST_SENDERS; i += 1) limits.allows(`p${i}`, 0);
    expect(limits.allows("early", 0)).toBe(true);
  });
});
