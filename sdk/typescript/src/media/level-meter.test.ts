import { expect, it, vi } from "vitest";

import { FakeMediaStream, fakeTrack } from "../testing/fake-media.js";
import { type AudioContextLike, type AudioReceiver, LocalMeter, RemoteMeter } from "./level-meter.js";

vi.stubGlobal("MediaStream", FakeMediaStream);

function receiver(sources: Partial<RTCRtpSynchronizationSource>[]): AudioReceiver {
  return { getSynchronizationSources: () => sources as RTCRtpSynchronizationSource[] };
}

it("somebody else is as loud as the newest packet says, while packets come", () => {
  const meter = new RemoteMeter();
  const at = (rtpTimestamp: number, nowMs: number) =>
    meter.read(
      receiver([
        { audioLevel: 0.1, rtpTimestamp: 1, timestamp: 1 },
        { audioLevel: 0.5, rtpTimestamp, timestamp: 2 },
      ]),
      nowMs,
    );
  expect([at(2, 0), at(2, 499), at(2, 500), at(3, 600)]).toEqual([0.5, 0.5, 0, 0.5]);
});

it("somebody of whom nothing came yet is silent", () => {
  expect(new RemoteMeter().read(receiver([]), 0)).toBe(0);
});

it("one's own microphone is measured while there is one, and the context sleeps where there is none", () => {
  const calls: string[] = [];
  const call = (name: string) => () => {
    calls.push(name);
    return Promise.resolve();
  };
  const context = {
    state: "running",
    createMediaStreamSource: () => ({ connect: call("connect"), disconnect: call("disconnect") }),
    createAnalyser: () => ({ getFloatTimeDomainData: (samples: Float32Array) => samples.fill(0.25) }),
    resume: call("resume"),
    suspend: call("suspend"),
    close: call("close"),
  } as unknown as AudioContextLike;
  let made = 0;
  const meter = new LocalMeter(() => {
    made += 1;
    return context;
  });
  const track = fakeTrack("audio");
  expect([meter.read(undefined), made]).toEqual([0, 0]);
  expect([meter.read(track), meter.read(track), meter.read(undefined), made]).toEqual([0.25, 0.25, 0, 1]);
  expect(calls).toEqual(["connect", "resume", "disconnect", "suspend"]);
  meter.close();
  expect(calls.slice(4)).toEqual(["suspend", "close"]);
});

it("where there is no WebAudio one's own microphone is silent", () => {
  expect(new LocalMeter(() => undefined).read(fakeTrack("audio"))).toBe(0);
});
