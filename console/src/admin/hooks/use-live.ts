import { useCallback, useEffect, useRef, useState } from "react";
import { type ApiProblem, problemOf } from "../api/problem";

/** Something of the server's that is read again and again. */
export interface Live<Value> {
  /** What was read last; null before the first answer. It stays while later ones fail. */
  readonly value: Value | null;
  /** Why the last reading failed; null where it did not. */
  readonly problem: ApiProblem | null;
  /** Reads again now, or right after the reading that is under way. */
  refresh(): void;
}

/**
 * Reads now, after each `intervalMs`, and on `refresh`; one reading at a time, and none while nobody looks at the page. `read` is
 * called anew from the beginning when it is another function: memoize it.
 */
export function useLive<Value>(read: (signal: AbortSignal) => Promise<Value>, intervalMs: number): Live<Value> {
  const [state, setState] = useState<Pick<Live<Value>, "value" | "problem">>({ value: null, problem: null });
  const refreshNow = useRef<() => void>(() => undefined);
  // Another interval is no reason to begin anew: it counts from the next reading on.
  const interval = useRef(intervalMs);
  useEffect(() => {
    interval.current = intervalMs;
  });

  useEffect(() => {
    const end = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isReading = false;
    let isWanted = false;

    async function round(): Promise<void> {
      clearTimeout(timer);
      isReading = true;
      isWanted = false;
      try {
        const value = await read(end.signal);
        if (!end.signal.aborted) setState({ value, problem: null });
      } catch (error) {
        const problem = problemOf(error);
        if (!end.signal.aborted) setState((before) => ({ ...before, problem }));
      }
      isReading = false;
      if (end.signal.aborted) return;
      if (isWanted) void round();
      else timer = setTimeout(later, interval.current);
    }

    function later(): void {
      if (document.visibilityState === "visible") void round();
    }

    refreshNow.current = () => {
      isWanted = true;
      if (!isReading) void round();
    };
    const onVisible = () => {
      if (document.visibilityState === "visible" && !isReading) void round();
    };
    setState({ value: null, problem: null });
    void round();
    document.addEventListener("visibilitychange", onVisible);
    return () => {
      end.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onVisible);
    };
  }, [read]);

  return { ...state, refresh: useCallback(() => refreshNow.current(), []) };
}
