import type { ChatEntry } from "./call-state";

/** Messages of one author that follow one another closely and stand under one heading. */
export interface ChatGroup {
  readonly key: string;
  readonly author: Pick<ChatEntry, "sid" | "identity" | "name" | "isOwn" | "isPrivate">;
  readonly sentAtMs: number;
  readonly entries: readonly ChatEntry[];
}

/** A piece of a message: text, or an address that can be opened. */
export type ChatPiece = { readonly kind: "text" | "link"; readonly text: string };

/** Which messages somebody has seen. */
export type ReadMark = ReadonlySet<string>;

/** Beyond this pause a message gets its own heading. */
const GROUP_PAUSE_MS = 3 * 60_000;
/** Above this the count is no longer of interest. */
const MOST_UNREAD = 99;
const LINK = /https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]}'’”]/giu;

/** Joins messages of one author into groups. */
export function groupMessages(entries: readonly ChatEntry[]): ChatGroup[] {
  const groups: ChatGroup[] = [];
  let last: ChatEntry | undefined;
  for (const entry of entries) {
    const group = groups.at(-1);
    const continues =
      group !== undefined &&
      last !== undefined &&
      last.sid === entry.sid &&
      last.isPrivate === entry.isPrivate &&
      entry.sentAtMs - last.sentAtMs < GROUP_PAUSE_MS;
    if (continues) {
      groups[groups.length - 1] = { ...group, entries: [...group.entries, entry] };
    } else {
      groups.push({ key: entry.id, author: entry, sentAtMs: entry.sentAtMs, entries: [entry] });
    }
    last = entry;
  }
  return groups;
}

/** Everything that is there now has been seen. Ids, because messages can be deleted: counts would go wrong then. */
export function markRead(entries: readonly ChatEntry[]): ReadMark {
  return new Set(entries.map((entry) => entry.id));
}

/** How many messages of others came since. */
export function countUnread(entries: readonly ChatEntry[], seen: ReadMark): number {
  return entries.filter((entry) => !entry.isOwn && !seen.has(entry.id)).length;
}

/** The count as it stands on a badge; empty for none. */
export function unreadBadge(count: number): string {
  if (count <= 0) return "";
  return count > MOST_UNREAD ? `${MOST_UNREAD}+` : String(count);
}

/** Splits a message at its web addresses. Only http and https: nothing that could run. */
export function splitLinks(text: string): ChatPiece[] {
  const pieces: ChatPiece[] = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    if (match.index > end) pieces.push({ kind: "text", text: text.slice(end, match.index) });
    pieces.push({ kind: "link", text: match[0] });
    end = match.index + match[0].length;
  }
  if (end < text.length) pieces.push({ kind: "text", text: text.slice(end) });
  return pieces;
}

/** Bytes of UTF-8, which is what the server's limit counts. */
export function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}
