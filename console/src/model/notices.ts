import type { Person } from "./call-state";

/** What happened in the room, in a few words. */
export type Notice = string;

/** What a change of the people in the call is worth saying about the others. */
export function noticesBetween(before: readonly Person[], after: readonly Person[]): Notice[] {
  const earlier = new Map(before.map((person) => [person.sid, person]));
  const later = new Set(after.map((person) => person.sid));
  const notices: Notice[] = [];
  for (const person of after) {
    if (person.isLocal) continue;
    const known = earlier.get(person.sid);
    if (known === undefined) notices.push(`${person.name} joined`);
    else if (known.isConnected && !person.isConnected) notices.push(`${person.name} lost the connection`);
    else if (!known.isConnected && person.isConnected) notices.push(`${person.name} is back`);
    if (known?.screen === null && person.screen !== null) notices.push(`${person.name} shares a screen`);
  }
  for (const person of before) {
    if (!person.isLocal && !later.has(person.sid)) notices.push(`${person.name} left`);
  }
  return notices;
}
