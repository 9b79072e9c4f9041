import { describe, expect, it } from "vitest";
import { homeAddress, readAddress, roomAddress } from "./address";

describe("readAddress", () => {
  it("finds the room and the token", () => {
    expect(readAddress("http://localhost:7880/?room=choir&token=a.b.c&moderate=1")).toEqual({
      room: "choir",
      token: "a.b.c",
      moderate: true,
    });
  });

  it("treats an empty parameter as absent", () => {
    expect(readAddress("http://localhost:7880/?room=%20&token=")).toEqual({ room: null, token: null, moderate: false });
  });
});

describe("roomAddress", () => {
  it("never carries the token", () => {
    expect(roomAddress("https://a.example/call/?token=secret&room=x#y", "quiet garden")).toBe(
      "https://a.example/call/?room=quiet+garden",
    );
  });
});

describe("homeAddress", () => {
  it("drops everything behind the path", () => {
    expect(homeAddress("https://a.example/?room=x#y")).toBe("https://a.example/");
  });
});
