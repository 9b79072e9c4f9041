import { expect, it } from "vitest";

import { dtlsFingerprints, mediaSections, nameStreams } from "./sections.js";

const sdp = (...lines: string[]) =>
  ["v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0 1", ...lines, ""].join("\r\n");

it("names the streams of each section that sends", () => {
  const sections = mediaSections(
    sdp(
      "m=audio 9 UDP/TLS/RTP/SAVPF 111",
      "a=mid:0",
      "a=sendrecv",
      "a=msid:stream-a track-a",
      "m=video 9 UDP/TLS/RTP/SAVPF 96",
      "a=mid:1",
      "a=sendonly",
      "a=msid:stream-b track-b",
      "a=msid:stream-c track-b",
    ),
  );
  expect(sections).toEqual([
    { mid: "0", isSending: true, streamIds: ["stream-a"], trackIds: ["track-a"] },
    { mid: "1", isSending: true, streamIds: ["stream-b", "stream-c"], trackIds: ["track-b", "track-b"] },
  ]);
});

it.each([["a=recvonly"], ["a=inactive"]])("%s sends nothing", (direction) => {
  expect(mediaSections(sdp("m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=mid:0", direction))).toMatchObject([
    { isSending: false },
  ]);
});

it("a section without a direction sends, as RFC 8866 has it", () => {
  expect(mediaSections(sdp("m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=mid:0"))).toMatchObject([{ isSending: true }]);
});

it("a rejected section sends nothing, a bundled one does", () => {
  expect(mediaSections(sdp("m=video 0 UDP/TLS/RTP/SAVPF 96", "a=mid:1"))).toMatchObject([{ isSending: false }]);
  expect(mediaSections(sdp("m=video 0 UDP/TLS/RTP/SAVPF 96", "a=mid:1", "a=bundle-only"))).toMatchObject([
    { isSending: true },
  ]);
});

it("a track without a stream has no stream", () => {
  expect(mediaSections(sdp("m=video 9 UDP/TLS/RTP/SAVPF 96", "a=mid:1", "a=msid:- track-a"))).toMatchObject([
    { streamIds: [], trackIds: ["track-a"] },
  ]);
});

it("a description without sections has none", () => {
  expect(mediaSections(sdp())).toEqual([]);
  expect(mediaSections("")).toEqual([]);
});

it("present names replace old ones where something is sent, and nowhere else", () => {
  const before = sdp(
    "m=audio 9 UDP/TLS/RTP/SAVPF 111",
    "a=mid:0",
    "a=sendrecv",
    "a=msid:old track-a",
    "m=video 9 UDP/TLS/RTP/SAVPF 96",
    "a=mid:1",
    "a=sendrecv",
    "m=video 9 UDP/TLS/RTP/SAVPF 96",
    "a=mid:2",
    "a=recvonly",
    "m=video 9 UDP/TLS/RTP/SAVPF 96",
    "a=mid:3",
    "a=sendonly",
    "a=msid:right",
  );
  const after = nameStreams(
    before,
    new Map([
      ["0", "new-a"],
      ["1", "new-b"],
      ["2", "silent"],
    ]),
  );
  expect(mediaSections(after).map(({ streamIds, trackIds }) => [streamIds, trackIds])).toEqual([
    [["new-a"], ["track-a"]],
    [["new-b"], []],
    [[], []],
    [["right"], []],
  ]);
  expect(after.replace(/a=msid:.*\r\n/g, "")).toBe(before.replace(/a=msid:.*\r\n/g, ""));
});

it("the certificates of a description are the same however they are spelt, and wherever they stand", () => {
  const session = "v=0\r\na=fingerprint:sha-256 AB:CD\r\nm=audio 9 x 0\r\na=mid:0\r\n";
  const lines = ["v=0", "m=audio 9 x 0", "a=fingerprint:SHA-256 ab:cd", "m=video 9 x 0", "a=fingerprint:sha-256 AB:CD", ""];
  expect(dtlsFingerprints(session)).toBe(dtlsFingerprints(lines.join("\r\n")));
  expect(dtlsFingerprints(session)).not.toBe(dtlsFingerprints(session.replace("AB:CD", "AB:CE")));
  expect(dtlsFingerprints("v=0\r\nm=audio 9 x 0\r\n")).toBe("");
});
