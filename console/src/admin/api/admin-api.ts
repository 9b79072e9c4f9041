import type { Ban, ListedRoom, Page, Participant, Room } from "../model/resources";
import { ApiProblem, readProblem } from "./problem";

/** How somebody is removed. */
export interface Kick {
  readonly reason: string;
  readonly mayComeBack: boolean;
}

/** The REST API of rooms, as the admin view uses it. Every function rejects with {@link ApiProblem}, or as `fetch` does. */
export interface AdminApi {
  listRooms(cursor: string | undefined, signal: AbortSignal): Promise<Page<ListedRoom>>;
  room(name: string, signal: AbortSignal): Promise<Room>;
  listParticipants(room: string, cursor: string | undefined, signal: AbortSignal): Promise<Page<Participant>>;
  listWaiting(room: string, cursor: string | undefined, signal: AbortSignal): Promise<Page<Participant>>;
  listBans(room: string, cursor: string | undefined, signal: AbortSignal): Promise<Page<Ban>>;
  /** The room's events as they happen; the response's body is `text/event-stream`. */
  openEvents(room: string, lastId: string, signal: AbortSignal): Promise<Response>;

  updateRoom(name: string, change: { readonly locked?: boolean; readonly lobby?: boolean }): Promise<void>;
  endRoom(name: string): Promise<void>;
  kick(room: string, sid: string, how: Kick): Promise<void>;
  /** Mutes the microphone, and everything else that is heard. */
  mute(room: string, sid: string): Promise<void>;
  admit(room: string, sid: string): Promise<void>;
  admitAll(room: string): Promise<void>;
  refuse(room: string, sid: string): Promise<void>;
  liftBan(room: string, identity: string): Promise<void>;
  /** Writes into the room's chat as the application. */
  sendNotice(room: string, text: string, name: string): Promise<void>;
}

/** Items of a page: the most that the server gives. */
const PAGE = 100;
const TIMEOUT_MS = 15_000;

/** @param base where the server is @param token grants `admin`; it goes into a header and never into an address */
export function adminApi(base: string, token: string, fetcher: typeof fetch = fetch): AdminApi {
  async function ask(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
    const limit = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetcher(new URL(`v1/${path}`, base), {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      cache: "no-store",
      credentials: "omit",
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw await readProblem(response);
    return response;
  }

  async function read<Answer>(path: string, signal: AbortSignal): Promise<Answer> {
    return readJson<Answer>(await ask("GET", path, undefined, signal));
  }

  async function change(method: string, path: string, body?: unknown): Promise<void> {
    await ask(method, path, body);
  }

  /** A page of a list; its items stand in the member `name`. */
  async function readPage<Item>(
    path: string,
    name: string,
    cursor: string | undefined,
    signal: AbortSignal,
  ): Promise<Page<Item>> {
    const query = new URLSearchParams({ limit: String(PAGE), ...(cursor === undefined ? {} : { cursor }) });
    const answer = await read<Record<string, unknown>>(`${path}?${query}`, signal);
    const { [name]: items, nextCursor } = answer;
    if (!Array.isArray(items)) throw new ApiProblem("unreadable", 200, `The server's answer has no ${name}.`);
    return { items: items as Item[], nextCursor: typeof nextCursor === "string" ? nextCursor : undefined };
  }

  return {
    listRooms: (cursor, signal) => readPage("rooms", "rooms", cursor, signal),
    room: (name, signal) => read(roomPath(name), signal),
    listParticipants: (room, cursor, signal) =>
      readPage(`${roomPath(room)}/participants`, "participants", cursor, signal),
    listWaiting: (room, cursor, signal) => readPage(`${roomPath(room)}/lobby`, "participants", cursor, signal),
    listBans: (room, cursor, signal) => readPage(`${roomPath(room)}/bans`, "bans", cursor, signal),
    async openEvents(room, lastId, signal) {
      const response = await fetcher(new URL(`v1/${roomPath(room)}/events`, base), {
        headers: {
          authorization: `Bearer ${token}`,
          accept: "text/event-stream",
          ...(lastId === "" ? {} : { "last-event-id": lastId }),
        },
        cache: "no-store",
        credentials: "omit",
        signal,
      });
      if (!response.ok) throw await readProblem(response);
      return response;
    },
    updateRoom: (name, update) => change("PATCH", roomPath(name), update),
    endRoom: (name) => change("DELETE", roomPath(name)),
    kick(room, sid, { reason, mayComeBack }) {
      const query = new URLSearchParams({
        ...(reason === "" ? {} : { reason }),
        ...(mayComeBack ? { allowRejoin: "true" } : {}),
      });
      return change("DELETE", `${participantPath(room, sid)}${query.size === 0 ? "" : `?${query}`}`);
    },
    mute: (room, sid) => change("POST", `${participantPath(room, sid)}/mute`, { kind: "AUDIO" }),
    admit: (room, sid) => change("POST", `${roomPath(room)}/lobby/${encodeURIComponent(sid)}/admit`),
    admitAll: (room) => change("POST", `${roomPath(room)}/lobby/admit`),
    refuse: (room, sid) => change("DELETE", `${roomPath(room)}/lobby/${encodeURIComponent(sid)}`),
    liftBan: (room, identity) => change("DELETE", `${roomPath(room)}/bans/${encodeURIComponent(identity)}`),
    sendNotice: (room, text, name) => change("POST", `${roomPath(room)}/chat`, { text, name }),
  };
}

function roomPath(name: string): string {
  return `rooms/${encodeURIComponent(name)}`;
}

function participantPath(room: string, sid: string): string {
  return `${roomPath(room)}/participants/${encodeURIComponent(sid)}`;
}

async function readJson<Answer>(response: Response): Promise<Answer> {
  try {
    return (await response.json()) as Answer;
  } catch {
    throw new ApiProblem("unreadable", response.status, "The server's answer cannot be read.");
  }
}
