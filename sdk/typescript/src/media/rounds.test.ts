import { describe, expect, it } from "vitest";

import { Rounds } from "./rounds.js";

const candidate = (text: string) => ({ candidate: text });

describe("Rounds", () => {
  it("names own rounds so that the two ends never give the same name", () => {
    const polite = new Rounds(true);
    const impolite = new Rounds(false);
    expect(new Set([polite.begin(), polite.begin(), impolite.begin(), impolite.begin()]).size).toBe(4);
  });

  it("keeps a candidate until the description of its round is in force", () => {
    const rounds = new Rounds(true);
    expect(rounds.judge("i1", candidate("a"))).toBe("kept");
    expect(rounds.judge("i1", candidate("b"))).toBe("kept");
    expect(rounds.settle("i1", ["one"])).toEqual([candidate("a"), candidate("b")]);
    expect(rounds.judge("i1", candidate("c"))).toBe("add");
    expect(rounds.settle("i1", ["one"])).toEqual([]);
  });

  it("drops the late candidate of a round that was rolled back", () => {
    const rounds = new Rounds(true);
    rounds.drop("p1");
    rounds.settle("i1", ["one"]);
    expect(rounds.judge("p1", candidate("late"))).toBe("dropped");
  });

  it("takes the late candidate of a round that was completed: it may have the same credentials", () => {
    const rounds = new Rounds(true);
    rounds.settle("i1", ["one"]);
    rounds.settle("p1", ["one"]);
    expect(rounds.judge("i1", candidate("late"))).toBe("add");
  });

  it("drops the late candidate of an older ICE generation, and its end of candidates", () => {
    const rounds = new Rounds(true);
    rounds.settle("i1", ["one"]);
    rounds.settle("i2", ["two"]);
    const late = { candidate: "candidate:1", sdpMid: "0" };
    expect(rounds.judge("i1", late)).toBe("dropped");
    expect(rounds.judge("i1", { candidate: "" })).toBe("dropped");
    expect(rounds.judge("i1", { ...late, usernameFragment: "one" })).toBe("dropped");
    // Gathered for the older description, sent when the newer was made.
    expect(rounds.judge("i2", { ...late, usernameFragment: "one" })).toBe("dropped");
    expect(rounds.judge("i2", { ...late, candidate: "candidate:1 1 udp 1 192.0.2.1 9 typ host ufrag one" })).toBe(
      "dropped",
    );
    expect(rounds.judge("i2", late)).toBe("add");
    expect(rounds.judge("i2", { candidate: "" })).toBe("add");
    expect(rounds.judge("", { ...late, usernameFragment: "two" })).toBe("add");
    // A rollback to older credentials is a round too.
    rounds.settle("i3", ["two"]);
    expect(rounds.judge("i2", late)).toBe("add");
  });

  it("forgets what waited for a round that never came", () => {
    const rounds = new Rounds(true);
    rounds.judge("i7", candidate("a"));
    rounds.settle("i8", ["one"]);
    expect(rounds.settle("i7", ["one"])).toEqual([]);
  });

  it("keeps a bounded number of early candidates", () => {
    const rounds = new Rounds(true);
    const verdicts = Array.from({ length: 257 }, (_, index) => rounds.judge("i1", candidate(String(index))));
    expect(verdicts.filter((verdict) => verdict === "kept")).toHaveLength(256);
    expect(verdicts.at(-1)).toBe("dropped");
  });

  it("a candidate that names no round belongs to the present one", () => {
    const rounds = new Rounds(true);
    expect(rounds.judge("", candidate("a"))).toBe("kept");
    rounds.settle("i1", ["one"]);
    expect(rounds.judge("", candidate("b"))).toBe("add");
  });
});
