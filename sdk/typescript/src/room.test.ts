import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Participant_Role, Participant_State, Track_Kind, Track_Source } from "./gen/antiphon/v1/models_pb.js";
import { Left_Reason, Snapshot_Reason } from "./gen/antiphon/v1/signal_pb.js";
import { exponentialBackoff, type Interruption, Room, type RoomEvents, type RoomOptions } from "./index.js";
import { FakeClock, settle } from "./testing/fake-clock.js";
import { FakeDevices, FakeMediaStream, fakeTrack } from "./testing/fake-media.js";
import { FakePeerConnection } from "./testing/fake-peer-connection.js";
import { FakeSignaling } from "./testing/fake-signaling.js";

vi.stubGlobal("MediaStream", FakeMediaStream);

/** A server, a clock, and rooms with what they told. */
class Stage {
  readonly clock = new FakeClock();
  readonly server: FakeSignaling;
  readonly devices = new FakeDevices();

  constructor(...sids: string[]) {
    this.server = new FakeSignaling(...sids);
  }

  room(options: RoomOptions = {}): Client {
    return new Client(this, options);
  }

  async joined(identity: string): Promise<Client> {
    const client = this.room();
    await client.join(identity);
    await settle();
    return client;
  }

  /** Lets everything that is on its way arrive. */
  async settle(ms = 0): Promise<void> {
    for (let turn = 0; turn < 30; turn += 1) {
      await settle();
    }
    await this.clock.advance(ms);
    await settle();
  }
}

class Client {
  readonly room: Room;
  readonly events: string[] = [];
  readonly details: unknown[][] = [];
  readonly connections: FakePeerConnection[] = [];
  readonly lines: string[] = [];

  constructor(stage: Stage, options: RoomOptions) {
    const line = (message: string) => this.lines.push(message);
    this.room = new Room({
      clock: stage.clock,
      webSocket: stage.server.factory,
      mediaDevices: stage.devices,
      reconnectPolicy: exponentialBackoff({ random: () => 0.5, giveUpAfterMs: 60_000 }),
      logger: { debug: line, info: line, warn: line, error: line },
      peerConnection: (configuration) => {
        const connection = new FakePeerConnection(configuration);
        this.connections.push(connection);
        return connection as unknown as RTCPeerConnection;
      },
      ...options,
    });
    const names: (keyof RoomEvents)[] = [
      "connected",
      "waiting",
      "admitted",
      "reconnecting",
      "reconnected",
      "disconnected",
      "participantJoined",
      "participantLeft",
      "trackPublished",
      "trackUnpublished",
      "trackUpdated",
      "trackSubscribed",
      "trackUnsubscribed",
      "localTrackPublished",
      "localTrackUnpublished",
      "localTrackUpdated",
      "chat",
      "chatDeleted",
      "data",
      "waitingChanged",
      "error",
    ];
    for (const name of names) {
      this.room.on(name, (...values: unknown[]) => {
        this.events.push(name);
        this.details.push([name, ...values]);
      });
    }
  }

  async join(identity: string): Promise<void> {
    await this.room.join("http://127.0.0.1", identity);
  }

  take(): string[] {
    return this.events.splice(0);
  }

  remote(sid: string) {
    const participant = this.room.participants.get(sid);
    if (participant === undefined) {
      throw new Error(`${sid} is not in the room`);
    }
    return participant;
  }

  last(name: string): unknown[] {
    return (
      this.details
        .filter(([event]) => event === name)
        .at(-1)
        ?.slice(1) ?? []
    );
  }
}

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

describe("a call", () => {
  it("media arrives on both sides, each track in a stream of its own", async () => {
    const [ada, bob] = [await stage.joined("ada"), await stage.joined("bob")];
    await ada.room.localParticipant.setMicrophoneEnabled(true);
    await ada.room.localParticipant.setCameraEnabled(true);
    await bob.room.localParticipant.setCameraEnabled(true);
    await stage.settle(2_000);
    await stage.settle();
    const seen = ada.remote("bbbb").trackFrom("camera");
    expect(seen?.stream?.getTracks()).toEqual([seen?.mediaStreamTrack]);
    const heard = bob.remote("aaaa");
    expect([
      heard.trackFrom("microphone")?.mediaStreamTrack?.kind,
      heard.trackFrom("camera")?.mediaStreamTrack?.kind,
    ]).toEqual(["audio", "video"]);
    expect(bob.take().filter((name) => name.startsWith("track"))).toEqual([
      "trackPublished",
      "trackPublished",
      "trackSubscribed",
      "trackSubscribed",
    ]);
    expect([...ada.room.peers.values()]).toMatchObject([{ sid: "bbbb", isPolite: false, signalingState: "stable" }]);
  });

  it("tracks published before joining are part of the first offer", async () => {
    const ada = await stage.joined("ada");
    const bob = stage.room();
    await bob.room.localParticipant.publish(fakeTrack("video"), { source: "camera" });
    await bob.join("bob");
    await stage.settle();
    expect(ada.remote("bbbb").trackFrom("camera")?.mediaStreamTrack).toBeDefined();
    expect([...bob.room.peers.values()]).toMatchObject([{ negotiations: 1, collisions: 0 }]);
  });

  it("uses the server's ICE servers before the application's, and fresh ones as they come", async () => {
    const ada = stage.room({
      rtcConfiguration: { iceServers: [{ urls: "stun:own.test" }], bundlePolicy: "max-bundle" },
    });
    await ada.join("ada");
    await stage.joined("bob");
    await ada.room.localParticipant.setMicrophoneEnabled(true);
    await stage.settle(2_000);
    expect(ada.connections[0]?.configuration).toEqual({
      bundlePolicy: "max-bundle",
      iceServers: [{ urls: ["stun:127.0.0.1:3478"] }, { urls: "stun:own.test" }],
    });
    stage.server.tell("aaaa", {
      kind: {
        case: "iceServers",
        value: { iceServers: [{ urls: ["turn:new.test"], username: "u", credential: "c" }] },
      },
    });
    expect(ada.connections[0]?.configuration.iceServers).toEqual([
      { urls: ["turn:new.test"], username: "u", credential: "c" },
      { urls: "stun:own.test" },
    ]);
  });

  it("media of a track that nobody announced is not shown", async () => {
    const [ada, bob] = [await stage.joined("ada"), await stage.joined("bob")];
    stage.server.intercept = ({ kind }) => (kind.case === "publish" ? "ignore" : undefined);
    void bob.room.localParticipant.setCameraEnabled(true);
    await stage.settle(2_000);
    await stage.settle();
    expect(ada.connections[0]?.getTransceivers()).toHaveLength(1);
    expect(ada.remote("bbbb").tracks.size).toBe(0);
    expect(ada.take()).not.toContain("trackSubscribed");
  });

  it("a track that the server refuses is taken back, its device closed", async () => {
    const ada = await stage.joined("ada");
    stage.server.intercept = ({ kind, seq }) =>
      kind.case === "publish" ? { kind: { case: "error", value: { code: "permission_denied", seq } } } : undefined;
    await expect(ada.room.localParticipant.setCameraEnabled(true)).rejects.toMatchObject({ code: "permission_denied" });
    expect(ada.room.localParticipant.tracks.size).toBe(0);
    expect(stage.devices.opened.map(({ readyState }) => readyState)).toEqual(["ended"]);
  });

  it("who leaves takes the connection along", async () => {
    const [ada, bob] = [await stage.joined("ada"), await stage.joined("bob")];
    await bob.room.localParticipant.setCameraEnabled(true);
    await stage.settle();
    ada.take();
    await bob.room.leave();
    await stage.settle();
    expect(ada.take()).toEqual(["trackUnsubscribed", "trackUnpublished", "participantLeft"]);
    expect(ada.last("participantLeft")[1]).toBe("client_left");
    expect(ada.connections.map(({ connectionState }) => connectionState)).toEqual(["closed"]);
    expect([bob.room.state, bob.last("disconnected")[0]]).toEqual(["disconnected", "client_left"]);
    expect(stage.devices.opened.map(({ readyState }) => readyState)).toEqual(["ended"]);
  });

  it("a frame from nobody in the room does no harm", async () => {
    const ada = await stage.joined("ada");
    stage.server.tell("aaaa", { kind: { case: "offer", value: { from: "gone", negotiationId: "p1", sdp: "v=0" } } });
    await stage.settle();
    expect([ada.room.state, ada.connections]).toEqual(["connected", []]);
  });

  it.each([
    ["when the server says", { retryAfterMs: 700 }, [0, 700]],
    ["after a second where it does not", {}, [0, 1_000]],
  ])("an offer to somebody who reads too slowly is sent again %s", async (_, details, times) => {
    const ada = await stage.joined("ada");
    await ada.room.localParticipant.setCameraEnabled(true);
    const refused: number[] = [];
    stage.server.intercept = ({ kind, seq }) => {
      if (kind.case === "offer" && refused.length < 2) {
        refused.push(stage.clock.now());
        return { kind: { case: "error", value: { code: "recipient_busy", seq, ...details } } };
      }
      return undefined;
    };
    const bob = await stage.joined("bob");
    await stage.settle(1_000);
    await stage.settle(1_000);
    await stage.settle();
    expect(refused).toEqual(times);
    expect(bob.remote("aaaa").trackFrom("camera")?.mediaStreamTrack).toBeDefined();
  });
});

it("an offer to somebody who is gone is not sent again", async () => {
  const ada = await stage.joined("ada");
  await ada.room.localParticipant.setCameraEnabled(true);
  let offers = 0;
  stage.server.intercept = ({ kind, seq }) => {
    offers += kind.case === "offer" ? 1 : 0;
    return kind.case === "offer" ? { kind: { case: "error", value: { code: "not_found", seq } } } : undefined;
  };
  await stage.joined("bob");
  await stage.settle(5_000);
  expect(offers).toBe(2);
});

describe("a connection that breaks", () => {
  async function call() {
    const [ada, bob] = [await stage.joined("ada"), await stage.joined("bob")];
    await ada.room.localParticipant.setCameraEnabled(true);
    await bob.room.localParticipant.setCameraEnabled(true);
    await stage.settle(2_000);
    await stage.settle();
    for (const { connections } of [ada, bob]) {
      connections.forEach((connection) => connection.become("connected"));
    }
    ada.take();
    bob.take();
    return { ada, bob };
  }

  it("comes back without anybody's media noticing", async () => {
    const { ada, bob } = await call();
    stage.server.cut("aaaa");
    expect(ada.room.state).toBe("reconnecting");
    expect(ada.last("reconnecting")[0] as Interruption).toEqual({ reason: "closed", attempt: 1, retryInMs: 0 });
    expect(bob.remote("aaaa").state).toBe("disconnected");
    await stage.settle();
    expect(ada.room.state).toBe("connected");
    expect(ada.last("reconnected")).toEqual([{ resumed: true }]);
    expect(bob.remote("aaaa").state).toBe("connected");
    expect(ada.connections).toHaveLength(1);
    expect(ada.connections[0]?.connectionState).toBe("connected");
    expect(ada.room.peers.get("bbbb")).toMatchObject({ iceRestarts: 0 });
    expect([...ada.take(), ...bob.take()].filter((name) => name.startsWith("track"))).toEqual([]);
  });

  it("messages written meanwhile arrive once, in order", async () => {
    const { ada, bob } = await call();
    stage.server.isDown = true;
    stage.server.cut("aaaa");
    const sending = ["one", "two", "three"].map((text) => ada.room.sendChat(text));
    const heard = bob.room.sendChat("meanwhile");
    await stage.settle(400);
    stage.server.isDown = false;
    await stage.settle(2_000);
    await stage.settle();
    expect((await Promise.all(sending)).map(({ text, sid }) => [text, sid])).toEqual([
      ["one", "aaaa"],
      ["two", "aaaa"],
      ["three", "aaaa"],
    ]);
    await heard;
    const texts = ["meanwhile", "one", "two", "three"];
    expect([ada, bob].map(({ room }) => room.chat.map(({ text }) => text))).toEqual([texts, texts]);
    expect(ada.take().filter((name) => name === "chat")).toHaveLength(4);
  });

  it("after a hole the snapshot replaces what was known, and the impolite end offers an ICE restart", async () => {
    const { ada, bob } = await call();
    stage.server.isDown = true;
    stage.server.cut("aaaa");
    await bob.room.sendChat("missed");
    const cleo = new Client(stage, {});
    stage.server.isDown = false;
    await cleo.join("cleo");
    stage.server.forgetLog("aaaa");
    ada.take();
    await stage.settle(400);
    await stage.settle();
    expect(ada.last("reconnected")).toEqual([{ resumed: false }]);
    expect(ada.take()).toEqual(expect.arrayContaining(["participantJoined", "chat", "reconnected"]));
    expect([...ada.room.participants.keys()]).toEqual(["bbbb", "cccc"]);
    expect(ada.room.chat.map(({ text }) => text)).toEqual(["missed"]);
    expect(ada.room.peers.get("bbbb")).toMatchObject({ iceRestarts: 1, isPolite: false });
    await stage.settle(12_000);
    await stage.settle();
    expect(cleo.remote("aaaa").trackFrom("camera")?.mediaStreamTrack).toBeDefined();
  });

  it("a server that has forgotten everything is joined anew, tracks and all", async () => {
    const { ada, bob } = await call();
    const [before] = ada.connections;
    stage.server.restart();
    await stage.settle(2_000);
    await stage.settle(2_000);
    await stage.settle();
    expect([ada.room.localParticipant.sid, bob.room.localParticipant.sid].sort()).toEqual(["cccc", "dddd"]);
    for (const [one, other] of [
      [ada, bob],
      [bob, ada],
    ] as const) {
      expect(one.room.state).toBe("connected");
      expect(one.last("reconnected")).toEqual([{ resumed: false }]);
      const remote = one.remote(other.room.localParticipant.sid);
      expect(remote.trackFrom("camera")?.mediaStreamTrack).toBeDefined();
      expect(one.room.participants.size).toBe(1);
    }
    expect(before?.connectionState).toBe("closed");
    expect(stage.devices.opened.map(({ readyState }) => readyState)).toEqual(["live", "live"]);
    expect(ada.take().filter((name) => name === "disconnected")).toEqual([]);
  });

  it("a message that the lost session had delivered is not sent again; one that it had not is", async () => {
    const ada = await stage.joined("ada");
    stage.server.intercept = ({ kind }) => {
      if (kind.case === "chat" && kind.value.text === "delivered") {
        stage.server.intercept = undefined;
        stage.server.chat.push({
          $typeName: "antiphon.v1.ChatMessage",
          id: "m1",
          sid: "aaaa",
          identity: "ada",
          name: "",
          text: "delivered",
          sentAtMs: 1,
          to: "",
          seq: 1,
        });
        stage.server.restart();
        return "ignore";
      }
      return undefined;
    };
    const sending = [ada.room.sendChat("delivered"), ada.room.sendChat("not delivered")];
    await stage.settle(5_000);
    await stage.settle();
    const [delivered, again] = await Promise.all(sending);
    expect([delivered?.sid, again?.sid]).toEqual(["aaaa", "bbbb"]);
    expect(stage.server.chat.map(({ text }) => text)).toEqual(["delivered", "not delivered"]);
    expect(ada.room.chat.map(({ text }) => text)).toEqual(["delivered", "not delivered"]);
  });

  it("that stays broken ends the room, and everything that waits", async () => {
    const { ada } = await call();
    stage.server.isDown = true;
    stage.server.cut("aaaa");
    const sending = ada.room.sendChat("into the void");
    sending.catch(() => {});
    const kicking = ada.room.kick("bbbb");
    kicking.catch(() => {});
    await stage.settle(120_000);
    await expect(sending).rejects.toMatchObject({ code: "disconnected" });
    await expect(kicking).rejects.toMatchObject({ code: "disconnected" });
    expect(ada.room.state).toBe("disconnected");
    expect(ada.last("disconnected")[0]).toBe("connection_lost");
    expect(ada.connections.every(({ connectionState }) => connectionState === "closed")).toBe(true);
    expect(stage.clock.pending).toBeLessThanOrEqual(8);
  });

  it("reconnectNow cuts the wait short", async () => {
    const { ada } = await call();
    stage.server.isDown = true;
    stage.server.cut("aaaa");
    await stage.settle(10_000);
    stage.server.isDown = false;
    ada.room.reconnectNow();
    await stage.settle();
    expect(ada.room.state).toBe("connected");
  });

  it("goAway moves to another connection without a word", async () => {
    const { ada } = await call();
    const before = stage.server.sockets.length;
    stage.server.tell("aaaa", { kind: { case: "goAway", value: { retryAfterMs: 3_000, reason: "drain" } } });
    await stage.settle(2_999);
    expect(stage.server.sockets).toHaveLength(before);
    await stage.settle(1);
    await stage.settle();
    expect(stage.server.sockets).toHaveLength(before + 1);
    expect([ada.room.state, ada.take()]).toEqual(["connected", []]);
    await ada.room.sendChat("still here");
  });
});

it("what the connections of a lost session still say is not said under the next one", async () => {
  const [ada, bob] = [await stage.joined("ada"), await stage.joined("bob")];
  await ada.room.localParticipant.setCameraEnabled(true);
  await stage.settle(2_000);
  await stage.settle();
  const said: string[] = [];
  stage.server.intercept = ({ kind }, sid) => {
    if (kind.case === "candidate") {
      said.push(`${sid}: ${kind.value.candidate ?? ""}`);
    }
    return undefined;
  };
  ada.room.on("reconnecting", () => ada.connections[0]?.gather("candidate of the lost session"));
  stage.server.remove("aaaa", Left_Reason.RESUME_TIMEOUT);
  await stage.settle(2_000);
  await stage.settle();
  ada.connections.at(-1)?.gather("candidate of the present one");
  await stage.settle();
  expect(said).toEqual(["cccc: candidate of the present one"]);
  expect(bob.remote("cccc").trackFrom("camera")?.mediaStreamTrack).toBeDefined();
  expect(ada.lines).not.toContain("a peer cannot be reached through the server");
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

describe("chat and data", () => {
  it("a private message reaches its recipient and is in both logs once", async () => {
    const [ada, bob] = [await stage.joined("ada"), await stage.joined("bob")];
    const cleo = await stage.joined("cleo");
    const message = await ada.room.sendChat("psst", { to: "bbbb" });
    await stage.settle();
    expect(message).toMatchObject({ text: "psst", to: "bbbb", sid: "aaaa", id: "aaaa-1" });
    expect([ada, bob, cleo].map(({ room }) => room.chat.map(({ text }) => text))).toEqual([["psst"], ["psst"], []]);
  });

  it("a refused message rejects and is not in the chat", async () => {
    const ada = await stage.joined("ada");
    stage.server.intercept = ({ kind, seq }) =>
      kind.case === "chat"
        ? { kind: { case: "error", value: { code: "rate_limited", seq, retryAfterMs: 900 } } }
        : undefined;
    await expect(ada.room.sendChat("too fast")).rejects.toMatchObject({ code: "rate_limited", retryAfterMs: 900 });
    expect(ada.room.chat).toEqual([]);
  });

  it("messages that the server cannot take now are taken later, each once and in order", async () => {
    const [ada, bob] = [await stage.joined("ada"), await stage.joined("bob")];
    let refusals = 0;
    stage.server.intercept = ({ kind, seq }) => {
      if (kind.case !== "chat" || refusals === 2) {
        return undefined;
      }
      refusals += 1;
      return { kind: { case: "error", value: { code: "unavailable", seq, retryAfterMs: 1_000 } } };
    };
    const sending = ["one", "two", "three"].map((text) => ada.room.sendChat(text));
    await stage.settle(1_000);
    await stage.settle(1_000);
    await stage.settle();
    expect((await Promise.all(sending)).map(({ text, seq }) => [text, seq])).toEqual([
      ["one", 1],
      ["two", 2],
      ["three", 3],
    ]);
    expect(bob.room.chat.map(({ text }) => text)).toEqual(["one", "two", "three"]);
    expect([refusals, ada.room.state, ada.take()]).toEqual([
      2,
      "connected",
      ["connected", "participantJoined", "chat", "chat", "chat"],
    ]);
  });

  it("a message whose fate was settled out of sight does not wait for ever", async () => {
    const ada = await stage.joined("ada");
    stage.server.intercept = ({ kind }) => {
      if (kind.case !== "chat") {
        return undefined;
      }
      stage.server.cut("aaaa");
      stage.server.forgetLog("aaaa");
      return "ignore";
    };
    const sending = ada.room.sendChat("refused, but who knows");
    sending.catch(() => {});
    await stage.settle(9_999);
    await stage.settle(1);
    await expect(sending).rejects.toMatchObject({ code: "timed_out" });
  });

  it("a refusal that a broken connection delayed still rejects its message", async () => {
    const ada = await stage.joined("ada");
    stage.server.intercept = ({ kind, seq }) => {
      if (kind.case !== "chat") {
        return undefined;
      }
      stage.server.cut("aaaa");
      stage.server.tell("aaaa", { kind: { case: "error", value: { code: "permission_denied", seq } } });
      return "ignore";
    };
    const sending = ada.room.sendChat("refused out of sight");
    sending.catch(() => {});
    await stage.settle();
    await expect(sending).rejects.toMatchObject({ code: "permission_denied" });
    expect([ada.room.chat, ada.take()]).toEqual([[], ["connected", "reconnecting", "reconnected"]]);
  });

  it("a message whose session is lost while its room is being left does not wait for ever", async () => {
    const ada = await stage.joined("ada");
    ada.room.on("reconnecting", ({ reason }) => {
      // The session is lost by then; its message learns of that a moment later.
      if (reason === "refused") {
        void ada.room.leave();
      }
    });
    stage.server.intercept = ({ kind }) => (kind.case === "chat" ? "ignore" : undefined);
    const sending = ada.room.sendChat("too late");
    sending.catch(() => {});
    await settle();
    stage.server.remove("aaaa", Left_Reason.RESUME_TIMEOUT);
    await stage.settle(1_000);
    await expect(sending).rejects.toMatchObject({ code: "disconnected" });
    await ada.join("ada");
    await stage.settle(60_000);
    expect(stage.server.chat).toEqual([]);
  });

  it("a message written while there is no session is not mistaken for one of the session before", async () => {
    const ada = await stage.joined("ada");
    await ada.room.sendChat("the first of the first session");
    let again: Promise<unknown> | undefined;
    ada.room.on("reconnecting", () => {
      again ??= ada.room.sendChat("the first of the second session");
    });
    stage.server.remove("aaaa", Left_Reason.RESUME_TIMEOUT);
    stage.server.intercept = ({ kind }) => {
      if (kind.case !== "chat") {
        return undefined;
      }
      stage.server.intercept = undefined;
      stage.server.remove("bbbb", Left_Reason.RESUME_TIMEOUT);
      return "ignore";
    };
    await stage.settle(2_000);
    await stage.settle();
    await expect(again).resolves.toMatchObject({ sid: "cccc", text: "the first of the second session" });
    expect(stage.server.chat.map(({ text }) => text)).toEqual([
      "the first of the first session",
      "the first of the second session",
    ]);
  });

  it("two messages of two sessions under one number both come back", async () => {
    const ada = await stage.joined("ada");
    stage.server.intercept = ({ kind }) => (kind.case === "chat" ? "ignore" : undefined);
    const sending = [ada.room.sendChat("one")];
    ada.room.on("reconnecting", () => {
      stage.server.intercept = undefined;
      sending.push(ada.room.sendChat("two"));
    });
    await settle();
    stage.server.remove("aaaa", Left_Reason.RESUME_TIMEOUT);
    await stage.settle(1_000);
    await stage.settle();
    expect((await Promise.all(sending)).map(({ text }) => text)).toEqual(["one", "two"]);
    expect(stage.server.chat.map(({ text }) => text).sort()).toEqual(["one", "two"]);
  });

  it("where the room began anew, a message that had gone out rejects, and one that had not goes out", async () => {
    const ada = await stage.joined("ada");
    stage.server.intercept = ({ kind }) => (kind.case === "chat" ? "ignore" : undefined);
    const gone = ada.room.sendChat("gone out");
    gone.catch(() => {});
    await stage.settle();
    stage.server.intercept = undefined;
    stage.server.isDown = true;
    stage.server.forgetRoom();
    const kept = ada.room.sendChat("kept");
    stage.server.isDown = false;
    await stage.settle(5_000);
    await expect(gone).rejects.toMatchObject({ code: "resume_failed" });
    await expect(kept).resolves.toMatchObject({ text: "kept" });
    expect(stage.server.chat.map(({ text }) => text)).toEqual(["kept"]);
  });

  it("a message that was refused out of sight is not sent again behind a later one", async () => {
    const ada = await stage.joined("ada");
    stage.server.intercept = ({ kind }) => (kind.case === "chat" && kind.value.text === "refused" ? "ignore" : undefined);
    const sending = [ada.room.sendChat("refused"), ada.room.sendChat("taken")];
    sending.forEach((one) => void one.catch(() => {}));
    await settle();
    stage.server.intercept = undefined;
    stage.server.remove("aaaa", Left_Reason.RESUME_TIMEOUT);
    await stage.settle(5_000);
    await expect(sending[1]).resolves.toMatchObject({ text: "taken" });
    // It was settled before that one, and is not in the history.
    await expect(sending[0]).rejects.toMatchObject({ code: "resume_failed" });
    expect(stage.server.chat.map(({ text }) => text)).toEqual(["taken"]);
  });

  it("a message that was taken and did not come back waits for no longer than its room or session", async () => {
    const acknowledgeOnly = () => {
      stage.server.intercept = ({ kind, seq }) => {
        if (kind.case !== "chat") {
          return undefined;
        }
        stage.server.intercept = undefined;
        return { ackSeq: seq, kind: { case: "ack", value: {} } };
      };
    };
    const ada = await stage.joined("ada");
    acknowledgeOnly();
    const again = ada.room.sendChat("again");
    await stage.settle();
    stage.server.restart();
    await stage.settle(1_000);
    await expect(again).resolves.toMatchObject({ sid: "bbbb", text: "again" });
    acknowledgeOnly();
    const never = ada.room.sendChat("never");
    never.catch(() => {});
    await stage.settle();
    stage.server.remove("bbbb", Left_Reason.KICKED);
    await expect(never).rejects.toMatchObject({ code: "disconnected" });
  });

  it("a message that the server took is in the chat even if it does not come back", async () => {
    const ada = await stage.joined("ada");
    stage.server.intercept = ({ kind, seq }) =>
      kind.case === "chat" ? { ackSeq: seq, kind: { case: "ack", value: {} } } : undefined;
    const sending = ada.room.sendChat("taken");
    await stage.settle(10_000);
    await expect(sending).resolves.toMatchObject({ text: "taken", sid: "aaaa" });
    expect(ada.room.chat.map(({ text }) => text)).toEqual(["taken"]);
  });

  it("a deleted message disappears", async () => {
    const ada = await stage.joined("ada");
    const { id } = await ada.room.sendChat("oops");
    stage.server.tell("aaaa", { kind: { case: "chatDeleted", value: { id, by: "aaaa" } } });
    expect([ada.room.chat, ada.last("chatDeleted")]).toEqual([[], [id]]);
  });

  it("data carries bytes, topic and sender", async () => {
    const [ada, bob] = [await stage.joined("ada"), await stage.joined("bob")];
    await ada.room.sendData(new Uint8Array([1, 2, 255]), { topic: "draw" });
    await stage.settle();
    expect(bob.last("data")).toEqual([
      { payload: new Uint8Array([1, 2, 255]), topic: "draw", from: "aaaa", lossy: false },
      bob.remote("aaaa"),
    ]);
  });

  it("lossy data is not kept for later", async () => {
    const ada = await stage.joined("ada");
    stage.server.isDown = true;
    stage.server.cut("aaaa");
    await ada.room.sendData(new Uint8Array([1]), { lossy: true });
    stage.server.isDown = false;
    await stage.settle(1_000);
    await stage.settle();
    expect(stage.server.sockets.at(-1)?.sent.map(({ kind }) => kind.case)).not.toContain("data");
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
