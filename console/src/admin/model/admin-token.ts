/** What an admin token says of itself, unverified: only the server can verify it. */
export interface TokenFacts {
  /** The API key that signed it. */
  readonly key: string;
  readonly grantsAdmin: boolean;
  /** Milliseconds since the Unix epoch; null where it does not say. */
  readonly expiresAtMs: number | null;
}

/** Reads the claims of a JWT (RFC 7519 §3); null where it is none. */
export function readTokenFacts(token: string): TokenFacts | null {
  const parts = token.split(".");
  if (parts.length !== 3) return null;
  try {
    const bytes = Uint8Array.from(atob((parts[1] ?? "").replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as { iss?: unknown; exp?: unknown; grants?: unknown };
    const grants = (claims.grants ?? {}) as { admin?: unknown };
    return {
      key: typeof claims.iss === "string" ? claims.iss : "",
      grantsAdmin: grants.admin === true,
      expiresAtMs: typeof claims.exp === "number" ? claims.exp * 1_000 : null,
    };
  } catch {
    return null;
  }
}

/** Why a token cannot be used here, as far as one sees without the server; null where nothing speaks against it. */
export function tokenComplaint(token: string, nowMs: number): string | null {
  if (token.trim() === "") return "Please paste a token.";
  const facts = readTokenFacts(token);
  if (facts === null) return "This is not a token: a token is three parts with dots between them.";
  if (!facts.grantsAdmin) return "This token does not grant admin: it opens calls, not this view.";
  if (facts.expiresAtMs !== null && facts.expiresAtMs <= nowMs) return "This token has expired: make another one.";
  return null;
}

/** What the page's own address says, and the address without what must not stay in it. */
export interface AdminAddress {
  /** Handed over behind the `#`, which browsers send to no server: `/admin#token=…`. */
  readonly token: string | null;
  readonly room: string | null;
}

/** Reads `?room=` and `#token=`. */
export function readAdminAddress(href: string): AdminAddress {
  const url = new URL(href);
  return {
    token: filled(new URLSearchParams(url.hash.slice(1)).get("token")),
    room: filled(url.searchParams.get("room")),
  };
}

/** The page's address while a room is shown, or none. */
export function adminAddress(href: string, room: string | null): string {
  const url = new URL(href);
  url.hash = "";
  url.search = "";
  if (room !== null) url.searchParams.set("room", room);
  return url.toString();
}

function filled(value: string | null): string | null {
  return value === null || value.trim() === "" ? null : value.trim();
}
