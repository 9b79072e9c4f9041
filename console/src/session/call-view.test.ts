import type { ChatMessage, Room } from "@antiphon/client";
import { describe, expect, it } from "vitest";
import type { CallState } from "../model/call-state";
import { CallView } from "./call-view";

const REST: Pick<CallState, "connection" | "announcement" | "ending"> = {
  connection: { phase: "live" },
  announcement: null,
  ending: null,
};

type Track = { id: string; muted: boolean; mediaStreamTrack: MediaStreamTrack | undefined };

class FakeParticipant {
  sid: string;
  identity: string;
  name: string;
  isLocal: boolean;
  role = "speaker";
  state = "connected";
  attributes: Record<string, string> = {};
  isSpeaking = false;
  connectionQuality: string | undefined = undefined;
  tracks: Record<string, Track> = {};

  constructor(sid: string, name: string, isLocal = false) {
    this.sid = sid;
    this.identity = `${sid}-identity`;
    this.name = name;
    this.isLocal = isLocal;
  }

  trackFrom(source: string): Track | undefined {
    return this.tracks[source];
  }
}

class FakeRoom {
  name = "";
  locked = false;
  lobby = false;
  localParticipant = new FakeParticipant("me", "Ada", true);
  participants = new Map<string, FakeParticipant>();
  waiting = new Map<string, { sid: string; identity: string; name: string }>();
  chat: readonly ChatMessage[] = [];

  add(participant: FakeParticipant): FakeParticipant {
    this.participants.set(participant.sid, participant);
    return participant;
  }
}

function read(view: CallView, room: FakeRoom): CallState {
  return view.read(room as unknown as Room, "choir", REST);
}

function message(seq: number, changes: Partial<ChatMessage> = {}): ChatMessage {
  return {
    id: `m${seq}`,
    sid: "p1",
    identity: "p1-identity",
    name: "Grace",
    text: "x",
    sentAt: new Date(0),
    to: undefined,
    seq,
    ...changes,
  };
}

describe("CallView", () => {
  it("puts oneself first and the others behind", () => {
    const room = new FakeRoom();
    room.add(new FakeParticipant("p1", "Grace"));
    expect(read(new CallView(), room).people.map(({ name }) => name)).toEqual(["Ada", "Grace"]);
  });

  it("uses the identity where somebody has no name", () => {
    const room = new FakeRoom();
    room.add(new FakeParticipant("p1", ""));
    expect(read(new CallView(), room).people[1]?.name).toBe("p1-identity");
  });

  it("keeps the objects of people who did not change", () => {
    const view = new CallView();
    const room = new FakeRoom();
    const grace = room.add(new FakeParticipant("p1", "Grace"));
    grace.tracks["camera"] = { id: "c", muted: false, mediaStreamTrack: undefined };
    room.add(new FakeParticipant("p2", "Hildegard"));
    const before = read(view, room);
    grace.tracks["camera"].muted = true;
    const after = read(view, room);
    expect(after.people[1]).not.toBe(before.people[1]);
    expect(after.people[1]?.camera?.muted).toBe(true);
    expect(after.people[0]).toBe(before.people[0]);
    expect(after.people[2]).toBe(before.people[2]);
  });

  it("shows raised hands, who speaks, and how good connections are", () => {
    const room = new FakeRoom();
    const grace = room.add(new FakeParticipant("p1", "Grace"));
    Object.assign(grace, { attributes: { hand: "2" }, isSpeaking: true, connectionQuality: "poor" });
    const people = read(new CallView(), room).people;
    expect(people.map(({ hand, isSpeaking, quality }) => [hand, isSpeaking, quality])).toEqual([
      [null, false, null],
      [2, true, "poor"],
    ]);
  });

  it("keeps the objects of messages that were there before", () => {
    const view = new CallView();
    const room = new FakeRoom();
    room.chat = [message(1)];
    const before = read(view, room);
    expect(read(view, room).chat).toBe(before.chat);
    room.chat = [...room.chat, message(2)];
    const after = read(view, room);
    expect(after.chat[0]).toBe(before.chat[0]);
    expect(after.chat).toHaveLength(2);
  });

  it("knows one's own messages of an earlier session by the identity", () => {
    const room = new FakeRoom();
    room.chat = [message(1, { sid: "me-before-the-restart", identity: "me-identity" })];
    expect(read(new CallView(), room).chat[0]?.isOwn).toBe(true);
  });

  it("shows the room's name as asked for until the server has said it", () => {
    const room = new FakeRoom();
    expect(read(new CallView(), room).room.name).toBe("choir");
    room.name = "Choir";
    expect(read(new CallView(), room).room.name).toBe("Choir");
  });
});
