import { expect, it } from "vitest";

import { FakeClock } from "../testing/fake-clock.js";
import { Recovery } from "./recovery.js";

function recovery(isPolite: boolean, isCurable = () => true) {
  const clock = new FakeClock();
  const at: number[] = [];
  const watched = new Recovery(clock, isPolite, () => {
    at.push(clock.now());
    return isCurable();
  });
  return { clock, at, watched };
}

it("the impolite end restarts a failed connection at once, the polite one three seconds later", async () => {
  for (const [isPolite, expected] of [
    [false, 0],
    [true, 3_000],
  ] as const) {
    const { clock, at, watched } = recovery(isPolite);
    watched.observe("failed");
    await clock.advance(3_000);
    expect(at[0]).toBe(expected);
  }
});

it("a connection that is disconnected gets four seconds to come back", async () => {
  const { clock, at, watched } = recovery(false);
  watched.observe("disconnected");
  await clock.advance(3_999);
  watched.observe("connected");
  await clock.advance(60_000);
  expect(at).toEqual([]);
  watched.observe("disconnected");
  await clock.advance(4_000);
  expect(at).toEqual([67_999]);
});

it("restarts again and again, ever more rarely, until there is a connection", async () => {
  const { clock, at, watched } = recovery(false);
  watched.observe("failed");
  await clock.advance(300_000);
  const gaps = at.slice(1).map((time, index) => time - (at[index] ?? 0));
  expect(gaps.slice(0, 6)).toEqual([6_000, 12_000, 24_000, 48_000, 48_000, 48_000]);
  watched.observe("connected");
  at.length = 0;
  await clock.advance(300_000);
  expect(at).toEqual([]);
  watched.observe("failed");
  await clock.advance(0);
  expect(at).toHaveLength(1);
});

it("stops where there is nothing to cure, and when it is told to", async () => {
  const cured = recovery(false, () => false);
  cured.watched.suspect();
  await cured.clock.advance(300_000);
  expect(cured.at).toHaveLength(1);
  const stopped = recovery(false);
  stopped.watched.observe("failed");
  stopped.watched.stop();
  await stopped.clock.advance(300_000);
  expect(stopped.at).toEqual([]);
  expect(stopped.clock.pending).toBe(0);
});
