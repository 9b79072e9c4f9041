import { expect, it } from "vitest";

import { Liveness } from "./liveness.js";

function liveness(pingIntervalMs: number): Liveness {
  const checked = new Liveness();
  checked.configure(pingIntervalMs);
  checked.heard(0);
  return checked;
}

it("asks after one and a half intervals of silence, and gives up half an interval later", () => {
  const checked = liveness(20_000);
  expect(checked.check(29_999)).toBe("fine");
  expect(checked.check(30_000)).toBe("ping");
  expect(checked.check(39_999)).toBe("fine");
  expect(checked.check(40_000)).toBe("dead");
});

it("anything that is heard begins the silence anew", () => {
  const checked = liveness(20_000);
  checked.check(30_000);
  checked.heard(31_000);
  expect(checked.dueAt()).toBe(61_000);
  expect(checked.check(40_000)).toBe("fine");
});

it("a timer that comes much too late asks first: a page in the background sleeps", () => {
  const checked = liveness(20_000);
  expect(checked.check(3_600_000)).toBe("ping");
  expect(checked.check(3_609_999)).toBe("fine");
});

it("a probe asks at once and waits three seconds only", () => {
  const checked = liveness(20_000);
  checked.probe();
  expect(checked.check(5)).toBe("ping");
  expect(checked.check(3_004)).toBe("fine");
  expect(checked.check(3_005)).toBe("dead");
});

it("without an interval nothing is asked", () => {
  expect(liveness(0).dueAt()).toBeUndefined();
  expect(liveness(0).check(1e9)).toBe("fine");
});
