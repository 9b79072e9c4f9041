import { displayName, type Participant, type Room, type Track } from "./resources";

/** A room as it was read at a time. */
export interface RoomSnapshot {
  readonly room: Room;
  readonly participants: readonly Participant[];
  readonly waiting: readonly Participant[];
}

/** What happened, in a few words. */
export interface Happening {
  /** Of what kind, for the eye. */
  readonly kind: "came" | "went" | "trouble" | "media" | "room" | "chat";
  readonly text: string;
}

const SOURCES: Record<Track["source"], string> = {
  MICROPHONE: "microphone",
  CAMERA: "camera",
  SCREEN_SHARE: "screen",
  SCREEN_SHARE_AUDIO: "screen’s sound",
};

/** What happened between two readings of a room. */
export function changesBetween(before: RoomSnapshot, after: RoomSnapshot): Happening[] {
  return [
    ...roomChanges(before.room, after.room),
    ...lobbyChanges(before, after),
    ...peopleChanges(before.participants, after.participants),
  ];
}

function roomChanges(before: Room, after: Room): Happening[] {
  const changes: Happening[] = [];
  if (before.createdAtMs !== after.createdAtMs) changes.push({ kind: "room", text: "The room ended and began anew" });
  if (before.locked !== after.locked) changes.push({ kind: "room", text: after.locked ? "The room was locked" : "The room was opened" });
  if (before.lobby !== after.lobby) {
    changes.push({ kind: "room", text: `The waiting room was switched ${after.lobby ? "on" : "off"}` });
  }
  return changes;
}

function lobbyChanges(before: RoomSnapshot, after: RoomSnapshot): Happening[] {
  const waited = new Set(before.waiting.map(({ sid }) => sid));
  const waits = new Set(after.waiting.map(({ sid }) => sid));
  const isIn = new Set(after.participants.map(({ sid }) => sid));
  return [
    ...after.waiting
      .filter(({ sid }) => !waited.has(sid))
      .map((person): Happening => ({ kind: "came", text: `${displayName(person)} waits to be let in` })),
    ...before.waiting
      .filter(({ sid }) => !waits.has(sid) && !isIn.has(sid))
      .map((person): Happening => ({ kind: "went", text: `${displayName(person)} waits no longer` })),
  ];
}

function peopleChanges(before: readonly Participant[], after: readonly Participant[]): Happening[] {
  const earlier = new Map(before.map((person) => [person.sid, person]));
  const later = new Set(after.map(({ sid }) => sid));
  const changes: Happening[] = [];
  for (const person of after) {
    const known = earlier.get(person.sid);
    if (known === undefined) changes.push({ kind: "came", text: `${displayName(person)} joined` });
    else changes.push(...personChanges(known, person));
  }
  for (const person of before) {
    if (!later.has(person.sid)) changes.push({ kind: "went", text: `${displayName(person)} left` });
  }
  return changes;
}

function personChanges(before: Participant, after: Participant): Happening[] {
  const who = displayName(after);
  const changes: Happening[] = [];
  if (before.state !== after.state) {
    changes.push(
      after.state === "DISCONNECTED"
        ? { kind: "trouble", text: `${who} lost the connection` }
        : { kind: "came", text: `${who} is connected again` },
    );
  }
  if (before.role !== after.role) changes.push({ kind: "room", text: `${who} is ${after.role.toLowerCase()} now` });
  const had = new Map(before.tracks.map((track) => [track.trackId, track]));
  const has = new Set(after.tracks.map(({ trackId }) => trackId));
  for (const track of after.tracks) {
    const known = had.get(track.trackId);
    const what = `${who}: ${SOURCES[track.source]}`;
    if (known === undefined) changes.push({ kind: "media", text: `${what} published` });
    else if (known.muted !== track.muted) changes.push({ kind: "media", text: `${what} ${track.muted ? "muted" : "on again"}` });
  }
  for (const track of before.tracks) {
    if (!has.has(track.trackId)) changes.push({ kind: "media", text: `${who}: ${SOURCES[track.source]} unpublished` });
  }
  return changes;
}
