import { describe, expect, it } from "vitest";

import { type ConnectionQuality, judge, type LinkSample, type LinkVerdict, ownQuality, UNJUDGED } from "./quality.js";

/** What a path is like while it is measured. */
interface Path {
  readonly lossIn?: number;
  readonly lossOut?: number;
  readonly roundTripTimeMs?: number;
  readonly jitterMs?: number;
  /** Part of the time. */
  readonly frozen?: number;
  readonly state?: RTCPeerConnectionState;
}

/** A connection that is looked at every two seconds, with a hundred packets each way between two looks. */
class Link {
  #atMs = 0;
  #received = { total: 0, lost: 0 };
  #sent = { total: 0, lost: 0 };
  #frozenMs = 0;
  #verdict: LinkVerdict = UNJUDGED;

  /** The qualities after each of `looks` looks. */
  pass(looks: number, path: Path = {}): (ConnectionQuality | undefined)[] {
    return Array.from({ length: looks }, () => {
      const { lossIn = 0, lossOut = 0, frozen = 0, state = "connected" } = path;
      this.#atMs += 2_000;
      this.#received = {
        total: this.#received.total + 100 * (1 - lossIn),
        lost: this.#received.lost + 100 * lossIn,
      };
      this.#sent = { total: this.#sent.total + 100, lost: this.#sent.lost + 100 * lossOut };
      this.#frozenMs += frozen * 2_000;
      const sample: LinkSample = {
        atMs: this.#atMs,
        connectionState: state,
        received: this.#received,
        sent: this.#sent,
        roundTripTimeMs: path.roundTripTimeMs ?? 20,
        jitterMs: path.jitterMs ?? 5,
        frozenMs: this.#frozenMs,
      };
      this.#verdict = judge(this.#verdict, sample);
      return this.#verdict.quality;
    });
  }

  /** The connection was rebuilt: everything is counted anew. */
  restart(): void {
    this.#received = this.#sent = { total: 0, lost: 0 };
    this.#frozenMs = 0;
  }
}

describe("the thresholds", () => {
  it.each<[Path, ConnectionQuality]>([
    [{}, "excellent"],
    [{ lossIn: 0.019 }, "excellent"],
    [{ lossIn: 0.02 }, "good"],
    [{ lossOut: 0.079 }, "good"],
    [{ lossOut: 0.08 }, "poor"],
    [{ lossIn: 0.3 }, "poor"],
    [{ roundTripTimeMs: 199 }, "excellent"],
    [{ roundTripTimeMs: 200 }, "good"],
    [{ roundTripTimeMs: 500 }, "poor"],
    [{ jitterMs: 29.9 }, "excellent"],
    [{ jitterMs: 30 }, "good"],
    [{ jitterMs: 80 }, "poor"],
    [{ frozen: 0.02 }, "excellent"],
    [{ frozen: 0.04 }, "good"],
    [{ frozen: 0.2 }, "poor"],
    [{ state: "failed" }, "lost"],
    [{ state: "disconnected" }, "lost"],
  ])("%o is %s", (path, quality) => {
    expect(new Link().pass(3, path).at(-1)).toBe(quality);
  });

  it("nothing is known before two looks, and where there is no connection yet", () => {
    expect(new Link().pass(2)).toEqual([undefined, "excellent"]);
    expect(new Link().pass(3, { state: "connecting" })).toEqual([undefined, undefined, undefined]);
  });

  it("a picture that stood still for longer than between two looks was switched off", () => {
    const link = new Link();
    link.pass(3);
    expect([...link.pass(1, { frozen: 20 }), ...link.pass(3)]).not.toContain("poor");
  });
});

describe("over time", () => {
  it("becomes worse after the second bad look, and better after the third good one", () => {
    const link = new Link();
    link.pass(4);
    expect(link.pass(3, { roundTripTimeMs: 600 })).toEqual(["excellent", "excellent", "excellent"]);
    expect(link.pass(2, { roundTripTimeMs: 600 })).toEqual(["poor", "poor"]);
    const after = link.pass(8);
    expect(after[0]).toBe("poor");
    expect(after.at(-1)).toBe("excellent");
    expect(after.filter((quality, index) => index > 0 && quality !== after[index - 1])).toEqual(["excellent"]);
  });

  it("a single burst is no bad connection, ongoing loss is", () => {
    const link = new Link();
    link.pass(4);
    expect(link.pass(1, { lossIn: 0.01 })).toEqual(["excellent"]);
    expect(link.pass(4, { lossIn: 0.3 }).at(-1)).toBe("poor");
    expect(link.pass(10).at(-1)).toBe("excellent");
  });

  it("does not flap on a threshold", () => {
    const link = new Link();
    link.pass(4);
    const seen = Array.from({ length: 60 }, (_, index) => link.pass(1, { lossIn: index % 2 === 0 ? 0.075 : 0.085 })).flat();
    const changes = seen.filter((quality, index) => index > 0 && quality !== seen[index - 1]);
    expect(changes.length).toBeLessThanOrEqual(2);
  });

  it("is lost at once, stays so while it connects, and is judged afresh afterwards", () => {
    const link = new Link();
    link.pass(4);
    expect(link.pass(1, { state: "disconnected" })).toEqual(["lost"]);
    expect(link.pass(2, { state: "connecting" })).toEqual(["lost", "lost"]);
    link.restart();
    expect(link.pass(2)).toEqual(["lost", "excellent"]);
  });

  it("a connection that was rebuilt between two looks is measured from its beginning", () => {
    const link = new Link();
    link.pass(4, { lossIn: 0.05 });
    link.restart();
    expect(link.pass(1, { lossIn: 0.05 })).toEqual(["good"]);
    expect(link.pass(6, { lossIn: 0.05 }).at(-1)).toBe("good");
  });
});

it.each<[(ConnectionQuality | undefined)[], ConnectionQuality | undefined]>([
  [[], undefined],
  [[undefined], undefined],
  [["poor"], "poor"],
  [["poor", "excellent"], "excellent"],
  [["poor", "poor", "excellent"], "poor"],
  [["lost", "excellent", "good"], "good"],
  [["lost", undefined], "lost"],
])("of connections that are %o one's own is %s", (links, own) => {
  expect(ownQuality(links)).toBe(own);
});
