import { describe, expect, it } from "vitest";
import type { Person, TrackState } from "./call-state";
import { arrangeStage, MOST_TILES } from "./stage";

const TRACK: TrackState = { trackId: "t", muted: false, media: null };

function person(sid: string, changes: Partial<Person> = {}): Person {
  return {
    sid,
    identity: sid,
    name: sid,
    isLocal: sid === "me",
    isModerator: false,
    isConnected: true,
    microphone: null,
    camera: null,
    screen: null,
    screenAudio: null,
    ...changes,
  };
}

function crowd(count: number): Person[] {
  return [person("me"), ...Array.from({ length: count - 1 }, (_, index) => person(`p${index}`))];
}

describe("arrangeStage", () => {
  it("gives everyone a tile, in order, up to sixteen", () => {
    const stage = arrangeStage(crowd(MOST_TILES));
    expect(stage.tiles.map((tile) => tile.person.sid)).toEqual(crowd(MOST_TILES).map(({ sid }) => sid));
    expect(stage.overflow).toEqual([]);
  });

  it("keeps one place for the rest when there are more", () => {
    const stage = arrangeStage(crowd(20));
    expect(stage.tiles).toHaveLength(MOST_TILES - 1);
    expect(stage.overflow).toHaveLength(5);
  });

  it("shows those who can be seen before those who cannot", () => {
    const people = crowd(20);
    people[19] = person("seen", { camera: TRACK });
    const shown = arrangeStage(people).tiles.map((tile) => tile.person.sid);
    expect(shown).toContain("seen");
    expect(shown).toContain("me");
  });

  it("puts a shared screen in the spotlight, somebody else's before one's own", () => {
    const people = [person("me", { screen: TRACK }), person("ada", { screen: TRACK })];
    const stage = arrangeStage(people);
    expect(stage.spotlight?.person.sid).toBe("ada");
    expect(stage.tiles.map((tile) => tile.key)).toEqual(["me/screen", "me/camera", "ada/camera"]);
  });

  it("has no spotlight when nobody shares", () => {
    expect(arrangeStage(crowd(2)).spotlight).toBeNull();
  });
});
