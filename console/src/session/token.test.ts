import { describe, expect, it } from "vitest";
import { fetchDevToken, readClaims, TokenError } from "./token";

const REQUEST = { room: "choir", identity: "guest-1", name: "Ada", moderate: false };
const BASE = "http://localhost:7880/";

function answering(status: number, body: unknown): { calls: Request[]; fetcher: typeof fetch } {
  const calls: Request[] = [];
  const fetcher: typeof fetch = (input, init) => {
    calls.push(new Request(input, init));
    return Promise.resolve(new Response(typeof body === "string" ? body : JSON.stringify(body), { status }));
  };
  return { calls, fetcher };
}

async function failure(status: number, body: unknown): Promise<unknown> {
  return fetchDevToken(REQUEST, BASE, answering(status, body).fetcher).catch((error: unknown) => error);
}

describe("fetchDevToken", () => {
  it("posts who wants to go where", async () => {
    const { calls, fetcher } = answering(200, { token: "a.b.c" });
    expect(await fetchDevToken(REQUEST, BASE, fetcher)).toBe("a.b.c");
    expect(calls[0]?.url).toBe("http://localhost:7880/dev/token");
    expect(await calls[0]?.json()).toEqual(REQUEST);
  });

  it.each([404, 405])("takes status %i for a server that makes no tokens", async (status) => {
    const error = await failure(status, "not found");
    expect(error).toBeInstanceOf(TokenError);
    expect(error).toMatchObject({ code: "no_token" });
  });

  it("passes the server's refusal on", async () => {
    const body = { status: 400, code: "invalid_argument", detail: "room is too long" };
    expect(await failure(400, body)).toMatchObject({ code: "invalid_argument", message: "room is too long" });
  });

  it("leaves a fault of the server to be tried again", async () => {
    expect(await failure(503, "later")).not.toBeInstanceOf(TokenError);
  });

  it("does not take an answer without a token for one", async () => {
    expect(await failure(200, { token: 7 })).toBeInstanceOf(TokenError);
  });
});

describe("readClaims", () => {
  const jwt = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.sig`;

  it("finds the room and the name, in any script", () => {
    expect(readClaims(jwt({ name: "Žofie 会", grants: { room: "choir" } }))).toEqual({
      name: "Žofie 会",
      room: "choir",
    });
  });

  it("finds nothing in what is no token", () => {
    for (const token of ["", "x", "a.b.c", "a.!!!.c", jwt({ grants: 7 })]) {
      expect(readClaims(token)).toEqual({ name: null, room: null });
    }
  });
});
