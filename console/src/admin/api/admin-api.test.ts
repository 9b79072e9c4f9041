import { describe, expect, it } from "vitest";
import { adminApi } from "./admin-api";
import { ApiProblem, problemOf } from "./problem";

const BASE = "http://calls.example/";
const { signal } = new AbortController();

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
}

/** A server that answers everything alike, and remembers what it was asked. */
function server(status: number, body: unknown): { seen: Seen[]; fetcher: typeof fetch } {
  const seen: Seen[] = [];
  const fetcher: typeof fetch = async (input, init = {}) => {
    const request = new Request(input, init);
    seen.push({ method: request.method, url: request.url, headers: request.headers, body: await request.text() });
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return new Response(status === 204 ? null : text, { status });
  };
  return { seen, fetcher };
}

describe("adminApi", () => {
  it("sends the token in a header and never in an address", async () => {
    const { seen, fetcher } = server(200, { rooms: [], participants: [], bans: [] });
    const api = adminApi(BASE, "secret.token", fetcher);
    await api.listRooms(undefined, signal);
    await api.listBans("choir", undefined, signal);
    await api.openEvents("choir", "12", signal);
    for (const { url, headers } of seen) {
      expect(url).not.toContain("secret");
      expect(headers.get("authorization")).toBe("Bearer secret.token");
    }
    expect(seen.at(-1)?.headers.get("last-event-id")).toBe("12");
  });

  it("asks for pages by the cursor of the page before", async () => {
    const { seen, fetcher } = server(200, { rooms: [{ name: "choir" }], nextCursor: "bmV4dA" });
    const page = await adminApi(BASE, "t", fetcher).listRooms("Zmlyc3Q", signal);
    expect(page).toEqual({ items: [{ name: "choir" }], nextCursor: "bmV4dA" });
    expect(seen[0]?.url).toBe("http://calls.example/v1/rooms?limit=100&cursor=Zmlyc3Q");
  });

  it("names rooms and people in paths whatever letters they have", async () => {
    const { seen, fetcher } = server(204, "");
    const api = adminApi(BASE, "t", fetcher);
    await api.kick("a/b ü?", "p1", { reason: "too loud", mayComeBack: true });
    await api.kick("choir", "p1", { reason: "", mayComeBack: false });
    await api.mute("choir", "p1");
    await api.liftBan("choir", "ada/1");
    await api.updateRoom("choir", { locked: true });
    expect(seen.map(({ method, url, body }) => `${method} ${url.slice(BASE.length)} ${body}`.trim())).toEqual([
      "DELETE v1/rooms/a%2Fb%20%C3%BC%3F/participants/p1?reason=too+loud&allowRejoin=true",
      "DELETE v1/rooms/choir/participants/p1",
      'POST v1/rooms/choir/participants/p1/mute {"kind":"AUDIO"}',
      "DELETE v1/rooms/choir/bans/ada%2F1",
      'PATCH v1/rooms/choir {"locked":true}',
    ]);
  });

  it("gives the server's own words when it refuses", async () => {
    const { fetcher } = server(429, {
      code: "rate_limited",
      title: "Too Many Requests",
      detail: "too many requests of this tenant",
      retryAfterMs: 5,
    });
    const refused = adminApi(BASE, "t", fetcher).endRoom("choir");
    await expect(refused).rejects.toMatchObject({ code: "rate_limited", status: 429, retryAfterMs: 5 });
    await expect(refused).rejects.toThrow("too many requests of this tenant");
  });

  it("says what it can of answers that are none of the API's", async () => {
    const { fetcher } = server(502, "<h1>Bad gateway</h1>");
    await expect(adminApi(BASE, "t", fetcher).endRoom("x")).rejects.toMatchObject({ code: "unreadable", status: 502 });
    const { fetcher: nonsense } = server(200, "<h1>Hello</h1>");
    await expect(adminApi(BASE, "t", nonsense).room("x", signal)).rejects.toMatchObject({ code: "unreadable" });
    const { fetcher: other } = server(200, { people: [] });
    await expect(adminApi(BASE, "t", other).listRooms(undefined, signal)).rejects.toMatchObject({ code: "unreadable" });
  });
});

describe("problemOf", () => {
  it("tells no answer from a late one", () => {
    expect(problemOf(new TypeError("Failed to fetch"))).toMatchObject({ code: "unreachable", status: 0 });
    expect(problemOf(new DOMException("", "TimeoutError")).message).toMatch(/in time/);
  });

  it("knows whether another token would help", () => {
    expect(new ApiProblem("unauthenticated", 401, "").isAboutToken).toBe(true);
    expect(new ApiProblem("permission_denied", 403, "").isAboutToken).toBe(true);
    expect(new ApiProblem("banned", 403, "").isAboutToken).toBe(false);
  });
});
