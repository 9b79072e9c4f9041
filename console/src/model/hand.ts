import type { Person } from "./call-state";

/** The participant attribute that says that a hand is up, and since when compared with other hands. */
export const HAND_ATTRIBUTE = "hand";

/** Tickets stay integers that everyone reads alike. */
const HIGHEST_TICKET = 999_999_999;

/**
 * Reads the ticket of a raised hand, or null for a hand that is down. Tickets count up, as at a baker's: no clock of
 * anybody's decides who was first. What is no ticket comes from a client that is not this page, and is no hand.
 */
export function readHand(attributes: Readonly<Record<string, string>>): number | null {
  const ticket = attributes[HAND_ATTRIBUTE];
  return ticket !== undefined && /^[1-9]\d{0,8}$/.test(ticket) ? Number(ticket) : null;
}

/** The ticket for a hand that goes up now: behind all that are up. */
export function nextTicket(people: readonly Person[]): number {
  return Math.min(HIGHEST_TICKET, Math.max(0, ...people.map((person) => person.hand ?? 0)) + 1);
}

/** Who has a hand up, the longest waiting first; the same order on everyone's screen. */
export function handQueue(people: readonly Person[]): readonly Person[] {
  return people
    .filter((person) => person.hand !== null)
    .sort((a, b) => (a.hand ?? 0) - (b.hand ?? 0) || (a.sid < b.sid ? -1 : 1));
}
