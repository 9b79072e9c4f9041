import { expect, it, vi } from "vitest";

import { Playback } from "./playback.js";

/** An element as far as playing goes. */
class Element {
  sinkId = "";
  plays = 0;
  refusal: string | undefined;
  sinkRefusal: string | undefined;

  play(): Promise<void> {
    this.plays += 1;
    return this.refusal === undefined ? Promise.resolve() : Promise.reject(new DOMException("no", this.refusal));
  }

  setSinkId(id: string): Promise<void> {
    if (this.sinkRefusal !== undefined && id !== "") {
      return Promise.reject(new DOMException("no", this.sinkRefusal));
    }
    this.sinkId = id;
    return Promise.resolve();
  }
}

function start() {
  vi.stubGlobal("HTMLMediaElement", Element);
  const told: boolean[] = [];
  const playback = new Playback((canPlay) => told.push(canPlay));
  const play = async (element: Element) => {
    playback.play(element as unknown as HTMLMediaElement);
    await Promise.resolve();
    await Promise.resolve();
  };
  return { told, playback, play, forget: (element: Element) => playback.forget(element as unknown as HTMLMediaElement) };
}

function held(refusal: string): Element {
  return Object.assign(new Element(), { refusal });
}

it("tells once that sound is held back, and once that all of it plays", async () => {
  const { told, playback, play } = start();
  const elements = [new Element(), held("NotAllowedError"), held("NotAllowedError")];
  await Promise.all(elements.map(play));
  expect([told, playback.canPlay]).toEqual([[false], false]);
  elements.forEach((element) => (element.refusal = undefined));
  await playback.start();
  expect([told, playback.canPlay]).toEqual([[false, true], true]);
  expect(elements.map(({ plays }) => plays)).toEqual([1, 2, 2]);
});

it("starting where the browser still says no is an error that says what to do", async () => {
  const { playback, play, told } = start();
  await play(held("NotAllowedError"));
  await expect(playback.start()).rejects.toMatchObject({ code: "audio_blocked", message: /click/ });
  expect(told).toEqual([false]);
});

it("an element that plays other media by now, or is gone, holds nothing back", async () => {
  const { playback, play, forget, told } = start();
  await play(held("AbortError"));
  expect(playback.canPlay).toBe(true);
  const gone = held("NotAllowedError");
  await play(gone);
  forget(gone);
  expect([playback.canPlay, told]).toEqual([true, [false, true]]);
  await playback.start();
});

it("all sound comes out of the chosen speaker, that of later elements too", async () => {
  const { playback, play } = start();
  const [first, second] = [new Element(), new Element()];
  await play(first);
  await playback.setSink("headset");
  await play(second);
  expect([first.sinkId, second.sinkId]).toEqual(["headset", "headset"]);
  await playback.setSink("");
  expect([first.sinkId, second.sinkId]).toEqual(["", ""]);
});

it("a speaker that is not there leaves everything where it was", async () => {
  const { playback, play } = start();
  const [first, second] = [new Element(), Object.assign(new Element(), { sinkRefusal: "NotFoundError" })];
  await play(first);
  await play(second);
  await expect(playback.setSink("gone")).rejects.toMatchObject({ code: "device_not_found" });
  expect([first.sinkId, second.sinkId]).toEqual(["", ""]);
});

it("a browser without a choice of speakers says so", async () => {
  const { playback } = start();
  vi.stubGlobal("HTMLMediaElement", class {});
  await expect(playback.setSink("headset")).rejects.toMatchObject({ code: "unsupported_browser" });
});
