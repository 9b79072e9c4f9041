/** What the page's own address asks for. */
export interface Address {
  readonly room: string | null;
  /** An access token that somebody else made, from `?token=`. */
  readonly token: string | null;
  /** With `?moderate=1` the development server is asked for a moderator's token. */
  readonly moderate: boolean;
}

/** Reads `?room=`, `?token=` and `?moderate=1`. */
export function readAddress(href: string): Address {
  const query = new URL(href).searchParams;
  return {
    room: filled(query.get("room")),
    token: filled(query.get("token")),
    moderate: query.get("moderate") === "1",
  };
}

/**
 * The page's address while in a room: without the rest, which would travel with every copied link, the token above all.
 */
export function roomAddress(href: string, room: string): string {
  const url = new URL(href);
  url.hash = "";
  url.search = "";
  url.searchParams.set("room", room);
  return url.toString();
}

/** The page's address before any room. */
export function homeAddress(href: string): string {
  const url = new URL(href);
  url.hash = "";
  url.search = "";
  return url.toString();
}

function filled(value: string | null): string | null {
  const trimmed = value?.trim() ?? "";
  return trimmed === "" ? null : trimmed;
}
