import { describe, expect, it } from "vitest";

import { answeredRole, offerThatKeeps, oppositeRole } from "./dtls-role.js";

const sdp = (...setups: string[]) =>
  ["v=0", ...setups.flatMap((setup, mid) => ["m=audio 9 UDP/TLS/RTP/SAVPF 111", `a=setup:${setup}`, `a=mid:${mid}`])]
    .map((line) => `${line}\r\n`)
    .join("");

describe("the DTLS role", () => {
  it("is the one that the first section of an answer takes", () => {
    expect(answeredRole(sdp("passive", "active"))).toBe("passive");
    expect(answeredRole(sdp("active"))).toBe("active");
  });

  it("is not known from an offer, or from a description without one", () => {
    expect(answeredRole(sdp("actpass"))).toBeUndefined();
    expect(answeredRole(sdp("activeX"))).toBeUndefined();
    expect(answeredRole("")).toBeUndefined();
  });

  it("has an opposite", () => {
    expect([oppositeRole("active"), oppositeRole("passive")]).toEqual(["passive", "active"]);
  });
});

describe("an offer", () => {
  it("leaves an end that has a role no other, in any section", () => {
    expect(offerThatKeeps("passive", sdp("actpass", "actpass"))).toBe(sdp("active", "active"));
    expect(offerThatKeeps("active", sdp("actpass"))).toBe(sdp("passive"));
  });

  it("that names a role itself is left alone", () => {
    expect(offerThatKeeps("passive", sdp("passive"))).toBe(sdp("passive"));
  });

  it("is left alone where there is no association yet", () => {
    expect(offerThatKeeps(undefined, sdp("actpass"))).toBe(sdp("actpass"));
  });
});
