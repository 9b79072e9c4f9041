import { expect, it } from "vitest";
import { roughly } from "./durations";

it("names a span in its largest unit", () => {
  expect([-5, 0, 59_999, 60_000, 3_599_999, 3_600_000, 172_799_999, 172_800_000].map(roughly)).toEqual([
    "0 s",
    "0 s",
    "59 s",
    "1 min",
    "59 min",
    "1 h",
    "47 h",
    "2 days",
  ]);
});
