import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

const guide = readFileSync(new URL("../../../docs/sdk.md", import.meta.url), "utf8");
const source = (name: string) => readFileSync(new URL(name, import.meta.url), "utf8");

/** The section of the guide under a heading. */
function section(heading: string): string {
  return guide.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
}

/** What stands in code in the first column of the section's tables. */
function firstColumn(heading: string): string[] {
  const rows = section(heading).match(/^\| `.*$/gm) ?? [];
  return rows.flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? ""));
}

test("the guide's first example is fifteen lines long", () => {
  const [, example = ""] = guide.match(/```ts\n([\s\S]*?)\n```/) ?? [];
  expect(example.split("\n")).toHaveLength(15);
});

test("the guide lists every event, and no other", () => {
  const declared = source("room-events.ts").split("export interface RoomEvents {")[1] ?? "";
  const events = [...declared.matchAll(/^ {2}(\w+): \[/gm)].map(([, name]) => name);
  expect(events.length).toBeGreaterThan(20);
  expect(firstColumn("Events").sort()).toEqual(events.sort());
});

test("the guide lists every error that arises on this side of the wire, and no code that does not exist", () => {
  const [server = "", client = ""] = source("errors.ts").split("export type ClientErrorCode =");
  const codes = (text: string) => [...(text.split(";\n\n")[0] ?? "").matchAll(/^ {2}\| "(\w+)"/gm)].map(([, code]) => code);
  const listed = firstColumn("Errors");
  expect(codes(client).length).toBeGreaterThan(10);
  expect(listed).toEqual(expect.arrayContaining(codes(client)));
  expect([...codes(client), ...codes(server)]).toEqual(expect.arrayContaining(listed));
});

test("the guide's thresholds of connection quality are those of the code", () => {
  const table = (text: string) => [...text.matchAll(/\| `(?:excellent|good)` \|.*$/gm)].map(([row]) => row.trim());
  const documented = table(section("Connection quality"));
  expect(documented).toHaveLength(2);
  expect(documented).toEqual(table(source("media/quality.ts")));
});
