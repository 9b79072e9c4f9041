import { useCallback } from "react";
import type { AdminApi } from "../api/admin-api";
import { type Listing, readPages } from "../model/pages";
import type { ListedRoom } from "../model/resources";
import { type Live, useLive } from "./use-live";

const INTERVAL_MS = 3_000;

/** The rooms there are, as far as `pages` pages go. */
export function useRooms(api: AdminApi, pages: number): Live<Listing<ListedRoom>> {
  const read = useCallback(
    (signal: AbortSignal) => readPages(pages, (cursor) => api.listRooms(cursor, signal)),
    [api, pages],
  );
  // The more there is to read, the more seldom.
  return useLive(read, INTERVAL_MS * pages);
}
