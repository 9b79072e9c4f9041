import { changesBetween, type RoomSnapshot } from "./changes";
import { foldEvent } from "./fold";
import { addToLog, type LogEntry } from "./log";

/** What is known of a room, and what happened since one looks at it. */
export interface RoomView {
  /** What is shown. */
  readonly snapshot: RoomSnapshot | null;
  /** The room behind the last event of the stream; null where there was none. */
  readonly followed: RoomSnapshot | null;
  readonly log: readonly LogEntry[];
  readonly source: LogSource;
}

/** Where the log comes from. */
export type LogSource =
  /** Every event comes by itself: what is asked for meanwhile is older. */
  | "stream"
  /** The stream broke. It will tell what is missed, so that what is asked for meanwhile is shown and not told. */
  | "brokenStream"
  /** There was no stream yet: what changed from one answer to the next. */
  | "asking";

/** Something new about a room. */
export type RoomNews =
  | { readonly kind: "event"; readonly event: string; readonly data: string; readonly atMs: number }
  /** The stream of events is open, and goes on behind the last event. */
  | { readonly kind: "live" }
  | { readonly kind: "broken" }
  /** The room as it was when it was asked for; null where there is none. */
  | { readonly kind: "asked"; readonly snapshot: RoomSnapshot | null; readonly atMs: number };

/** Before anything is known. */
export const NOTHING_KNOWN: RoomView = { snapshot: null, followed: null, log: [], source: "asking" };

/** The view behind a piece of news. */
export function advance(view: RoomView, news: RoomNews): RoomView {
  switch (news.kind) {
    case "event": {
      const { snapshot, happenings } = foldEvent(view.followed ?? view.snapshot, news.event, news.data);
      const isWhole = view.followed !== null || news.event === "snapshot";
      if (snapshot !== null && !isWhole) return view;
      const source = snapshot === null ? "asking" : "stream";
      return { snapshot, followed: snapshot, source, log: addToLog(view.log, happenings, news.atMs) };
    }
    case "live":
      return view.followed === null ? view : { ...view, source: "stream" };
    case "broken":
      return view.source === "stream" ? { ...view, source: "brokenStream" } : view;
    case "asked":
      return view.source === "stream" ? view : asked(view, news.snapshot, news.atMs);
  }
}

function asked(view: RoomView, snapshot: RoomSnapshot | null, atMs: number): RoomView {
  const { snapshot: before, log, source } = view;
  if (snapshot === null) {
    const news = before === null ? [] : ([{ kind: "room", text: "The room is over" }] as const);
    return { snapshot, followed: null, source: "asking", log: addToLog(log, news, atMs) };
  }
  const isTold = source === "asking" && before !== null;
  return { ...view, snapshot, log: isTold ? addToLog(log, changesBetween(before, snapshot), atMs) : log };
}
