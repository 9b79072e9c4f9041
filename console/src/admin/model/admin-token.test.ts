import { describe, expect, it } from "vitest";
import { adminAddress, readAdminAddress, readTokenFacts, tokenComplaint } from "./admin-token";

function token(claims: unknown): string {
  return `e30.${btoa(JSON.stringify(claims)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "")}.c2ln`;
}

const ADMIN = { iss: "devkey", exp: 2_000, grants: { admin: true } };

describe("readTokenFacts", () => {
  it("tells the key, the grant and the end", () => {
    expect(readTokenFacts(token(ADMIN))).toEqual({ key: "devkey", grantsAdmin: true, expiresAtMs: 2_000_000 });
    expect(readTokenFacts(token({}))).toEqual({ key: "", grantsAdmin: false, expiresAtMs: null });
  });

  it("reads nothing from what is no token", () => {
    for (const text of ["", "a.b", "a.b.c", "a.b.c.d", `x.${btoa("[")}.y`]) expect(readTokenFacts(text)).toBeNull();
  });
});

describe("tokenComplaint", () => {
  it("lets a token pass that looks right, and leaves the rest to the server", () => {
    expect(tokenComplaint(token(ADMIN), 1_999_999)).toBeNull();
    expect(tokenComplaint(token({ grants: { admin: true } }), 0)).toBeNull();
  });

  it("says what is wrong", () => {
    expect(tokenComplaint(" ", 0)).toMatch(/paste/);
    expect(tokenComplaint("nonsense", 0)).toMatch(/not a token/);
    expect(tokenComplaint(token({ ...ADMIN, grants: { room: "choir" } }), 0)).toMatch(/does not grant admin/);
    expect(tokenComplaint(token(ADMIN), 2_000_000)).toMatch(/expired/);
  });
});

describe("the address", () => {
  it("hands a token over behind the hash, and names a room", () => {
    expect(readAdminAddress("http://x/admin?room=a%2Fb#token=a.b.c")).toEqual({ token: "a.b.c", room: "a/b" });
    expect(readAdminAddress("http://x/admin?token=a.b.c")).toEqual({ token: null, room: null });
  });

  it("keeps no token", () => {
    expect(adminAddress("http://x/admin?room=a&x=1#token=a.b.c", "b/c")).toBe("http://x/admin?room=b%2Fc");
    expect(adminAddress("http://x/admin?room=a#token=a.b.c", null)).toBe("http://x/admin");
  });
});
