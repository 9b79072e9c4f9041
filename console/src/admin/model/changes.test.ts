import { describe, expect, it } from "vitest";
import { changesBetween, type RoomSnapshot } from "./changes";
import type { Participant, Room, Track } from "./resources";

const ROOM: Room = {
  name: "choir",
  locked: false,
  lobby: false,
  maxParticipants: 0,
  topology: { active: "MESH" },
  createdAtMs: 1,
};

function person(sid: string, changes: Partial<Participant> = {}): Participant {
  return { sid, identity: sid, name: "", state: "CONNECTED", role: "SPEAKER", tracks: [], joinedAtMs: 1, ...changes };
}

function track(trackId: string, changes: Partial<Track> = {}): Track {
  return { trackId, kind: "AUDIO", source: "MICROPHONE", muted: false, ...changes };
}

function snapshot(participants: readonly Participant[], waiting: readonly Participant[] = [], room = ROOM): RoomSnapshot {
  return { room, participants, waiting };
}

function between(before: RoomSnapshot, after: RoomSnapshot): string[] {
  return changesBetween(before, after).map(({ text }) => text);
}

describe("changesBetween", () => {
  it("tells who came, went, lost the connection and has it again", () => {
    expect(between(snapshot([person("ada")]), snapshot([person("tallis", { name: "Thomas" })]))).toEqual(["Thomas joined", "ada left"]);
    const away = person("ada", { state: "DISCONNECTED" });
    expect(between(snapshot([person("ada")]), snapshot([away]))).toEqual(["ada lost the connection"]);
    expect(between(snapshot([away]), snapshot([person("ada")]))).toEqual(["ada is connected again"]);
  });

  it("tells of the waiting room, and once of whoever is let in", () => {
    const eve = person("eve", { state: "WAITING" });
    expect(between(snapshot([]), snapshot([], [eve]))).toEqual(["eve waits to be let in"]);
    expect(between(snapshot([], [eve]), snapshot([]))).toEqual(["eve waits no longer"]);
    expect(between(snapshot([], [eve]), snapshot([person("eve")]))).toEqual(["eve joined"]);
  });

  it("tells of tracks", () => {
    const silent = snapshot([person("ada")]);
    const heard = snapshot([person("ada", { tracks: [track("t1")] })]);
    const muted = snapshot([person("ada", { tracks: [track("t1", { muted: true })] })]);
    expect(between(silent, heard)).toEqual(["ada: microphone published"]);
    expect(between(heard, muted)).toEqual(["ada: microphone muted"]);
    expect(between(muted, heard)).toEqual(["ada: microphone on again"]);
    expect(between(heard, silent)).toEqual(["ada: microphone unpublished"]);
  });

  it("tells of the room itself, and of roles", () => {
    expect(between(snapshot([]), snapshot([], [], { ...ROOM, locked: true, lobby: true }))).toEqual([
      "The room was locked",
      "The waiting room was switched on",
    ]);
    expect(between(snapshot([person("ada")]), snapshot([person("ada", { role: "MODERATOR" })]))).toEqual(["ada is moderator now"]);
    expect(between(snapshot([]), snapshot([], [], { ...ROOM, createdAtMs: 2 }))).toEqual(["The room ended and began anew"]);
  });

  it("says nothing where nothing happened", () => {
    const full = snapshot([person("ada", { tracks: [track("t1")] })], [person("eve", { state: "WAITING" })]);
    expect(between(full, full)).toEqual([]);
  });
});
