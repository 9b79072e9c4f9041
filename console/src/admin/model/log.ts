import type { Happening } from "./changes";

/** A line of the log. */
export interface LogEntry extends Happening {
  readonly key: number;
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number;
}

/** The lines that are kept; the oldest goes first. */
export const MOST_ENTRIES = 500;

/** Adds what happened at a time. The newest stands first. */
export function addToLog(log: readonly LogEntry[], happenings: readonly Happening[], atMs: number): readonly LogEntry[] {
  if (happenings.length === 0) return log;
  const first = (log[0]?.key ?? -1) + 1;
  const entries = happenings.map((happening, index) => ({ ...happening, atMs, key: first + index }));
  return [...entries.reverse(), ...log].slice(0, MOST_ENTRIES);
}
