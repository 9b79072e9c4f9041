import { describe, expect, it } from "vitest";
import type { RoomSnapshot } from "./changes";
import { foldEvent, ROOM_FINISHED } from "./fold";

const SNAPSHOT = {
  snapshot: {
    room: { name: "choir", createdAtMs: 1_000, topology: { active: "MESH" } },
    participants: [
      { sid: "p1", identity: "ada", name: "Ada", state: "CONNECTED", role: "MODERATOR", joinedAtMs: 1_000 },
      { sid: "p2", identity: "eve", state: "WAITING", role: "SPEAKER", joinedAtMs: 2_000 },
    ],
  },
};

/** Folds events one after the other; gives the room and what was said of it. */
function play(...events: readonly (readonly [string, unknown])[]): { snapshot: RoomSnapshot | null; texts: string[] } {
  let snapshot: RoomSnapshot | null = null;
  const texts: string[] = [];
  for (const [kind, body] of events) {
    const folded = foldEvent(snapshot, kind, JSON.stringify(kind === ROOM_FINISHED ? body : { [kind]: body }));
    snapshot = folded.snapshot;
    texts.push(...folded.happenings.map(({ text }) => text));
  }
  return { snapshot, texts };
}

const BEGIN = ["snapshot", SNAPSHOT] as const;
const TALLIS = { sid: "p3", identity: "tallis", name: "Thomas", state: "CONNECTED", role: "SPEAKER", joinedAtMs: 3_000 };

describe("foldEvent", () => {
  it("begins with the room as it is, where absent fields have their zero values", () => {
    const { snapshot, texts } = play(BEGIN);
    expect(texts).toEqual([]);
    expect(snapshot?.room).toEqual({
      name: "choir",
      locked: false,
      lobby: false,
      maxParticipants: 0,
      topology: { active: "MESH" },
      createdAtMs: 1_000,
    });
    expect(snapshot?.participants.map(({ identity, tracks }) => [identity, tracks])).toEqual([["ada", []]]);
    expect(snapshot?.waiting.map(({ identity, name }) => [identity, name])).toEqual([["eve", ""]]);
  });

  it("follows who comes, changes and goes, and says why", () => {
    const { snapshot, texts } = play(
      BEGIN,
      ["participantJoined", { participant: TALLIS }],
      ["participantUpdated", { participant: { ...TALLIS, state: "DISCONNECTED" } }],
      ["participantLeft", { sid: "p3", identity: "tallis", reason: "TIMED_OUT" }],
      ["participantLeft", { sid: "p1", identity: "ada", reason: "KICKED" }],
    );
    expect(texts).toEqual([
      "Thomas joined",
      "Thomas lost the connection",
      "Thomas left: the connection did not come back",
      "Ada was removed",
    ]);
    expect(snapshot?.participants).toEqual([]);
  });

  it("follows the waiting room", () => {
    const { snapshot, texts } = play(
      BEGIN,
      ["participantWaiting", { participant: { ...TALLIS, state: "WAITING" } }],
      ["participantWaiting", { participant: { sid: "p2", identity: "eve" }, gone: true }],
      ["participantJoined", { participant: TALLIS }],
    );
    expect(texts).toEqual(["Thomas waits to be let in", "eve waits no longer", "Thomas joined"]);
    expect(snapshot?.waiting).toEqual([]);
  });

  it("follows tracks", () => {
    const microphone = { trackId: "t1", kind: "AUDIO", source: "MICROPHONE" };
    const { snapshot, texts } = play(
      BEGIN,
      ["trackPublished", { sid: "p1", track: microphone }],
      ["trackUpdated", { sid: "p1", track: { ...microphone, muted: true } }],
      ["trackPublished", { sid: "p1", track: { trackId: "t2", kind: "VIDEO", source: "CAMERA" } }],
      ["trackUnpublished", { sid: "p1", trackId: "t1" }],
    );
    expect(texts).toEqual([
      "Ada: microphone published",
      "Ada: microphone muted",
      "Ada: camera published",
      "Ada: microphone unpublished",
    ]);
    expect(snapshot?.participants[0]?.tracks.map(({ trackId }) => trackId)).toEqual(["t2"]);
  });

  it("tells of the room, the chat, and the end", () => {
    const { snapshot, texts } = play(
      BEGIN,
      ["roomUpdated", { room: { ...SNAPSHOT.snapshot.room, locked: true } }],
      ["chat", { id: "m1", name: "Ada", text: "hello" }],
      ["chat", { id: "m2", text: "closing soon" }],
      ["chatDeleted", { id: "m1" }],
      [ROOM_FINISHED, { room: "choir", reason: "too late" }],
    );
    expect(texts).toEqual([
      "The room was locked",
      "Ada: hello",
      "The application: closing soon",
      "A message was deleted",
      "The room is over: too late",
    ]);
    expect(snapshot).toBeNull();
  });

  it("tells what a snapshot in the middle brings", () => {
    const later = { snapshot: { ...SNAPSHOT.snapshot, participants: [...SNAPSHOT.snapshot.participants, TALLIS] } };
    expect(play(BEGIN, ["snapshot", later]).texts).toEqual(["Thomas joined"]);
  });

  it("is not put off by what it does not know or cannot read", () => {
    const { snapshot } = play(BEGIN);
    for (const [kind, data] of [
      ["newKind", '{"newKind":{"x":1}}'],
      ["participantLeft", "not JSON"],
      ["participantLeft", "null"],
      ["participantLeft", '{"participantLeft":{"sid":"nobody"}}'],
      ["trackPublished", '{"trackPublished":{"sid":"nobody","track":{"trackId":"t"}}}'],
      ["participantJoined", '{"participantJoined":7}'],
    ] as const) {
      const folded = foldEvent(snapshot, kind, data);
      if (kind !== "participantJoined") expect(folded.snapshot, data).toEqual(snapshot);
    }
    expect(foldEvent(null, "participantLeft", "{}")).toEqual({ snapshot: null, happenings: [] });
  });
});
