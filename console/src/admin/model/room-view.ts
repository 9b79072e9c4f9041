import { changesBetween, type RoomSnapshot } from "./changes";
import { foldEvent } from "./fold";
import { addToLog, type LogEntry } from "./log";

/** What is known of a room, and what happened since one looks at it. */
export interface RoomView {
  readonly snapshot: RoomSnapshot | null;
  readonly log: readonly LogEntry[];
  /** Every event comes by itself: what is asked for meanwhile is older. */
  readonly isFollowing: boolean;
}

/** Something new about a room. */
export type RoomNews =
  | { readonly kind: "event"; readonly event: string; readonly data: string; readonly atMs: number }
  /** The stream of events broke. */
  | { readonly kind: "broken" }
  /** The room as it was when it was asked for; null where there is none. */
  | { readonly kind: "asked"; readonly snapshot: RoomSnapshot | null; readonly atMs: number };

/** Before anything is known. */
export const NOTHING_KNOWN: RoomView = { snapshot: null, log: [], isFollowing: false };

/** The view behind a piece of news. */
export function advance(view: RoomView, news: RoomNews): RoomView {
  switch (news.kind) {
    case "event": {
      const { snapshot, happenings } = foldEvent(view.snapshot, news.event, news.data);
      const isFollowing = snapshot !== null && (view.isFollowing || news.event === "snapshot");
      return { snapshot, isFollowing, log: addToLog(view.log, happenings, news.atMs) };
    }
    case "broken":
      return { ...view, isFollowing: false };
    case "asked": {
      if (view.isFollowing) return view;
      const { snapshot: before } = view;
      const happenings = before === null || news.snapshot === null ? [] : changesBetween(before, news.snapshot);
      return { ...view, snapshot: news.snapshot, log: addToLog(view.log, happenings, news.atMs) };
    }
  }
}
