import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { handOver } from "./handed-over-devices";

class FakeStream {
  readonly tracks: readonly unknown[];

  constructor(tracks: readonly unknown[] = []) {
    this.tracks = tracks;
  }
}

function track(kind: string, readyState = "live"): MediaStreamTrack {
  return { kind, readyState } as MediaStreamTrack;
}

const FRESH = new FakeStream();
const getUserMedia = vi.fn(() => Promise.resolve(FRESH));

beforeEach(() => {
  getUserMedia.mockClear();
  vi.stubGlobal("MediaStream", FakeStream);
  vi.stubGlobal("navigator", { mediaDevices: { getUserMedia } });
});
afterEach(() => vi.unstubAllGlobals());

describe("handOver", () => {
  it("gives each track out once, then asks the browser", async () => {
    const microphone = track("audio");
    const camera = track("video");
    const devices = handOver({ microphone, camera });
    expect(await devices.getUserMedia({ audio: true })).toMatchObject({ tracks: [microphone] });
    expect(await devices.getUserMedia({ video: true })).toMatchObject({ tracks: [camera] });
    expect(getUserMedia).not.toHaveBeenCalled();
    expect(await devices.getUserMedia({ audio: true })).toBe(FRESH);
  });

  it("does not give out a track that has ended meanwhile", async () => {
    const devices = handOver({ microphone: track("audio", "ended"), camera: null });
    expect(await devices.getUserMedia({ audio: true })).toBe(FRESH);
  });

  it("asks the browser where nothing was handed over", async () => {
    expect(await handOver({ microphone: null, camera: null }).getUserMedia({ video: true })).toBe(FRESH);
  });

  it("rejects in an insecure context", async () => {
    vi.stubGlobal("navigator", {});
    await expect(handOver({ microphone: null, camera: null }).getUserMedia({ video: true })).rejects.toThrow();
  });
});
