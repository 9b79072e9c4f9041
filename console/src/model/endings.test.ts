import { describe, expect, it } from "vitest";
import { endingAfter, endingOfJoin } from "./endings";

describe("endingAfter", () => {
  it("knows a replaced session by either of its names", () => {
    expect(endingAfter("duplicate_identity", "", undefined).kind).toBe("replaced");
    expect(endingAfter("superseded", "", undefined).kind).toBe("replaced");
  });

  it("repeats a moderator's words and no others", () => {
    expect(endingAfter("kicked", "please be kind", undefined).message).toBe("please be kind");
    expect(endingAfter("connection_lost", "no connection for 600 s", undefined).message).toBe("");
  });

  it("keeps the code of a room that does not let one back in", () => {
    expect(endingAfter("join_refused", "", { code: "banned" })).toEqual({
      kind: "failed",
      code: "banned",
      message: "",
    });
  });

  it("survives a reason from the future", () => {
    expect(endingAfter("abducted" as "unknown", "", undefined).kind).toBe("lost");
  });
});

describe("endingOfJoin", () => {
  it("takes the code that the server refused with, and its words without the cure", () => {
    const error = Object.assign(new Error("full. Wait."), { code: "room_full", serverMessage: "full" });
    expect(endingOfJoin(error)).toEqual({ kind: "failed", code: "room_full", message: "full" });
  });

  it("looks through the SDK's error at why there was no token", () => {
    const cause = Object.assign(new Error(""), { code: "no_token" });
    const error = Object.assign(new Error("No token, see cause."), {
      code: "connection_failed",
      serverMessage: "",
      cause,
    });
    expect(endingOfJoin(error)).toEqual({ kind: "failed", code: "no_token", message: "" });
  });

  it("is no failure when the person cancelled", () => {
    expect(endingOfJoin(Object.assign(new Error("x"), { code: "disconnected" })).kind).toBe("left");
  });

  it("has no code for what is no error of the protocol", () => {
    expect(endingOfJoin(new TypeError("failed to fetch"))).toEqual({ kind: "failed", message: "" });
    expect(endingOfJoin(undefined)).toEqual({ kind: "failed", message: "" });
  });
});
