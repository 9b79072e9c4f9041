import { describe, expect, it } from "vitest";
import { somebody as person } from "../testing/somebody";
import type { CallState, ChatEntry, Person } from "./call-state";
import { chatNotices, noticesBetween } from "./notices";

type Call = Pick<CallState, "connection" | "people" | "lobby" | "room">;

function call(people: readonly Person[], changes: Partial<Call> = {}): Call {
  return { connection: { phase: "live" }, people, lobby: [], room: { name: "choir", isLocked: false, hasLobby: false }, ...changes };
}

function between(before: readonly Person[], after: readonly Person[]): string[] {
  return noticesBetween(call(before), call(after));
}

describe("noticesBetween", () => {
  it("tells who came and who went", () => {
    expect(between([person("Ada")], [person("Grace")])).toEqual(["Grace joined", "Ada left"]);
  });

  it("tells of connections that break and come back", () => {
    const away = person("Ada", { isConnected: false });
    expect(between([person("Ada")], [away])).toEqual(["Ada lost the connection"]);
    expect(between([away], [person("Ada")])).toEqual(["Ada is back"]);
  });

  it("tells when a screen is shared, not when the sharing ends", () => {
    const sharing = person("Ada", { screen: { trackId: "s", muted: false, media: null } });
    expect(between([person("Ada")], [sharing])).toEqual(["Ada shares a screen"]);
    expect(between([sharing], [person("Ada")])).toEqual([]);
  });

  it("tells when a hand goes up, not when it comes down", () => {
    const raised = person("Ada", { hand: 1 });
    expect(between([person("Ada")], [raised])).toEqual(["Ada raised a hand"]);
    expect(between([raised], [person("Ada")])).toEqual([]);
  });

  it("tells that the connection is back, in the call and not in the lobby", () => {
    const lost = (isInside: boolean) =>
      call([], { connection: { phase: "reconnecting", attempt: 1, retryAtMs: null, isPlanned: false, isInside } });
    expect(noticesBetween(lost(true), call([]))).toEqual(["Connected again"]);
    expect(noticesBetween(lost(false), call([]))).toEqual([]);
    expect(noticesBetween(call([], { connection: { phase: "joining" } }), call([]))).toEqual([]);
  });

  it("tells once that one's own connection became poor", () => {
    const poor = person("me", { quality: "poor" });
    expect(between([person("me", { quality: "good" })], [poor])).toEqual([
      "Your connection is poor: pictures and sound may break up",
    ]);
    expect(between([poor], [person("me", { quality: "lost" })])).toEqual([]);
    expect(between([person("Ada")], [person("Ada", { quality: "poor" })])).toEqual([]);
  });

  it("says nothing about oneself", () => {
    expect(between([], [person("me", { hand: 1 })])).toEqual([]);
  });

  it("tells who waits to be let in", () => {
    const waiting = call([], { lobby: [person("Eve")] });
    expect(noticesBetween(call([]), waiting)).toEqual(["Eve wants to join"]);
    expect(noticesBetween(waiting, call([]))).toEqual([]);
  });

  it("tells when the door is closed and opened", () => {
    const locked = call([], { room: { name: "choir", isLocked: true, hasLobby: false } });
    expect(noticesBetween(call([]), locked)).toEqual(["The room is locked"]);
    expect(noticesBetween(locked, call([]))).toEqual(["The room is open again"]);
  });
});

describe("chatNotices", () => {
  const message = (id: string, text: string, isOwn = false): ChatEntry => ({
    id,
    sid: "ada",
    identity: "ada",
    name: "Ada",
    text,
    sentAtMs: 0,
    isOwn,
    isPrivate: false,
  });

  it("quotes what is new from others, in one line", () => {
    const before = [message("1", "old")];
    expect(chatNotices(before, [...before, message("2", "two\nlines"), message("3", "mine", true)])).toEqual([
      "Ada: two lines",
    ]);
  });

  it("cuts long messages between letters", () => {
    const [notice] = chatNotices([], [message("1", "🎻".repeat(200))]);
    expect(notice).toBe(`Ada: ${"🎻".repeat(80)}…`);
  });
});
