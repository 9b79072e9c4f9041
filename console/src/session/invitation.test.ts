import { afterEach, describe, expect, it, vi } from "vitest";
import { acceptInvitation } from "./invitation";
import { assignToken } from "./memory";

const jwt = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.sig`;

/** A tab of a browser, as far as the page's address and the tab's memory go. */
function openTab(address: string): void {
  const kept = new Map<string, string>();
  const page = { href: address };
  vi.stubGlobal("location", page);
  vi.stubGlobal("history", { replaceState: (_: null, __: string, href: string) => (page.href = href) });
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  });
}

afterEach(() => vi.unstubAllGlobals());

describe("acceptInvitation", () => {
  it("takes a token out of the address, and keeps it for reloads", () => {
    const token = jwt({ name: "Ada", grants: { room: "choir" } });
    openTab(`https://a.example/?token=${token}`);
    const invitation = { room: "choir", name: "Ada", token, moderate: false };
    expect([acceptInvitation(), location.href]).toEqual([invitation, "https://a.example/?room=choir"]);
    expect(acceptInvitation()).toEqual(invitation);
  });

  it("does so too with a token that names no room, which is kept until one is chosen", () => {
    const token = jwt({ name: "Ada", grants: {} });
    openTab(`https://a.example/?token=${token}`);
    const invitation = { room: null, name: "Ada", token, moderate: false };
    expect([acceptInvitation(), location.href]).toEqual([invitation, "https://a.example/"]);
    expect(acceptInvitation()).toEqual(invitation);
    assignToken("choir", token);
    expect(acceptInvitation().token).toBeNull();
    location.href = "https://a.example/?room=choir";
    expect(acceptInvitation()).toEqual({ ...invitation, room: "choir" });
  });

  it("an address without a token is left alone", () => {
    openTab("https://a.example/?room=choir&moderate=1");
    expect(acceptInvitation()).toEqual({ room: "choir", name: null, token: null, moderate: true });
    expect(location.href).toBe("https://a.example/?room=choir&moderate=1");
  });
});
