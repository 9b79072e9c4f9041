import { expect, it } from "vitest";

import { FakeClock } from "../testing/fake-clock.js";
import { Recovery } from "./recovery.js";

function recovery(isPolite: boolean, isNeeded = () => true, hasBegun = () => true) {
  const clock = new FakeClock();
  const done: [cure: string, atMs: number][] = [];
  const record = (cure: string) => () => void done.push([cure, clock.now()]);
  const watched = new Recovery(clock, isPolite, {
    isNeeded,
    hasBegun,
    restartIce: record("restart"),
    rebuild: record("rebuild"),
    giveUp: record("give up"),
  });
  const observe = (connectionState: RTCPeerConnectionState, iceConnectionState: RTCIceConnectionState = "new") =>
    watched.observe({ connectionState, iceConnectionState });
  return { clock, done, watched, observe, cures: () => done.map(([cure]) => cure) };
}

it("the impolite end restarts a failed connection at once, the polite one three seconds later", async () => {
  for (const [isPolite, expected] of [
    [false, 0],
    [true, 3_000],
  ] as const) {
    const { clock, done, observe } = recovery(isPolite);
    observe("failed", "failed");
    await clock.advance(3_000);
    expect(done[0]).toEqual(["restart", expected]);
  }
});

it("a connection that is disconnected gets a second to come back", async () => {
  const { clock, done, observe } = recovery(false);
  observe("disconnected");
  await clock.advance(999);
  observe("connected");
  await clock.advance(60_000);
  expect(done).toEqual([]);
  observe("disconnected");
  await clock.advance(1_000);
  expect(done).toEqual([["restart", 61_999]]);
});

it("restarts ICE three times, rebuilds five times, ever more rarely, and then gives up", async () => {
  const { clock, done, cures, observe } = recovery(false);
  observe("failed", "failed");
  await clock.advance(600_000);
  const gaps = done.slice(1).map(([, at], index) => at - (done[index]?.[1] ?? 0));
  expect(gaps).toEqual([6_000, 12_000, 24_000, 48_000, 48_000, 48_000, 48_000, 48_000]);
  expect(cures()).toEqual([...Array(3).fill("restart"), ...Array(5).fill("rebuild"), "give up"]);
});

it("begins anew after a connection that lasted, and goes on where it was after one that did not", async () => {
  const { clock, done, cures, observe } = recovery(false);
  observe("failed", "failed");
  await clock.advance(18_000);
  observe("connected");
  await clock.advance(9_999);
  done.length = 0;
  observe("failed", "failed");
  await clock.advance(23_999);
  expect(done).toEqual([]);
  await clock.advance(1);
  expect(cures()).toEqual(["rebuild"]);
  observe("connected");
  await clock.advance(10_000);
  done.length = 0;
  observe("failed", "failed");
  await clock.advance(0);
  expect(cures()).toEqual(["restart"]);
});

it("a DTLS failure is answered by a new connection at once, and ICE restarts are left out from then on", async () => {
  const { clock, done, observe } = recovery(false);
  observe("failed", "connected");
  await clock.advance(6_000);
  expect(done).toEqual([
    ["rebuild", 0],
    ["rebuild", 6_000],
  ]);
});

it("a handshake that gets no answer ends after thirty seconds", async () => {
  const { clock, done, observe } = recovery(false);
  observe("connecting");
  await clock.advance(29_999);
  expect(done).toEqual([]);
  await clock.advance(1);
  expect(done).toEqual([["restart", 30_000]]);
});

it("what the other end has rebuilt is given time before it is rebuilt here", async () => {
  const { clock, done, watched, observe } = recovery(true);
  observe("failed", "connected");
  await clock.advance(2_999);
  watched.rebuiltByPeer();
  await clock.advance(8_999);
  expect(done).toEqual([]);
  await clock.advance(1);
  expect(done).toEqual([["rebuild", 11_999]]);
});

it("stops where there is nothing to cure, and when it is told to", async () => {
  const cured = recovery(false, () => false);
  cured.watched.suspect();
  await cured.clock.advance(300_000);
  expect([cured.done, cured.clock.pending]).toEqual([[], 0]);
  const stopped = recovery(false);
  stopped.observe("failed", "failed");
  stopped.watched.stop();
  await stopped.clock.advance(300_000);
  expect([stopped.done, stopped.clock.pending]).toEqual([[], 0]);
});

it("tries from the beginning when there is a new chance", async () => {
  const { clock, done, watched, observe, cures } = recovery(false);
  observe("failed", "failed");
  await clock.advance(600_000);
  done.length = 0;
  watched.suspect();
  await clock.advance(0);
  expect(cures()).toEqual(["restart"]);
});

it("a connection that both ends agreed on and that checks no path gathers anew, and is rebuilt if that finds nothing either", async () => {
  const { clock, done, watched } = recovery(false, undefined, () => false);
  watched.negotiated();
  await clock.advance(16_999);
  expect(done).toEqual([
    ["restart", 5_000],
    ["rebuild", 11_000],
  ]);
});

it("checks that have begun have their time, however long they took to begin", async () => {
  const { clock, done, watched, observe } = recovery(false);
  watched.negotiated();
  await clock.advance(4_999);
  observe("connecting");
  await clock.advance(29_999);
  expect(done).toEqual([]);
  await clock.advance(1);
  expect(done).toEqual([["restart", 34_999]]);
});

it("a round on a connection that works plans nothing", async () => {
  const { clock, done, watched, observe } = recovery(false);
  observe("connected");
  watched.negotiated();
  await clock.advance(60_000);
  expect([done, clock.pending]).toEqual([[], 0]);
});
