import { describe, expect, it } from "vitest";
import type { RoomSnapshot } from "./changes";
import { advance, NOTHING_KNOWN, type RoomNews, type RoomView } from "./room-view";

const ADA = { sid: "p1", identity: "ada", name: "", state: "CONNECTED", role: "SPEAKER", tracks: [], joinedAtMs: 1 } as const;
const TIM = { ...ADA, sid: "p2", identity: "tim" } as const;
const ROOM = { name: "choir", locked: false, lobby: false, maxParticipants: 0, topology: { active: "MESH" }, createdAtMs: 1 };
const EMPTY: RoomSnapshot = { room: ROOM, participants: [], waiting: [] };
const WITH_ADA: RoomSnapshot = { ...EMPTY, participants: [ADA] };
const WITH_BOTH: RoomSnapshot = { ...EMPTY, participants: [ADA, TIM] };

const asked = (snapshot: RoomSnapshot | null): RoomNews => ({ kind: "asked", snapshot, atMs: 5 });
const event = (name: string, body: unknown): RoomNews => ({ kind: "event", event: name, data: JSON.stringify({ [name]: body }), atMs: 5 });
const OVER: RoomNews = { kind: "event", event: "room.finished", data: '{"reason":"empty"}', atMs: 6 };
const SNAPSHOT = event("snapshot", { snapshot: { room: ROOM, participants: [ADA] } });
const TIM_JOINED = event("participantJoined", { participant: TIM });

function play(...news: readonly RoomNews[]): RoomView {
  return news.reduce(advance, NOTHING_KNOWN);
}

function texts({ log }: RoomView): string[] {
  return log.map(({ text }) => text);
}

describe("advance", () => {
  it("tells what is new each time it asks, while there is no stream", () => {
    const view = play(asked(EMPTY), asked(WITH_ADA));
    expect(view.snapshot).toBe(WITH_ADA);
    expect(texts(view)).toEqual(["ada joined"]);
  });

  it("follows the stream once it has begun, and believes nothing older", () => {
    const view = play(asked(EMPTY), { kind: "live" }, SNAPSHOT, asked(EMPTY), event("participantLeft", { sid: "p1" }));
    expect(view.source).toBe("stream");
    expect(view.snapshot?.participants).toEqual([]);
    expect(texts(view)).toEqual(["ada left", "ada joined"]);
  });

  it("shows what it asks for while the stream is broken, and lets the stream tell it, once", () => {
    const broken = play(SNAPSHOT, { kind: "broken" }, asked(WITH_BOTH));
    expect([broken.source, broken.snapshot, texts(broken)]).toEqual(["brokenStream", WITH_BOTH, []]);
    const resumed = [{ kind: "live" } as const, TIM_JOINED].reduce(advance, broken);
    expect([resumed.source, resumed.snapshot, texts(resumed)]).toEqual(["stream", WITH_BOTH, ["tim joined"]]);
    const anew = advance(broken, event("snapshot", { snapshot: { room: ROOM, participants: [ADA, TIM] } }));
    expect(texts(anew), "also where the stream begins with a snapshot").toEqual(["tim joined"]);
  });

  it("waits for a snapshot where it has followed nothing yet", () => {
    const view = play(asked(WITH_ADA), { kind: "live" }, TIM_JOINED);
    expect([view.source, view.snapshot]).toEqual(["asking", WITH_ADA]);
  });

  it("keeps the log when the room is over, says so once, and begins anew when it does", () => {
    const view = play(SNAPSHOT, OVER, { kind: "broken" }, asked(null));
    expect([view.snapshot, view.source, texts(view)]).toEqual([null, "asking", ["The room is over"]]);
    expect(advance(view, SNAPSHOT).snapshot?.participants).toEqual([ADA]);
    expect(texts(play(asked(EMPTY), asked(null), asked(null)))).toEqual(["The room is over"]);
  });
});
