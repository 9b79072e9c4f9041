import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { watchLevel } from "./audio-level";

const contexts: { state: string }[] = [];

class FakeAudioContext {
  state = "running";

  constructor() {
    contexts.push(this);
  }

  createMediaStreamSource() {
    return { connect: () => undefined, disconnect: () => undefined };
  }

  createAnalyser() {
    return { getFloatTimeDomainData: (samples: Float32Array) => samples.fill(0.5) };
  }

  close() {
    this.state = "closed";
    return Promise.resolve();
  }
}

beforeEach(() => {
  contexts.length = 0;
  vi.useFakeTimers();
  vi.stubGlobal("AudioContext", FakeAudioContext);
  vi.stubGlobal("MediaStream", class {});
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("watchLevel", () => {
  const track = {} as MediaStreamTrack;

  it("shares one context among all who listen, and closes it behind the last", () => {
    const [one, other] = [watchLevel(track, () => undefined), watchLevel(track, () => undefined)];
    one();
    expect(contexts.map(({ state }) => state)).toEqual(["running"]);
    other();
    expect([contexts.map(({ state }) => state), vi.getTimerCount()]).toEqual([["closed"], 0]);
  });

  it("opens another when somebody listens again", () => {
    watchLevel(track, () => undefined)();
    const heard: number[] = [];
    const stop = watchLevel(track, (level) => heard.push(level));
    vi.advanceTimersByTime(100);
    expect(heard).toHaveLength(1);
    expect(contexts.map(({ state }) => state)).toEqual(["closed", "running"]);
    stop();
  });
});
