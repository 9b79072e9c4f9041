import { useSyncExternalStore } from "react";
import type { CallState } from "../model/call-state";
import type { CallStore } from "../session/call-store";

/** The state of a call; renders again at each change. */
export function useCall(store: CallStore): CallState {
  return useSyncExternalStore(store.subscribe, store.getState);
}
