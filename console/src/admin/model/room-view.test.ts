import { describe, expect, it } from "vitest";
import type { RoomSnapshot } from "./changes";
import { advance, NOTHING_KNOWN, type RoomNews, type RoomView } from "./room-view";

const ADA = { sid: "p1", identity: "ada", name: "", state: "CONNECTED", role: "SPEAKER", tracks: [], joinedAtMs: 1 } as const;
const ROOM = { name: "choir", locked: false, lobby: false, maxParticipants: 0, topology: { active: "MESH" }, createdAtMs: 1 };
const EMPTY: RoomSnapshot = { room: ROOM, participants: [], waiting: [] };
const WITH_ADA: RoomSnapshot = { ...EMPTY, participants: [ADA] };

const asked = (snapshot: RoomSnapshot | null): RoomNews => ({ kind: "asked", snapshot, atMs: 5 });
const event = (name: string, body: unknown): RoomNews => ({ kind: "event", event: name, data: JSON.stringify({ [name]: body }), atMs: 5 });
const SNAPSHOT = event("snapshot", { snapshot: { room: ROOM, participants: [ADA] } });

function play(...news: readonly RoomNews[]): RoomView {
  return news.reduce(advance, NOTHING_KNOWN);
}

describe("advance", () => {
  it("tells what is new each time it asks, while there is no stream", () => {
    const { snapshot, log } = play(asked(EMPTY), asked(WITH_ADA));
    expect(snapshot).toBe(WITH_ADA);
    expect(log.map(({ text }) => text)).toEqual(["ada joined"]);
  });

  it("follows the stream once it has begun, and believes nothing older", () => {
    const view = play(asked(EMPTY), SNAPSHOT, asked(EMPTY), event("participantLeft", { sid: "p1" }));
    expect(view.isFollowing).toBe(true);
    expect(view.snapshot?.participants).toEqual([]);
    expect(view.log.map(({ text }) => text)).toEqual(["ada left", "ada joined"]);
  });

  it("asks again when the stream breaks, and says nothing twice", () => {
    const view = play(asked(EMPTY), SNAPSHOT, { kind: "broken" }, asked(WITH_ADA), SNAPSHOT);
    expect(view.log.map(({ text }) => text)).toEqual(["ada joined"]);
  });

  it("keeps the log when the room is over, and begins anew when it does", () => {
    const over: RoomNews = { kind: "event", event: "room.finished", data: '{"reason":"empty"}', atMs: 6 };
    const view = play(SNAPSHOT, over, asked(null));
    expect([view.snapshot, view.isFollowing]).toEqual([null, false]);
    expect(view.log.map(({ text }) => text)).toEqual(["The room is over"]);
    expect(advance(view, SNAPSHOT).snapshot?.participants).toEqual([ADA]);
  });
});
