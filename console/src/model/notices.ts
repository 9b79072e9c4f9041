import type { CallState, ChatEntry, Connection, Person } from "./call-state";
import { isBad } from "./quality";

/** What happened in the room, in a few words. */
export type Notice = string;

type NoticedState = Pick<CallState, "connection" | "people" | "lobby" | "room">;

/** A longer message is to be read in the chat. */
const LONGEST_QUOTE = 80;

/** What a change of the call is worth saying about the others and the room. */
export function noticesBetween(before: NoticedState, after: NoticedState): Notice[] {
  return [
    ...connectionNotices(before.connection, after.connection),
    ...qualityNotices(before.people, after.people),
    ...peopleNotices(before.people, after.people),
    ...lobbyNotices(before.lobby, after.lobby),
    ...doorNotices(before.room.isLocked, after.room.isLocked),
  ];
}

/** What others wrote meanwhile. */
export function chatNotices(before: readonly ChatEntry[], after: readonly ChatEntry[]): Notice[] {
  if (before === after) return [];
  const known = new Set(before.map(({ id }) => id));
  return after.filter(({ id, isOwn }) => !isOwn && !known.has(id)).map(({ name, text }) => `${name}: ${quote(text)}`);
}

function peopleNotices(before: readonly Person[], after: readonly Person[]): Notice[] {
  if (before === after) return [];
  const earlier = new Map(before.map((person) => [person.sid, person]));
  const later = new Set(after.map((person) => person.sid));
  const notices: Notice[] = [];
  for (const person of after) {
    if (person.isLocal) continue;
    const known = earlier.get(person.sid);
    if (known === undefined) notices.push(`${person.name} joined`);
    else if (known.isConnected && !person.isConnected) notices.push(`${person.name} lost the connection`);
    else if (!known.isConnected && person.isConnected) notices.push(`${person.name} is back`);
    if (known?.hand === null && person.hand !== null) notices.push(`${person.name} raised a hand`);
    if (known?.screen === null && person.screen !== null) notices.push(`${person.name} shares a screen`);
  }
  for (const person of before) {
    if (!person.isLocal && !later.has(person.sid)) notices.push(`${person.name} left`);
  }
  return notices;
}

/** The banner goes without a word: who does not see it learns here that all is well again. */
function connectionNotices(before: Connection, after: Connection): Notice[] {
  return before.phase === "reconnecting" && before.isInside && after.phase === "live" ? ["Connected again"] : [];
}

/** One's own connection becomes bad. Everyone else's is in their tiles. */
function qualityNotices(before: readonly Person[], after: readonly Person[]): Notice[] {
  if (before === after) return [];
  const isMineBad = (people: readonly Person[]) => people.some(({ isLocal, quality }) => isLocal && isBad(quality));
  return isMineBad(after) && !isMineBad(before) ? ["Your connection is poor: pictures and sound may break up"] : [];
}

function lobbyNotices(before: readonly Person[], after: readonly Person[]): Notice[] {
  const waited = new Set(before.map(({ sid }) => sid));
  return after.filter(({ sid }) => !waited.has(sid)).map(({ name }) => `${name} wants to join`);
}

function doorNotices(wasLocked: boolean, isLocked: boolean): Notice[] {
  if (wasLocked === isLocked) return [];
  return [isLocked ? "The room is locked" : "The room is open again"];
}

function quote(text: string): string {
  const line = text.replace(/\s+/gu, " ").trim();
  const letters = Array.from(line);
  return letters.length <= LONGEST_QUOTE ? line : `${letters.slice(0, LONGEST_QUOTE).join("").trimEnd()}…`;
}
