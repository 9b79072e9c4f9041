import { describe, expect, it, vi } from "vitest";

import { AntiphonError } from "./errors.js";
import { LocalParticipant } from "./local-participant.js";
import type { LocalTrack } from "./local-track.js";
import type { ClientKind } from "./session/frames.js";
import { settle } from "./testing/fake-clock.js";
import { FakeDevices, FakeMediaStream, fakeTrack } from "./testing/fake-media.js";

vi.stubGlobal("MediaStream", FakeMediaStream);

function start({ inRoom = true } = {}) {
  const devices = new FakeDevices();
  const sent: ClientKind[] = [];
  const calls: string[] = [];
  const answers: (AntiphonError | undefined)[] = [];
  const state = { inRoom };
  const participant = new LocalParticipant({
    mediaDevices: () => devices,
    request: (kind) => {
      if (!state.inRoom) {
        return undefined;
      }
      sent.push(kind);
      const error = answers.shift();
      return error === undefined ? Promise.resolve() : Promise.reject(error);
    },
    put: (track) => calls.push(`put ${track.source}${track.mediaStreamTrack === undefined ? " (released)" : ""}`),
    remove: (track) => calls.push(`remove ${track.source}`),
    onPublished: (track) => calls.push(`published ${track.source}`),
    onUnpublished: (track) => calls.push(`unpublished ${track.source}`),
    onUpdated: () => {},
    onDeviceLost: (track, replacement) =>
      calls.push(`lost ${track.source}${replacement === undefined ? "" : " (replaced)"}`),
    onError: ({ code }) => calls.push(`error ${code}`),
  });
  return { devices, sent, calls, answers, state, participant };
}

const cases = (sent: readonly ClientKind[]) => sent.map(({ case: name }) => name);
const mutes = (sent: readonly ClientKind[]) =>
  sent.flatMap((kind) => (kind.case === "update" ? (kind.value.tracks ?? []).map(({ muted }) => muted) : []));

describe("microphone and camera", () => {
  it("the microphone is opened once and muted without being closed", async () => {
    const { participant, devices, sent } = start();
    const track = await participant.setMicrophoneEnabled(true, { echoCancellation: true });
    await participant.setMicrophoneEnabled(false);
    expect([participant.isMicrophoneEnabled, track?.mediaStreamTrack?.enabled, devices.opened[0]?.readyState]).toEqual([
      false,
      false,
      "live",
    ]);
    await participant.setMicrophoneEnabled(true);
    expect([participant.isMicrophoneEnabled, track?.mediaStreamTrack?.enabled]).toEqual([true, true]);
    expect(devices.asked).toEqual([{ audio: { echoCancellation: true } }]);
    expect([cases(sent), mutes(sent)]).toEqual([
      ["publish", "update", "update"],
      [true, false],
    ]);
  });

  it("the camera is closed while it is off, and the track stays the same", async () => {
    const { participant, devices, sent, calls } = start();
    const track = await participant.setCameraEnabled(true);
    await participant.setCameraEnabled(false);
    expect([devices.opened[0]?.readyState, track?.mediaStreamTrack, participant.isCameraEnabled]).toEqual([
      "ended",
      undefined,
      false,
    ]);
    await participant.setCameraEnabled(true);
    expect(participant.trackFrom("camera")).toBe(track);
    expect([track?.mediaStreamTrack, track?.stream.getTracks()]).toEqual([devices.opened[1], [devices.opened[1]]]);
    expect(cases(sent)).toEqual(["publish", "update", "update"]);
    expect(calls).toEqual(["put camera", "published camera", "put camera (released)", "put camera"]);
  });

  it("quick changes happen one after the other, and the last one counts", async () => {
    const { participant, devices } = start();
    await Promise.all([true, false, true, true, false].map((isEnabled) => participant.setCameraEnabled(isEnabled)));
    expect([participant.isCameraEnabled, participant.tracks.size]).toEqual([false, 1]);
    expect(devices.opened.map(({ readyState }) => readyState)).toEqual(["ended", "ended"]);
  });

  it("a refusal of the browser is passed on, and the next attempt can succeed", async () => {
    const { participant, devices } = start();
    devices.refusal = new DOMException("no", "NotAllowedError");
    await expect(participant.setMicrophoneEnabled(true)).rejects.toMatchObject({
      code: "device_denied",
      cause: devices.refusal,
    });
    expect(participant.tracks.size).toBe(0);
    devices.refusal = undefined;
    await participant.setMicrophoneEnabled(true);
    expect(participant.isMicrophoneEnabled).toBe(true);
  });

  it("another device takes over without a word to the others, muted if the track is", async () => {
    const { participant, devices, sent, calls } = start();
    const track = await participant.setMicrophoneEnabled(true, { noiseSuppression: true });
    await track?.mute();
    await track?.setDevice("other");
    expect(devices.asked.at(-1)).toEqual({ audio: { noiseSuppression: true, deviceId: { exact: "other" } } });
    expect(devices.opened.map(({ readyState, enabled }) => [readyState, enabled])).toEqual([
      ["ended", false],
      ["live", false],
    ]);
    expect(cases(sent)).toEqual(["publish", "update"]);
    expect(calls.at(-1)).toBe("put microphone");
  });

  it("a device chosen while the camera is off is opened with it, not before", async () => {
    const { participant, devices } = start();
    const track = await participant.setCameraEnabled(true);
    await participant.setCameraEnabled(false);
    await track?.setDevice("other");
    expect(devices.opened).toHaveLength(1);
    await participant.setCameraEnabled(true);
    expect(devices.asked.at(-1)).toEqual({ video: { deviceId: { exact: "other" } } });
  });

  it("a device that is unplugged gives way to another, whichever was chosen before, and nobody is told", async () => {
    const { participant, devices, sent, calls } = start();
    const track = await participant.setMicrophoneEnabled(true, { noiseSuppression: true });
    await track?.setDevice("gone soon");
    devices.opened[1]?.end();
    await settle();
    expect(devices.asked.at(-1)).toEqual({ audio: { noiseSuppression: true, deviceId: {} } });
    expect([participant.isMicrophoneEnabled, track?.mediaStreamTrack]).toEqual([true, devices.opened[2]]);
    expect(cases(sent)).toEqual(["publish"]);
    expect(calls.slice(-2)).toEqual(["put microphone", "lost microphone (replaced)"]);
  });

  it("one that is unplugged where there is no other leaves a muted track, and can be opened again", async () => {
    const { participant, devices, sent, calls } = start();
    await participant.setMicrophoneEnabled(true);
    devices.refusal = new DOMException("none", "NotFoundError");
    devices.opened[0]?.end();
    await settle();
    expect([participant.isMicrophoneEnabled, participant.tracks.size, mutes(sent)]).toEqual([false, 1, [true]]);
    expect(calls.at(-1)).toBe("lost microphone");
    devices.refusal = undefined;
    await participant.setMicrophoneEnabled(true);
    expect([participant.isMicrophoneEnabled, devices.opened.length]).toEqual([true, 2]);
  });

  it("a permission that was taken away is not asked for again", async () => {
    const { participant, devices } = start();
    await participant.setCameraEnabled(true);
    devices.listed = [{ kind: "videoinput", deviceId: "", label: "" }];
    devices.opened[0]?.end();
    await settle();
    expect([participant.isCameraEnabled, devices.asked.length]).toEqual([false, 1]);
    await participant.setCameraEnabled(true);
    devices.listed = [{ kind: "videoinput", deviceId: "other", label: "Another camera" }];
    devices.opened[1]?.end();
    await settle();
    expect([participant.isCameraEnabled, devices.asked.length]).toEqual([true, 3]);
  });

  it("one that is unplugged while it is muted is not replaced before it is needed", async () => {
    const { participant, devices, calls } = start();
    const track = await participant.setMicrophoneEnabled(true);
    await participant.setMicrophoneEnabled(false);
    devices.opened[0]?.end();
    await settle();
    expect([devices.opened.length, calls.at(-1)]).toEqual([1, "lost microphone"]);
    await track?.unmute();
    expect([participant.isMicrophoneEnabled, devices.opened.length]).toEqual([true, 2]);
  });

  it("a mute that comes while the other device opens counts", async () => {
    const { participant, devices } = start();
    await participant.setMicrophoneEnabled(true);
    let open = () => {};
    devices.opening = new Promise((resolve) => (open = resolve));
    devices.opened[0]?.end();
    await settle();
    await participant.setMicrophoneEnabled(false);
    open();
    await settle();
    expect([participant.isMicrophoneEnabled, devices.opened.map(({ readyState }) => readyState)]).toEqual([
      false,
      ["ended", "ended"],
    ]);
  });

  it("a device that is chosen before anything is open is used when it opens, if it is still there", async () => {
    const { participant, devices } = start();
    await participant.chooseDevice("camera", "other");
    await participant.setCameraEnabled(true, { width: 320 });
    expect(devices.asked).toEqual([{ video: { width: 320, deviceId: { ideal: "other" } } }]);
    await participant.chooseDevice("camera", "");
    expect(devices.asked.at(-1)).toEqual({ video: { width: 320, deviceId: {} } });
  });

  it("the application's own device cannot be changed here, and the message says how", async () => {
    const { participant } = start();
    const track = await participant.publish(fakeTrack("audio"), { source: "microphone" });
    for (const change of [participant.chooseDevice("microphone", "other"), track.setDevice("other")]) {
      await expect(change).rejects.toMatchObject({ code: "device_not_captured", message: /replaceTrack/ });
    }
  });

  it.each([
    ["NotAllowedError", "device_denied", /Ask the person to allow it/],
    ["NotFoundError", "device_not_found", /listDevices/],
    ["OverconstrainedError", "device_not_found", /choose another/],
    ["NotReadableError", "device_in_use", /Close the other program/],
    ["SomethingNew", "device_failed", /`cause`/],
  ])("a browser that says %s is understood as %s, with a cure", async (name, code, cure) => {
    const { participant, devices } = start();
    devices.refusal = new DOMException("no", name);
    for (const asked of [participant.setCameraEnabled(true), participant.setScreenShareEnabled(true)]) {
      await expect(asked).rejects.toMatchObject({ name: "AntiphonError", code, message: cure, cause: devices.refusal });
    }
  });
});

describe("a device that opens late", () => {
  /** Devices that wait until they are told to open. */
  function slowly(devices: FakeDevices): () => Promise<void> {
    let open = () => {};
    devices.opening = new Promise((resolve) => (open = resolve));
    return async () => {
      open();
      await settle();
    };
  }

  it.each<[string, (participant: LocalParticipant) => Promise<unknown>]>([
    ["microphone", (participant) => participant.setMicrophoneEnabled(true)],
    ["camera", (participant) => participant.setCameraEnabled(true)],
    ["screen", (participant) => participant.setScreenShareEnabled(true)],
  ])("after the room was left is closed again: %s", async (_, enable) => {
    const { participant, devices, sent } = start();
    const open = slowly(devices);
    const enabling = enable(participant);
    enabling.catch(() => {});
    await settle();
    participant.leave();
    await open();
    await expect(enabling).rejects.toMatchObject({ code: "disconnected" });
    expect([...new Set(devices.opened.map(({ readyState }) => readyState))]).toEqual(["ended"]);
    expect([participant.tracks.size, sent]).toEqual([0, []]);
  });

  it("for a track that was withdrawn is closed again", async () => {
    const { participant, devices } = start();
    const track = (await participant.setCameraEnabled(true)) as LocalTrack;
    await participant.setCameraEnabled(false);
    const open = slowly(devices);
    const unmuting = track.unmute();
    unmuting.catch(() => {});
    await participant.unpublish(track);
    await open();
    await expect(unmuting).rejects.toMatchObject({ code: "disconnected" });
    expect(devices.opened.map(({ readyState }) => readyState)).toEqual(["ended", "ended"]);
  });

  it("in another's place while the camera is turned off is closed, and taken when it is turned on", async () => {
    const { participant, devices } = start();
    const track = (await participant.setCameraEnabled(true)) as LocalTrack;
    const open = slowly(devices);
    const choosing = track.setDevice("other");
    await settle();
    await participant.setCameraEnabled(false);
    expect(devices.opened.map(({ readyState }) => readyState)).toEqual(["ended"]);
    await open();
    await choosing;
    expect(devices.opened.map(({ readyState }) => readyState)).toEqual(["ended", "ended"]);
    expect([track.mediaStreamTrack, track.muted]).toEqual([undefined, true]);
    await participant.setCameraEnabled(true);
    expect(devices.asked.at(-1)).toEqual({ video: { deviceId: { exact: "other" } } });
  });

  it("does not undo a mute that came after it was asked for", async () => {
    const { participant, devices, sent } = start();
    const track = (await participant.setCameraEnabled(true)) as LocalTrack;
    await track.mute({ release: true });
    const open = slowly(devices);
    const unmuting = track.unmute();
    await settle();
    await track.mute({ release: true });
    await open();
    await unmuting;
    expect([track.muted, track.mediaStreamTrack]).toEqual([true, undefined]);
    expect(devices.opened.map(({ readyState }) => readyState)).toEqual(["ended", "ended"]);
    expect(mutes(sent)).toEqual([true, true]);
  });

  it("asked for twice is opened once, and of two choices the last counts", async () => {
    const { participant, devices } = start();
    const track = (await participant.setCameraEnabled(true)) as LocalTrack;
    await track.mute({ release: true });
    await Promise.all([track.unmute(), track.unmute(), track.setDevice("one"), track.setDevice("two")]);
    expect(devices.asked.slice(1)).toEqual([
      { video: {} },
      { video: { deviceId: { exact: "one" } } },
      { video: { deviceId: { exact: "two" } } },
    ]);
    expect(devices.opened.map(({ readyState }) => readyState)).toEqual(["ended", "ended", "ended", "live"]);
    expect(track.muted).toBe(false);
  });
});

it("a camera that a moderator muted is closed when it is turned off", async () => {
  const { participant, devices } = start();
  const track = (await participant.setCameraEnabled(true)) as LocalTrack;
  const wire = track.describe();
  wire.muted = true;
  participant.trackUpdated(wire);
  expect([track.muted, devices.opened[0]?.readyState]).toEqual([true, "live"]);
  await participant.setCameraEnabled(false);
  expect([track.mediaStreamTrack, devices.opened[0]?.readyState]).toEqual([undefined, "ended"]);
});

describe("screen share", () => {
  it("publishes picture and sound, and withdraws both", async () => {
    const { participant, devices, sent } = start();
    await participant.setScreenShareEnabled(true);
    expect([...participant.tracks.values()].map(({ source }) => source)).toEqual(["screenShare", "screenShareAudio"]);
    await participant.setScreenShareEnabled(false);
    expect(cases(sent)).toEqual(["publish", "publish", "unpublish", "unpublish"]);
    expect(devices.opened.every(({ readyState }) => readyState === "ended")).toBe(true);
  });

  it("asks for no sound where none is wanted", async () => {
    const { participant } = start();
    await participant.setScreenShareEnabled(true, { audio: false });
    expect(participant.tracks.size).toBe(1);
  });

  it("is withdrawn when the person stops it in the browser", async () => {
    const { participant, devices, sent } = start();
    await participant.setScreenShareEnabled(true, { audio: false });
    devices.opened[0]?.end();
    await settle();
    expect([participant.isScreenShareEnabled, cases(sent)]).toEqual([false, ["publish", "unpublish"]]);
  });
});

describe("tracks of the application", () => {
  it("are announced with what they are, under the id of their own stream", async () => {
    const { participant, sent } = start();
    const track = await participant.publish(fakeTrack("video"), { source: "screenShare", name: "slides" });
    expect(sent[0]?.value).toMatchObject({ track: { trackId: track.stream.id, name: "slides", muted: false } });
    expect(track.stream.getTracks()).toEqual([track.mediaStreamTrack]);
  });

  it("are not closed by the SDK", async () => {
    const { participant } = start();
    const own = fakeTrack("audio");
    const track = await participant.publish(own, { source: "microphone" });
    await track.mute({ release: true });
    await participant.unpublish(track);
    expect(own.readyState).toBe("live");
    expect(participant.tracks.size).toBe(0);
  });

  it("one that is published twice is published once", async () => {
    const { participant, sent } = start();
    const own = fakeTrack("audio");
    const [first, second] = await Promise.all([
      participant.publish(own, { source: "microphone" }),
      participant.publish(own, { source: "microphone" }),
    ]);
    expect(first).toBe(second);
    expect(cases(sent)).toEqual(["publish"]);
  });

  it("can be replaced by one of the same kind only", async () => {
    const { participant } = start();
    const track = await participant.publish(fakeTrack("audio"), { source: "microphone" });
    const other = fakeTrack("audio");
    track.replaceTrack(other);
    expect(track.mediaStreamTrack).toBe(other);
    expect(() => track.replaceTrack(fakeTrack("video"))).toThrow(TypeError);
  });
});

describe("a room that is entered", () => {
  it("is told of every track and of what was changed before", async () => {
    const { participant, sent, state } = start({ inRoom: false });
    await participant.setMicrophoneEnabled(true);
    await participant.setName("Ada");
    await participant.setAttributes({ hand: "up" });
    expect(sent).toEqual([]);
    state.inRoom = true;
    participant.announceAll();
    await settle();
    expect(sent).toMatchObject([
      { case: "update", value: { name: "Ada", attributes: { hand: "up" } } },
      { case: "publish" },
    ]);
  });

  it("that refuses a track withdraws it, and says so", async () => {
    const { participant, sent, state, answers, calls } = start({ inRoom: false });
    await participant.setMicrophoneEnabled(true);
    state.inRoom = true;
    answers.push(new AntiphonError("permission_denied", "no"));
    participant.announceAll();
    await settle();
    expect([participant.tracks.size, cases(sent)]).toEqual([0, ["publish"]]);
    expect(calls.slice(-3)).toEqual(["remove microphone", "unpublished microphone", "error permission_denied"]);
  });

  it("a change whose session was lost is no failure: the next session begins with it", async () => {
    const { participant, answers } = start();
    const track: LocalTrack | undefined = await participant.setMicrophoneEnabled(true);
    answers.push(new AntiphonError("resume_failed", "lost"));
    await expect(track?.mute()).resolves.toBeUndefined();
    answers.push(new AntiphonError("permission_denied", "no"));
    await expect(participant.setName("x")).rejects.toMatchObject({ code: "permission_denied" });
  });
});

describe("the profile", () => {
  const updates = (sent: readonly ClientKind[]) => sent.flatMap((kind) => (kind.case === "update" ? [kind.value] : []));

  it("set before joining goes into the join; attributes follow, to be merged with the token's", async () => {
    const { participant, sent, state } = start({ inRoom: false });
    await participant.setName("Ada");
    await participant.setAttributes({ hand: "up", pen: "red" });
    await participant.setAttributes({ pen: "" });
    expect([participant.name, participant.attributes]).toEqual(["Ada", { hand: "up" }]);
    participant.begin({ metadata: "m" });
    expect(participant.takeProfile()).toEqual({ name: "Ada", metadata: "m", attributes: undefined });
    state.inRoom = true;
    participant.announceAll();
    await settle();
    expect(updates(sent)).toEqual([{ attributes: { hand: "up", pen: "" } }]);
    participant.announceAll();
    expect(updates(sent)).toHaveLength(1);
  });

  it("what `join` is called with goes before what was set earlier", async () => {
    const { participant } = start({ inRoom: false });
    await participant.setName("earlier");
    await participant.setAttributes({ hand: "up" });
    participant.begin({ name: "Ada", attributes: { hand: "down" } });
    expect(participant.takeProfile()).toEqual({ name: "Ada", attributes: { hand: "down" } });
    expect(participant.attributes).toEqual({ hand: "down" });
  });

  it("a change in the moment before the entry is told on entry", async () => {
    const { participant, sent, state } = start({ inRoom: false });
    const changing = participant.setName("Ada");
    state.inRoom = true;
    participant.announceAll();
    await changing;
    await settle();
    expect(updates(sent)).toMatchObject([{ name: "Ada" }]);
  });

  it("after a session was lost, another begins with what the room knew and what it was not told", async () => {
    const { participant, answers, sent } = start();
    participant.begin({});
    await participant.setAttributes({ hand: "up", pen: "red" });
    await participant.setAttributes({ pen: "" });
    participant.describe({ attributes: { hand: "lowered by the server", team: "blue" } } as never);
    answers.push(new AntiphonError("resume_failed", "lost"));
    await participant.setAttributes({ chair: "3" });
    await participant.setName("Ada");
    expect(participant.takeProfile()).toEqual({
      name: "Ada",
      metadata: undefined,
      attributes: { hand: "lowered by the server", pen: "", team: "blue", chair: "3" },
    });
    sent.length = 0;
    participant.announceAll();
    await settle();
    expect(updates(sent)).toEqual([{ attributes: { chair: "3" } }]);
  });

  it("a change that was refused is not in the next join", async () => {
    const { participant, answers } = start();
    await participant.setName("Ada");
    answers.push(new AntiphonError("invalid_argument", "too long"));
    await expect(participant.setName("A very long name")).rejects.toMatchObject({ code: "invalid_argument" });
    expect(participant.takeProfile()).toMatchObject({ name: "Ada" });
  });
});

it("a moderator's mute behind an own change counts, also while that is not settled", async () => {
  const { participant, state } = start({ inRoom: false });
  const track = await participant.setMicrophoneEnabled(true);
  const shown = (muted: boolean) => participant.trackUpdated({ trackId: track?.id ?? "", muted } as never);
  await track?.mute();
  state.inRoom = true;
  const unmuting = track?.unmute();
  // The moderator's mute came to the server first, then the own change.
  shown(true);
  shown(false);
  expect(track?.muted).toBe(false);
  // And then another.
  shown(true);
  expect(track?.muted).toBe(true);
  await unmuting;
  expect([track?.muted, track?.mediaStreamTrack?.enabled]).toEqual([true, false]);
});
