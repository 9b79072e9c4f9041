import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Participant_Role, Participant_State, Track_Kind, Track_Source } from "./gen/antiphon/v1/models_pb.js";
import { Left_Reason, Snapshot_Reason } from "./gen/antiphon/v1/signal_pb.js";
import { FakeMediaStream, fakeTrack } from "./testing/fake-media.js";
import { Stage } from "./testing/stage.js";

vi.stubGlobal("MediaStream", FakeMediaStream);

let stage: Stage;
beforeEach(() => {
  stage = new Stage("aaaa", "bbbb", "cccc", "dddd", "eeee", "ffff");
});

describe("joining", () => {
  it("resolves in the room, with the roster and the history", async () => {
    const ada = await stage.joined("ada");
    await ada.room.sendChat("before");
    const bob = stage.room();
    await bob.join("bob");
    expect(bob.room.state).toBe("connected");
    expect(bob.room.name).toBe("rehearsal");
    expect(bob.room.chat.map(({ text }) => text)).toEqual(["before"]);
    expect([...bob.room.participants.keys()]).toEqual(["aaaa"]);
    expect(bob.room.localParticipant).toMatchObject({
      sid: "bbbb",
      identity: "bob",
      role: "moderator",
      state: "connected",
    });
    expect(bob.take()).toEqual(["connected"]);
    await stage.settle();
    expect(ada.take()).toEqual(["connected", "chat", "participantJoined"]);
  });

  it("says who this is", async () => {
    const ada = await stage.joined("ada");
    const bob = stage.room();
    await bob.room.join("http://127.0.0.1", "bob", { name: "Bob", metadata: "m", attributes: { hand: "up" } });
    await stage.settle();
    expect(ada.remote("bbbb")).toMatchObject({
      identity: "bob",
      name: "Bob",
      metadata: "m",
      attributes: { hand: "up" },
    });
  });

  it("rejects with the server's code, and can be tried again", async () => {
    const client = stage.room();
    stage.server.isDown = true;
    await expect(client.join("ada")).rejects.toMatchObject({ name: "JoinError", code: "connection_failed" });
    expect([client.room.state, client.take()]).toEqual(["disconnected", []]);
    stage.server.isDown = false;
    await client.join("ada");
    expect(client.room.state).toBe("connected");
  });

  it("that is refused closes the devices that the SDK opened, and leaves the application's alone", async () => {
    const client = stage.room();
    const own = fakeTrack("video");
    await client.room.localParticipant.setMicrophoneEnabled(true);
    await client.room.localParticipant.publish(own, { source: "camera" });
    stage.server.isDown = true;
    await expect(client.join("ada")).rejects.toMatchObject({ code: "connection_failed" });
    expect([stage.devices.opened[0]?.readyState, own.readyState]).toEqual(["ended", "live"]);
    expect(client.room.localParticipant.tracks.size).toBe(0);
  });

  it("without devices works, and says why there are none", async () => {
    const client = stage.room({ mediaDevices: undefined as never });
    await client.join("ada");
    expect(client.room.state).toBe("connected");
    for (const isSecureContext of [false, true]) {
      vi.stubGlobal("isSecureContext", isSecureContext);
      const code = isSecureContext ? "unsupported_browser" : "insecure_context";
      await expect(client.room.localParticipant.setCameraEnabled(true)).rejects.toMatchObject({ code });
      await expect(client.room.listDevices()).rejects.toMatchObject({ code });
    }
    vi.stubGlobal("isSecureContext", undefined);
  });

  it("in a browser without WebRTC is refused at once, and says what to do", async () => {
    vi.stubGlobal("document", new EventTarget());
    try {
      const { room } = stage.room({ peerConnection: undefined as never });
      await expect(room.join("http://127.0.0.1", "ada")).rejects.toMatchObject({
        name: "JoinError",
        code: "unsupported_browser",
        message: /current version of Chromium, Firefox or Safari/,
      });
      expect(stage.server.sockets).toEqual([]);
    } finally {
      vi.stubGlobal("document", undefined);
    }
  });

  it("tells of devices from then on until it is left", async () => {
    const ada = await stage.joined("ada");
    const told: number[] = [];
    ada.room.on("devicesChanged", (devices) => told.push(devices.length));
    stage.devices.change([{ kind: "videoinput", deviceId: "c", label: "C" }]);
    await stage.settle();
    expect(await ada.room.listDevices("camera")).toEqual([{ kind: "camera", id: "c", label: "C" }]);
    expect(await ada.room.listDevices("speaker")).toEqual([]);
    await ada.room.leave();
    stage.devices.change([]);
    await stage.settle();
    expect(told).toEqual([1]);
  });

  it("can be given up", async () => {
    const controller = new AbortController();
    const client = stage.room();
    stage.server.isDown = true;
    const joining = client.room.join("http://127.0.0.1", () => new Promise<string>(() => {}), {
      signal: controller.signal,
    });
    expect(client.room.state).toBe("connecting");
    controller.abort();
    await expect(joining).rejects.toMatchObject({ code: "aborted" });
    expect(client.room.state).toBe("disconnected");
    await expect(client.room.join("http://127.0.0.1", "t", { signal: controller.signal })).rejects.toMatchObject({
      code: "aborted",
    });
  });

  it("twice is refused", async () => {
    const ada = await stage.joined("ada");
    await expect(ada.join("ada")).rejects.toMatchObject({ code: "already_joined" });
    expect(ada.room.state).toBe("connected");
  });

  it("what needs a room is refused without one", async () => {
    const { room } = stage.room();
    await expect(room.sendChat("hi")).rejects.toMatchObject({ code: "not_joined" });
    await expect(room.sendData(new Uint8Array())).rejects.toMatchObject({ code: "not_joined" });
    await expect(room.kick("aaaa")).rejects.toMatchObject({ code: "not_joined" });
    await room.leave();
  });
});

describe("the lobby", () => {
  it("waits, is admitted, and then announces what was published meanwhile", async () => {
    const ada = await stage.joined("ada");
    stage.server.lobby = true;
    const bob = stage.room();
    await bob.join("bob");
    expect([bob.room.state, bob.take(), bob.room.localParticipant.sid]).toEqual(["waiting", ["waiting"], "bbbb"]);
    const track = await bob.room.localParticipant.publish(fakeTrack("audio"), { source: "microphone" });
    await bob.room.localParticipant.setName("Bob");
    await stage.settle();
    expect(ada.room.participants.size).toBe(0);
    stage.server.admit("bbbb");
    await stage.settle();
    expect(bob.take()).toEqual(["localTrackPublished", "admitted", "connected"]);
    expect([...ada.remote("bbbb").tracks.keys()]).toEqual([track.id]);
    expect(ada.remote("bbbb").name).toBe("Bob");
    expect(ada.remote("bbbb").tracks.get(track.id)?.mediaStreamTrack).toBeDefined();
  });

  it("is refused", async () => {
    stage.server.lobby = true;
    const bob = stage.room();
    await bob.join("bob");
    stage.server.remove("aaaa", Left_Reason.REFUSED);
    expect(bob.last("disconnected").slice(0, 2)).toEqual(["refused", "removed"]);
    expect(bob.room.state).toBe("disconnected");
  });

  it("shows moderators who waits", async () => {
    const ada = await stage.joined("ada");
    const participant = { sid: "zzzz", identity: "zoe", state: Participant_State.WAITING };
    stage.server.tell("aaaa", { kind: { case: "participantWaiting", value: { participant } } });
    expect([...ada.room.waiting.values()]).toMatchObject([{ identity: "zoe" }]);
    stage.server.tell("aaaa", { kind: { case: "participantWaiting", value: { participant, gone: true } } });
    expect(ada.room.waiting.size).toBe(0);
    expect(ada.take()).toEqual(["connected", "waitingChanged", "waitingChanged"]);
  });
});

describe("the end", () => {
  it.each([
    [Left_Reason.KICKED, "kicked"],
    [Left_Reason.DUPLICATE_IDENTITY, "duplicate_identity"],
    [Left_Reason.ROOM_ENDED, "room_ended"],
  ])("%s: tells why, and does not come back", async (reason, expected) => {
    const ada = await stage.joined("ada");
    stage.server.remove("aaaa", reason);
    await stage.settle(600_000);
    expect(ada.last("disconnected").slice(0, 2)).toEqual([expected, "removed"]);
    expect(stage.server.sockets).toHaveLength(1);
    expect(stage.clock.pending).toBe(0);
  });

  it("the room can be joined again afterwards", async () => {
    const ada = await stage.joined("ada");
    await ada.room.sendChat("first time");
    await ada.room.leave();
    expect(ada.room.chat).toHaveLength(1);
    stage.server.chat.length = 0;
    await ada.join("ada");
    expect(ada.room.localParticipant.sid).toBe("bbbb");
    expect(ada.room.chat).toEqual([]);
  });

  it("leave while joining rejects the join", async () => {
    const client = stage.room();
    const joining = client.join("ada");
    const left = client.room.leave();
    await expect(joining).rejects.toMatchObject({ code: "disconnected" });
    await left;
    expect([client.room.state, client.take()]).toEqual(["disconnected", []]);
  });
});

describe("what others change", () => {
  it("a role, a name, the room", async () => {
    const ada = await stage.joined("ada");
    const bob = await stage.joined("bob");
    await stage.settle();
    await bob.room.localParticipant.setAttributes({ hand: "up" });
    await bob.room.localParticipant.setMetadata("{}");
    await stage.settle();
    expect(ada.remote("bbbb")).toMatchObject({ attributes: { hand: "up" }, metadata: "{}" });
    await bob.room.localParticipant.setAttributes({ hand: "" });
    await stage.settle();
    expect(ada.remote("bbbb").attributes).toEqual({});
    stage.server.tell("aaaa", {
      kind: {
        case: "participantUpdated",
        value: { participant: { sid: "aaaa", identity: "ada", role: Participant_Role.VIEWER } },
      },
    });
    expect(ada.room.localParticipant.role).toBe("viewer");
    stage.server.tell("aaaa", {
      kind: { case: "roomUpdated", value: { room: { name: "rehearsal", locked: true, maxParticipants: 4 } } },
    });
    expect([ada.room.locked, ada.room.maxParticipants]).toEqual([true, 4]);
  });

  it("a moderator's mute silences the track at once", async () => {
    const ada = await stage.joined("ada");
    const track = await ada.room.localParticipant.setMicrophoneEnabled(true);
    stage.server.mute("aaaa", track?.id ?? "");
    expect([track?.muted, track?.mediaStreamTrack?.enabled]).toEqual([true, false]);
    expect(ada.last("localTrackUpdated")).toEqual([track, true]);
  });

  it("an old word about a track does not undo what was just done to it", async () => {
    const ada = await stage.joined("ada");
    const track = await ada.room.localParticipant.setMicrophoneEnabled(true);
    await track?.mute();
    const unmuting = track?.unmute();
    stage.server.tell("aaaa", {
      kind: {
        case: "trackUpdated",
        value: {
          sid: "aaaa",
          track: { trackId: track?.id ?? "", kind: Track_Kind.AUDIO, source: Track_Source.MICROPHONE, muted: true },
        },
      },
    });
    expect(track?.muted).toBe(false);
    await unmuting;
    expect(track?.mediaStreamTrack?.enabled).toBe(true);
  });

  it("a snapshot after the server lost history announces own tracks again", async () => {
    const ada = await stage.joined("ada");
    await ada.room.localParticipant.setMicrophoneEnabled(true);
    const sent = stage.server.sockets.at(-1)?.sent.length ?? 0;
    stage.server.tell("aaaa", {
      kind: {
        case: "snapshot",
        value: { reason: Snapshot_Reason.EPOCH_CHANGED, snapshot: { participants: [{ sid: "aaaa" }] } },
      },
    });
    await stage.settle();
    expect(
      stage.server.sockets
        .at(-1)
        ?.sent.slice(sent)
        .map(({ kind }) => kind.case),
    ).toContain("publish");
  });
});

describe("the page", () => {
  it("leaves when it goes away, looks again when the network is back, and is let go afterwards", async () => {
    const page = new EventTarget();
    vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
    vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
    try {
      const ada = await stage.joined("ada");
      stage.server.isDown = true;
      stage.server.cut("aaaa");
      await stage.settle(10_000);
      stage.server.isDown = false;
      page.dispatchEvent(new Event("online"));
      await stage.settle();
      expect(ada.room.state).toBe("connected");
      page.dispatchEvent(new Event("pagehide"));
      await stage.settle();
      expect([ada.room.state, ada.last("disconnected")[0]]).toEqual(["disconnected", "client_left"]);
      const frames = stage.server.sockets.at(-1)?.sent.map(({ kind }) => kind.case);
      expect(frames?.at(-1)).toBe("leave");

      const removed: string[] = [];
      vi.stubGlobal("removeEventListener", (name: string) => removed.push(name));
      const bob = await stage.joined("bob");
      await bob.room.leave();
      expect(removed.sort()).toEqual(["online", "pagehide", "pageshow"]);
    } finally {
      vi.stubGlobal("addEventListener", undefined);
      vi.stubGlobal("removeEventListener", undefined);
    }
  });
});

describe("a page that was asleep", () => {
  /** A page that is hidden, and wakes as often as it is told to. */
  function asleep() {
    const page = Object.assign(new EventTarget(), { visibilityState: "hidden" });
    vi.stubGlobal("document", page);
    return {
      page,
      show: () => {
        page.visibilityState = "visible";
        page.dispatchEvent(new Event("visibilitychange"));
      },
    };
  }

  afterEach(() => void vi.stubGlobal("document", undefined));

  const pings = () =>
    stage.server.sockets.at(-1)?.sent.filter(({ kind }) => kind.case === "ping").length;

  it("makes sure at once that its connection lives, and reconnects within seconds where it does not", async () => {
    const { page, show } = asleep();
    const ada = await stage.joined("ada");
    stage.server.intercept = ({ kind }) => (kind.case === "ping" ? "ignore" : undefined);
    page.dispatchEvent(new Event("visibilitychange"));
    await stage.settle();
    expect(pings()).toBe(0);
    show();
    await stage.settle();
    expect([pings(), ada.room.state]).toEqual([1, "connected"]);
    await stage.settle(3_000);
    expect([ada.room.state, stage.server.sockets.length]).toEqual(["connected", 2]);
    page.dispatchEvent(new Event("resume"));
    await stage.settle();
    expect(pings()).toBe(1);
  });

  it("does not wait for the next planned attempt", async () => {
    const { show } = asleep();
    const ada = await stage.joined("ada");
    stage.server.isDown = true;
    stage.server.cut("aaaa");
    await stage.settle(10_000);
    stage.server.isDown = false;
    show();
    await stage.settle();
    expect(ada.room.state).toBe("connected");
  });

  it("does not throw the person out who goes on elsewhere meanwhile", async () => {
    const ada = await stage.joined("ada");
    await ada.room.localParticipant.setMicrophoneEnabled(true);
    stage.server.isDown = true;
    stage.server.cut("aaaa");
    await stage.settle();
    stage.server.isDown = false;
    stage.server.replaced.add("aaaa");
    ada.room.reconnectNow();
    await stage.settle();
    expect([ada.room.state, ada.last("disconnected")[0]]).toEqual(["disconnected", "duplicate_identity"]);
    expect(stage.devices.opened[0]?.readyState).toBe("ended");
    const sockets = stage.server.sockets.length;
    await stage.settle(60_000);
    expect(stage.server.sockets).toHaveLength(sockets);
  });
});

it("a listener that throws disturbs nobody", async () => {
  const ada = stage.room();
  ada.room.on("connected", () => {
    throw new Error("the application's mistake");
  });
  let heard = 0;
  ada.room.on("connected", () => (heard += 1));
  await ada.join("ada");
  expect(heard).toBe(1);
  expect(ada.lines).toContain("a listener threw");
});

it("there is one line in the log for each transition", async () => {
  const ada = await stage.joined("ada");
  stage.server.cut("aaaa");
  await stage.settle();
  await ada.room.leave();
  expect(ada.lines).toEqual(["connecting", "connected", "reconnecting", "connected", "disconnected"]);
});
