import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Ban, ListedRoom, Participant, Track } from "../model/resources";
import { adminApi } from "./admin-api";

interface Schema {
  readonly required?: readonly string[];
  readonly properties: Readonly<Record<string, { readonly enum?: readonly string[]; readonly $ref?: string }>>;
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** What the server says of its API; made from its code. */
const description = JSON.parse(readFileSync(new URL("../../../../docs/openapi.json", import.meta.url), "utf8")) as OpenApi;

/** The description's template for a path: "/v1/rooms/choir" is "/v1/rooms/{room}". */
function templateOf(path: string): string | undefined {
  const parts = path.split("/");
  return Object.keys(description.paths).find((template) => {
    const expected = template.split("/");
    return expected.length === parts.length && expected.every((part, index) => part.startsWith("{") || part === parts[index]);
  });
}

describe("the REST API as it is described", () => {
  it("has every resource that the admin view asks for", async () => {
    const seen: string[] = [];
    const { signal } = new AbortController();
    const api = adminApi("http://x/", "t", async (input, init = {}) => {
      const { pathname } = new URL(String(input));
      seen.push(`${(init.method ?? "GET").toLowerCase()} ${pathname}`);
      return Response.json({ rooms: [], participants: [], bans: [] });
    });
    await Promise.all([
      api.listRooms(undefined, signal),
      api.room("choir", signal),
      api.listParticipants("choir", undefined, signal),
      api.listWaiting("choir", undefined, signal),
      api.listBans("choir", undefined, signal),
      api.openEvents("choir", "", signal),
      api.updateRoom("choir", { locked: true }),
      api.endRoom("choir"),
      api.kick("choir", "p1", { reason: "", mayComeBack: false }),
      api.mute("choir", "p1"),
      api.admit("choir", "p1"),
      api.admitAll("choir"),
      api.refuse("choir", "p1"),
      api.liftBan("choir", "ada"),
      api.sendNotice("choir", "hello", "Administrator"),
    ]);
    for (const request of seen) {
      const [method = "", path = ""] = request.split(" ");
      const template = templateOf(path);
      expect(template === undefined ? undefined : description.paths[template]?.[method], request).toBeDefined();
    }
  });

  it("gives every field that the admin view shows", () => {
    const shown: Record<string, readonly string[]> = {
      Room: ["name", "locked", "lobby", "maxParticipants", "topology", "createdAtMs", "participantCount", "waitingCount"] satisfies (keyof ListedRoom)[],
      Participant: ["sid", "identity", "name", "state", "role", "tracks", "joinedAtMs"] satisfies (keyof Participant)[],
      Track: ["trackId", "kind", "source", "muted"] satisfies (keyof Track)[],
      Ban: ["identity", "untilMs"] satisfies (keyof Ban)[],
    };
    for (const [name, fields] of Object.entries(shown)) {
      expect(description.components.schemas[name]?.required, name).toEqual(expect.arrayContaining([...fields]));
    }
  });
});
