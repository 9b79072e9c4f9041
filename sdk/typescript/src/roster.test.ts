import { create } from "@bufbuild/protobuf";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it, vi } from "vitest";

import { Participant_State, RoomSnapshotSchema, Track_Kind, Track_Source } from "./gen/antiphon/v1/models_pb.js";
import { ServerFrameSchema } from "./gen/antiphon/v1/signal_pb.js";
import { Roster, type RosterChange } from "./roster.js";
import type { ServerKind } from "./session/frames.js";
import { FakeMediaStream } from "./testing/fake-media.js";
import type { ServerInit } from "./testing/fake-socket.js";

vi.stubGlobal("MediaStream", FakeMediaStream);

const frame = (kind: ServerInit["kind"]) =>
  create(ServerFrameSchema, { kind: kind ?? { case: undefined } }).kind as ServerKind;
const snapshot = (init: MessageInitShape<typeof RoomSnapshotSchema>) => create(RoomSnapshotSchema, init);
const types = (changes: readonly RosterChange[]) => changes.map(({ type }) => type);
const track = (trackId: string, muted = false) => ({
  trackId,
  kind: Track_Kind.AUDIO,
  source: Track_Source.MICROPHONE,
  muted,
});

function roster(): Roster {
  const folded = new Roster();
  folded.begin("me");
  folded.replace(
    snapshot({
      room: { name: "rehearsal" },
      participants: [{ sid: "me" }, { sid: "a", tracks: [track("t1")] }, { sid: "b" }],
    }),
  );
  return folded;
}

describe("Roster", () => {
  it("has the others in the order in which they joined, without this client", () => {
    expect([...roster().participants.keys()]).toEqual(["a", "b"]);
  });

  it("participants keep their identity as objects through every change", () => {
    const folded = roster();
    const before = folded.participants.get("a");
    folded.apply(
      frame({
        case: "participantUpdated",
        value: { participant: { sid: "a", name: "Ada", state: Participant_State.DISCONNECTED } },
      }),
    );
    folded.replace(snapshot({ participants: [{ sid: "a", name: "Ada L.", tracks: [track("t1")] }] }));
    expect(folded.participants.get("a")).toBe(before);
    expect(before?.name).toBe("Ada L.");
    expect(before?.tracks.get("t1")).toBeDefined();
  });

  it("says when somebody's connection is back, and only then", () => {
    const folded = roster();
    const update = (state: Participant_State) =>
      folded
        .apply(frame({ case: "participantUpdated", value: { participant: { sid: "a", state } } }))
        .map((change) => change.type === "participantUpdated" && change.hasReturned);
    expect([
      update(Participant_State.CONNECTED),
      update(Participant_State.DISCONNECTED),
      update(Participant_State.CONNECTED),
      update(Participant_State.CONNECTED),
    ]).toEqual([[false], [false], [true], [false]]);
  });

  it("somebody who leaves takes the tracks along first", () => {
    const folded = roster();
    expect(types(folded.apply(frame({ case: "participantLeft", value: { sid: "a" } })))).toEqual([
      "trackUnpublished",
      "participantLeft",
    ]);
    expect(folded.apply(frame({ case: "participantLeft", value: { sid: "a" } }))).toEqual([]);
  });

  it("an announcement of a known track describes it anew", () => {
    const folded = roster();
    expect(
      types(folded.apply(frame({ case: "trackPublished", value: { sid: "a", track: track("t1", true) } }))),
    ).toEqual(["trackUpdated"]);
    expect(folded.participants.get("a")?.tracks.get("t1")?.muted).toBe(true);
    expect(types(folded.apply(frame({ case: "trackPublished", value: { sid: "b", track: track("t2") } })))).toEqual([
      "trackPublished",
    ]);
    expect(folded.apply(frame({ case: "trackPublished", value: { sid: "nobody", track: track("t3") } }))).toEqual([]);
    expect(folded.apply(frame({ case: "trackUnpublished", value: { sid: "a", trackId: "unknown" } }))).toEqual([]);
  });

  it("own tracks and the own participant are told apart", () => {
    const folded = roster();
    expect(types(folded.apply(frame({ case: "trackPublished", value: { sid: "me", track: track("mine") } })))).toEqual([
      "selfTrackUpdated",
    ]);
    expect(types(folded.apply(frame({ case: "trackUnpublished", value: { sid: "me", trackId: "mine" } })))).toEqual([
      "selfTrackUnpublished",
    ]);
    expect(types(folded.apply(frame({ case: "participantUpdated", value: { participant: { sid: "me" } } })))).toEqual([
      "selfUpdated",
    ]);
  });

  it("a snapshot tells the difference", () => {
    const folded = roster();
    const changes = folded.replace(
      snapshot({
        room: { name: "rehearsal", locked: true },
        participants: [
          { sid: "me", tracks: [track("mine")] },
          { sid: "b", tracks: [track("t4")] },
          { sid: "c", tracks: [track("t5")] },
        ],
        waiting: [{ sid: "w" }],
      }),
    );
    expect(types(changes)).toEqual([
      "trackUnpublished",
      "participantLeft",
      "selfUpdated",
      "selfTrackUpdated",
      "participantUpdated",
      "trackPublished",
      "participantJoined",
      "waitingChanged",
      "roomUpdated",
    ]);
    expect([...folded.participants.keys()]).toEqual(["b", "c"]);
    expect([...folded.waiting.keys()]).toEqual(["w"]);
    expect(folded.room?.locked).toBe(true);
    expect(
      types(folded.replace(snapshot({ participants: [{ sid: "b" }, { sid: "c", tracks: [track("t5")] }] }))),
    ).toContain("trackUnpublished");
  });

  it("frames that say nothing of the room change nothing", () => {
    expect(roster().apply(frame({ case: "pong", value: {} }))).toEqual([]);
    expect(roster().apply(frame({ case: "participantJoined", value: {} }))).toEqual([]);
  });
});
