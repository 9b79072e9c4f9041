import { beforeEach, describe, expect, it, vi } from "vitest";

import { Left_Reason } from "./gen/antiphon/v1/signal_pb.js";
import { type Interruption } from "./index.js";
import { FakeMediaStream, fakeTrack } from "./testing/fake-media.js";
import { Stage } from "./testing/stage.js";

vi.stubGlobal("MediaStream", FakeMediaStream);

let stage: Stage;
beforeEach(() => {
  stage = new Stage("aaaa", "bbbb", "cccc", "dddd", "eeee", "ffff");
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

  it("can be led through relays alone, and back, on connections that are made anew", async () => {
    const [ada, bob] = [await stage.joined("ada"), await stage.joined("bob")];
    await ada.room.localParticipant.setMicrophoneEnabled(true);
    await stage.settle(2_000);
    const policies = () => ada.connections.map(({ configuration }) => configuration.iceTransportPolicy);
    ada.room.setIceTransportPolicy("relay");
    ada.room.setIceTransportPolicy("relay");
    await stage.settle(2_000);
    expect([policies(), bob.connections.length]).toEqual([[undefined, "relay"], 2]);
    ada.room.setIceTransportPolicy("all");
    await stage.settle(2_000);
    expect(policies()).toEqual([undefined, "relay", "all"]);
    expect([...ada.room.peers.values()]).toMatchObject([{ signalingState: "stable" }]);
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
    const cleo = stage.room();
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
