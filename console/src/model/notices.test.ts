import { describe, expect, it } from "vitest";
import type { Person } from "./call-state";
import { noticesBetween } from "./notices";

function person(name: string, changes: Partial<Person> = {}): Person {
  return {
    sid: name,
    identity: name,
    name,
    isLocal: false,
    isModerator: false,
    isConnected: true,
    microphone: null,
    camera: null,
    screen: null,
    screenAudio: null,
    ...changes,
  };
}

describe("noticesBetween", () => {
  it("tells who came and who went", () => {
    expect(noticesBetween([person("Ada")], [person("Grace")])).toEqual(["Grace joined", "Ada left"]);
  });

  it("tells of connections that break and come back", () => {
    const away = person("Ada", { isConnected: false });
    expect(noticesBetween([person("Ada")], [away])).toEqual(["Ada lost the connection"]);
    expect(noticesBetween([away], [person("Ada")])).toEqual(["Ada is back"]);
  });

  it("tells when a screen is shared, not when the sharing ends", () => {
    const sharing = person("Ada", { screen: { trackId: "s", muted: false, media: null } });
    expect(noticesBetween([person("Ada")], [sharing])).toEqual(["Ada shares a screen"]);
    expect(noticesBetween([sharing], [person("Ada")])).toEqual([]);
  });

  it("says nothing about oneself", () => {
    expect(noticesBetween([], [person("Me", { isLocal: true })])).toEqual([]);
  });
});
