import { describe, expect, it } from "vitest";
import { somebody } from "../testing/somebody";
import type { Person, TrackState } from "./call-state";
import { arrangeStage, chooseSeen, MOST_TILES, rememberSpeakers, type View } from "./stage";

const TRACK: TrackState = { trackId: "t", muted: false, media: null };
const GRID: Omit<View, "seen"> = { layout: "grid", pinned: null, speaker: null };
const SPOTLIGHT: Omit<View, "seen"> = { ...GRID, layout: "spotlight" };

function crowd(count: number): Person[] {
  return [somebody("me"), ...Array.from({ length: count - 1 }, (_, index) => somebody(`p${index}`))];
}

function arrange(people: readonly Person[], view = GRID) {
  return arrangeStage(people, { ...view, seen: chooseSeen(people, [], []) });
}

function sids(people: readonly Person[]): string[] {
  return people.map(({ sid }) => sid);
}

function speaking(people: readonly Person[], ...speakers: string[]): Person[] {
  return people.map((person) => ({ ...person, isSpeaking: speakers.includes(person.sid) }));
}

describe("arrangeStage", () => {
  it("gives everyone a tile, in order, up to sixteen", () => {
    const stage = arrange(crowd(MOST_TILES));
    expect(stage.tiles.map((tile) => tile.person.sid)).toEqual(sids(crowd(MOST_TILES)));
    expect(stage.overflow).toEqual([]);
  });

  it("keeps one place for the rest when there are more", () => {
    const stage = arrange(crowd(20));
    expect(stage.tiles).toHaveLength(MOST_TILES - 1);
    expect(stage.overflow).toHaveLength(5);
  });

  it("puts a shared screen in the spotlight, somebody else's before one's own", () => {
    const people = [somebody("me", { screen: TRACK }), somebody("ada", { screen: TRACK })];
    const stage = arrange(people);
    expect(stage.spotlight?.key).toBe("ada/screen");
    expect(stage.tiles.map((tile) => tile.key)).toEqual(["me/screen", "me/camera", "ada/camera"]);
  });

  it("shows who was chosen, before a shared screen, and for as long as they are there", () => {
    const people = [somebody("me"), somebody("ada", { screen: TRACK }), somebody("bob")];
    const chosen = { ...GRID, pinned: "bob/camera" };
    expect(arrange(people, chosen).spotlight?.key).toBe("bob/camera");
    expect(arrange(people, chosen).tiles.map((tile) => tile.key)).toEqual(["ada/screen", "me/camera", "ada/camera"]);
    expect(arrange(people.slice(0, 2), chosen).spotlight?.key).toBe("ada/screen");
  });

  it("puts who spoke last in the spotlight, never oneself", () => {
    const people = crowd(3);
    expect(arrange(people, { ...SPOTLIGHT, speaker: "p1" }).spotlight?.key).toBe("p1/camera");
    expect(arrange(people, { ...SPOTLIGHT, speaker: "me" }).spotlight?.key).toBe("p0/camera");
  });

  it("has no spotlight in a grid, or alone", () => {
    expect(arrange(crowd(2)).spotlight).toBeNull();
    expect(arrange(crowd(1), SPOTLIGHT).spotlight).toBeNull();
  });
});

describe("chooseSeen", () => {
  it("shows those who can be seen before those who cannot", () => {
    const people = crowd(20);
    people[19] = somebody("seen", { camera: TRACK });
    expect(chooseSeen(people, [], [])).toEqual(expect.arrayContaining(["me", "seen"]));
  });

  it("brings a speaker into sight without moving anybody else", () => {
    const people = crowd(20);
    const before = chooseSeen(people, [], []);
    const after = chooseSeen(speaking(people, "p18"), before, ["p18"]);
    expect(after).toContain("p18");
    expect(after.filter((sid, index) => sid !== before[index])).toEqual(["p18"]);
  });

  it("keeps a former speaker in sight when the next one comes", () => {
    const people = crowd(20);
    const first = chooseSeen(speaking(people, "p18"), chooseSeen(people, [], []), ["p18"]);
    const second = chooseSeen(speaking(people, "p17"), first, ["p17", "p18"]);
    expect(second).toEqual(expect.arrayContaining(["p17", "p18", "me"]));
    expect(chooseSeen(people, second, ["p17", "p18"])).toBe(second);
  });

  it("fills the place of somebody who left, and leaves the others where they are", () => {
    const people = crowd(20);
    const before = chooseSeen(people, [], []);
    const after = chooseSeen(people.filter(({ sid }) => sid !== "p3"), before, []);
    expect(after).toHaveLength(MOST_TILES - 1);
    expect(after.slice(0, -1)).toEqual(before.filter((sid) => sid !== "p3"));
  });

  it("goes back to the order of joining once there is room for all", () => {
    const people = crowd(20);
    const before = chooseSeen(speaking(people, "p18"), chooseSeen(people, [], []), ["p18"]);
    expect(chooseSeen(people.slice(0, 5), before, [])).toEqual(sids(people.slice(0, 5)));
  });

  it("never shows more than fit, with screens and speakers in any number", () => {
    for (let count = 1; count <= 40; count += 1) {
      for (const sharers of [0, 1, 3]) {
        const people = crowd(count).map((person, index) => ({
          ...person,
          isSpeaking: true,
          screen: index < sharers ? TRACK : null,
        }));
        const stage = arrangeStage(people, { ...GRID, seen: chooseSeen(people, sids(people), []) });
        const places = stage.tiles.length + (stage.spotlight === null ? 0 : 1) + (stage.overflow.length > 0 ? 1 : 0);
        expect(places).toBeLessThanOrEqual(MOST_TILES);
        expect(new Set(stage.tiles.map(({ key }) => key)).size).toBe(stage.tiles.length);
      }
    }
  });
});

describe("rememberSpeakers", () => {
  it("puts the latest first", () => {
    const people = crowd(4);
    const first = rememberSpeakers([], speaking(people, "p0"));
    expect(first).toEqual(["p0"]);
    expect(rememberSpeakers(first, speaking(people, "p1"))).toEqual(["p1", "p0"]);
  });

  it("is not interrupted by a word from somebody else", () => {
    expect(rememberSpeakers(["p0"], speaking(crowd(4), "p0", "p1"))).toEqual(["p0", "p1"]);
  });

  it("keeps the last one while nobody speaks, and forgets who left", () => {
    const recent = ["p1", "p0"];
    expect(rememberSpeakers(recent, crowd(4))).toBe(recent);
    expect(rememberSpeakers(recent, crowd(2))).toEqual(["p0"]);
  });

  it("leaves oneself out", () => {
    expect(rememberSpeakers([], speaking(crowd(2), "me"))).toEqual([]);
  });
});
