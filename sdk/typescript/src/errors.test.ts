import { readFileSync } from "node:fs";

import { expect, it } from "vitest";

import { messageWithCure } from "./errors.js";

const protocol = readFileSync(new URL("../../../docs/protocol.md", import.meta.url), "utf8");

/** The codes of the protocol's page that a client on the socket can meet. */
const codes = [...(protocol.split("## Error codes")[1]?.split("## Close codes")[0] ?? "").matchAll(/^\| `(\w+)` \| (.*) \|$/gm)]
  .filter(([, , meaning]) => !meaning?.startsWith("Over HTTP"))
  .map(([, code]) => code ?? "");

it("every error that the protocol knows comes with what to do about it", () => {
  expect(codes.length).toBeGreaterThan(20);
  expect(codes.filter((code) => messageWithCure(code, "No") === "No")).toEqual([]);
});

it("the server's words come first, as a sentence of their own", () => {
  expect(messageWithCure("room_full", "the room is full")).toBe(
    "the room is full. Wait until somebody leaves, or raise `maxParticipants`.",
  );
  expect(messageWithCure("room_full", "")).toMatch(/^room_full\. Wait/);
});

it("a code of a later server is passed on", () => {
  expect(messageWithCure("made_up_later", "too late")).toBe("too late");
});
