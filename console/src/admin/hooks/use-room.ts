import { useCallback, useEffect, useReducer } from "react";
import type { AdminApi } from "../api/admin-api";
import type { ApiProblem } from "../api/problem";
import { followRoom } from "../api/room-stream";
import type { RoomSnapshot } from "../model/changes";
import type { LogEntry } from "../model/log";
import { readPages } from "../model/pages";
import type { Ban } from "../model/resources";
import { advance, type LogSource, NOTHING_KNOWN } from "../model/room-view";
import { useLive } from "./use-live";

/** A room with everyone in it, as far as `pages` pages of each list go. */
export interface RoomDetail extends RoomSnapshot {
  readonly bans: readonly Ban[];
  /** Some list is longer than what is here of it. */
  readonly hasMore: boolean;
}

/** A room as it changes. */
export interface LiveRoom {
  /** Null before the first answer, and where there is no such room. */
  readonly detail: RoomDetail | null;
  readonly log: readonly LogEntry[];
  readonly source: LogSource;
  readonly problem: ApiProblem | null;
  refresh(): void;
}

const ASK_MS = 2_000;
/** While events come by themselves only the bans have to be asked for. */
const ASK_SELDOM_MS = 10_000;
const PAGE = 100;

/** Follows a room's events, and asks for it where they do not come. */
export function useRoom(api: AdminApi, name: string, pages: number): LiveRoom {
  const [view, tell] = useReducer(advance, NOTHING_KNOWN);
  const { source, snapshot, log } = view;
  const isFollowing = source === "stream";

  const read = useCallback((signal: AbortSignal) => readRoom(api, name, pages, signal), [api, name, pages]);
  const { value, problem, refresh } = useLive(read, isFollowing ? ASK_SELDOM_MS : ASK_MS);
  useEffect(() => {
    if (value !== null) tell({ kind: "asked", snapshot: value, atMs: Date.now() });
  }, [value]);
  useEffect(() => {
    if (problem?.status === 404) tell({ kind: "asked", snapshot: null, atMs: Date.now() });
  }, [problem]);

  useEffect(
    () =>
      followRoom(api, name, {
        onEvent: ({ event, data }) => tell({ kind: "event", event, data, atMs: Date.now() }),
        onStatus(status) {
          if (status === "connecting") return;
          tell({ kind: status });
          if (status === "broken") refresh();
        },
      }),
    [api, name, refresh],
  );

  const most = pages * PAGE;
  const detail =
    snapshot === null
      ? null
      : {
          room: snapshot.room,
          participants: snapshot.participants.slice(0, most),
          waiting: snapshot.waiting.slice(0, most),
          bans: value?.bans ?? [],
          hasMore: value?.hasMore === true || snapshot.participants.length > most || snapshot.waiting.length > most,
        };
  return { detail, log, source, problem: isFollowing && problem?.isAboutToken !== true ? null : problem, refresh };
}

async function readRoom(api: AdminApi, name: string, pages: number, signal: AbortSignal): Promise<RoomDetail> {
  const [room, participants, waiting, bans] = await Promise.all([
    api.room(name, signal),
    readPages(pages, (cursor) => api.listParticipants(name, cursor, signal)),
    readPages(pages, (cursor) => api.listWaiting(name, cursor, signal)),
    readPages(pages, (cursor) => api.listBans(name, cursor, signal)),
  ]);
  return {
    room,
    participants: participants.items,
    waiting: waiting.items,
    bans: bans.items,
    hasMore: participants.hasMore || waiting.hasMore || bans.hasMore,
  };
}
