import { changesBetween, type Happening, type RoomSnapshot } from "./changes";
import { displayName, type Participant, type Room, type Track } from "./resources";

/** What an event of a room's stream comes to. */
export interface Folded {
  /** The room behind the event; null before the first one of a stream. */
  readonly snapshot: RoomSnapshot | null;
  readonly happenings: readonly Happening[];
}

/** The name of the last event of a room. */
export const ROOM_FINISHED = "room.finished";

type Fields = Readonly<Record<string, unknown>>;

/**
 * The room behind an event. Events are frames of the signaling socket in JSON (docs/protocol.md), named by their kind. Unknown kinds, and
 * what cannot be read, change nothing.
 *
 * @param before the room as it was last known, from this stream or by asking
 */
export function foldEvent(before: RoomSnapshot | null, kind: string, data: string): Folded {
  const unchanged: Folded = { snapshot: before, happenings: [] };
  const frame = parse(data);
  if (frame === null) return unchanged;
  if (kind === ROOM_FINISHED) return { snapshot: null, happenings: [{ kind: "room", text: finished(text(frame["reason"])) }] };
  const body = fields(frame[kind]);
  if (kind === "snapshot") return compared(before, wholeRoom(fields(body["snapshot"])));
  if (before === null) return unchanged;
  switch (kind) {
    case "participantJoined":
    case "participantUpdated":
      return compared(before, withPerson(before, person(fields(body["participant"]))));
    case "participantWaiting":
      return compared(before, withWaiting(before, person(fields(body["participant"])), body["gone"] === true));
    case "participantLeft":
      return withoutPerson(before, text(body["sid"]), text(body["reason"]));
    case "trackPublished":
    case "trackUpdated": {
      const changed = track(fields(body["track"]));
      return compared(before, withTracks(before, text(body["sid"]), (tracks) => replaced(tracks, changed, ({ trackId }) => trackId)));
    }
    case "trackUnpublished": {
      const gone = text(body["trackId"]);
      return compared(before, withTracks(before, text(body["sid"]), (tracks) => tracks.filter(({ trackId }) => trackId !== gone)));
    }
    case "roomUpdated":
      return compared(before, { ...before, room: room(fields(body["room"])) });
    case "chat":
      return { snapshot: before, happenings: [{ kind: "chat", text: `${writer(body)}: ${text(body["text"])}` }] };
    case "chatDeleted":
      return { snapshot: before, happenings: [{ kind: "chat", text: "A message was deleted" }] };
    default:
      return unchanged;
  }
}

function compared(before: RoomSnapshot | null, after: RoomSnapshot): Folded {
  return { snapshot: after, happenings: before === null ? [] : changesBetween(before, after) };
}

function wholeRoom(body: Fields): RoomSnapshot {
  const everyone = list(body["participants"]).map(person);
  const waiting = list(body["waiting"]).map(person);
  return {
    room: room(fields(body["room"])),
    participants: everyone.filter(({ state }) => state !== "WAITING"),
    waiting: [...waiting, ...everyone.filter(({ state }) => state === "WAITING")],
  };
}

function withPerson(before: RoomSnapshot, changed: Participant): RoomSnapshot {
  return {
    ...before,
    participants: replaced(before.participants, changed, ({ sid }) => sid),
    waiting: before.waiting.filter(({ sid }) => sid !== changed.sid),
  };
}

function withWaiting(before: RoomSnapshot, changed: Participant, isGone: boolean): RoomSnapshot {
  const waiting = before.waiting.filter(({ sid }) => sid !== changed.sid);
  return { ...before, waiting: isGone ? waiting : [...waiting, { ...changed, state: "WAITING" }] };
}

const LEFT: Readonly<Record<string, string>> = {
  KICKED: "was removed",
  DUPLICATE_IDENTITY: "was replaced by another session",
  TOKEN_EXPIRED: "left: the token expired",
  TIMED_OUT: "left: the connection did not come back",
};

function withoutPerson(before: RoomSnapshot, gone: string, reason: string): Folded {
  const leaver = before.participants.find(({ sid }) => sid === gone);
  const snapshot = { ...before, participants: before.participants.filter(({ sid }) => sid !== gone) };
  if (leaver === undefined) return { snapshot, happenings: [] };
  return { snapshot, happenings: [{ kind: "went", text: `${displayName(leaver)} ${LEFT[reason] ?? "left"}` }] };
}

function withTracks(before: RoomSnapshot, publisher: string, change: (tracks: readonly Track[]) => readonly Track[]): RoomSnapshot {
  return {
    ...before,
    participants: before.participants.map((one) => (one.sid === publisher ? { ...one, tracks: change(one.tracks) } : one)),
  };
}

/** The list with an item in the place of the one with the same id, or behind all. */
function replaced<Item>(items: readonly Item[], changed: Item, id: (item: Item) => string): readonly Item[] {
  const index = items.findIndex((item) => id(item) === id(changed));
  return index < 0 ? [...items, changed] : items.with(index, changed);
}

// In the proto3 JSON mapping a field that is left out has its zero value.

function room(body: Fields): Room {
  return {
    name: text(body["name"]),
    locked: body["locked"] === true,
    lobby: body["lobby"] === true,
    maxParticipants: number(body["maxParticipants"]),
    topology: { active: text(fields(body["topology"])["active"]) || "AUTO" },
    createdAtMs: number(body["createdAtMs"]),
  };
}

function person(body: Fields): Participant {
  return {
    sid: text(body["sid"]),
    identity: text(body["identity"]),
    name: text(body["name"]),
    state: oneOf(["CONNECTED", "DISCONNECTED", "WAITING"], body["state"]),
    role: oneOf(["SPEAKER", "VIEWER", "MODERATOR"], body["role"]),
    tracks: list(body["tracks"]).map(track),
    joinedAtMs: number(body["joinedAtMs"]),
  };
}

function track(body: Fields): Track {
  return {
    trackId: text(body["trackId"]),
    kind: oneOf(["AUDIO", "VIDEO"], body["kind"]),
    source: oneOf(["MICROPHONE", "CAMERA", "SCREEN_SHARE", "SCREEN_SHARE_AUDIO"], body["source"]),
    muted: body["muted"] === true,
  };
}

function writer(body: Fields): string {
  return text(body["name"]) || text(body["identity"]) || "The application";
}

function finished(reason: string): string {
  return reason === "" || reason === "empty" ? "The room is over" : `The room is over: ${reason}`;
}

function parse(data: string): Fields | null {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" && value !== null ? (value as Fields) : null;
  } catch {
    return null;
  }
}

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function list(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fields) : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function number(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

/** The value if it is one of `known`, else the first of them. */
function oneOf<const Known extends string>(known: readonly [Known, ...Known[]], value: unknown): Known {
  return known.find((one) => one === value) ?? known[0];
}
