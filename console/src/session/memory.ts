import type { ListedKind } from "../media/capture";

/**
 * What the page remembers. Every access may throw, because browsers can be told to keep nothing: then it is forgotten,
 * and the page works all the same.
 */

const NAME = "antiphon.name";
const DEVICE: Record<ListedKind, string> = {
  microphone: "antiphon.microphone",
  camera: "antiphon.camera",
  speaker: "antiphon.speaker",
};
const ONLY_BY_RELAY = "antiphon.only-by-relay";
const IDENTITY = "antiphon.identity";
const TOKEN = "antiphon.token";

/** The name that the person gave last. */
export function rememberedName(): string {
  return read(() => localStorage, NAME) ?? "";
}

export function rememberName(name: string): void {
  write(() => localStorage, NAME, name);
}

/** The device that the person chose last; empty for the system's choice. */
export function rememberedDevice(kind: ListedKind): string {
  return read(() => localStorage, DEVICE[kind]) ?? "";
}

export function rememberDevice(kind: ListedKind, deviceId: string): void {
  write(() => localStorage, DEVICE[kind], deviceId);
}

/** Whether the person wants media to go through a relay alone. */
export function remembersOnlyByRelay(): boolean {
  return read(() => localStorage, ONLY_BY_RELAY) === "yes";
}

export function rememberOnlyByRelay(isOnly: boolean): void {
  write(() => localStorage, ONLY_BY_RELAY, isOnly ? "yes" : "no");
}

/** Who this tab is: random, and the same after a reload, so that a reload takes the old place in the room. */
export function tabIdentity(): string {
  const known = read(() => sessionStorage, IDENTITY);
  if (known !== null && known !== "") return known;
  // Not `randomUUID`: insecure contexts lack it.
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  const identity = `guest-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  write(() => sessionStorage, IDENTITY, identity);
  return identity;
}

/** Keeps a token that came with the address, for reloads of this tab; `null` as room: it is not known yet for which. */
export function rememberToken(room: string | null, token: string): void {
  write(() => sessionStorage, `${TOKEN}.${room ?? ""}`, token);
}

export function rememberedToken(room: string | null): string | null {
  return filled(read(() => sessionStorage, `${TOKEN}.${room ?? ""}`));
}

/** The room of a token is known by now. */
export function assignToken(room: string, token: string): void {
  rememberToken(null, "");
  rememberToken(room, token);
}

function filled(value: string | null): string | null {
  return value === "" ? null : value;
}

function read(storage: () => Storage, key: string): string | null {
  try {
    return storage().getItem(key);
  } catch {
    return null;
  }
}

function write(storage: () => Storage, key: string, value: string): void {
  try {
    storage().setItem(key, value);
  } catch {
    // Forgotten, see above.
  }
}
