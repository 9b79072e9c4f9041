import { useCallback, useEffect, useRef, useState } from "react";
import type { Person } from "../model/call-state";
import { noticesBetween } from "../model/notices";

/** A notice on the screen. */
export interface ShownNotice {
  readonly key: number;
  readonly text: string;
}

const MOST_SHOWN = 3;
const SHOWN_MS = 5_000;

/** The newest notices about the people in the call, and a way to add others. They go by themselves. */
export function useNotices(
  people: readonly Person[],
  isLive: boolean,
): [readonly ShownNotice[], (text: string) => void] {
  const [shown, setShown] = useState<readonly ShownNotice[]>([]);
  const before = useRef<readonly Person[] | null>(null);
  const nextKey = useRef(0);
  const timers = useRef(new Set<ReturnType<typeof setTimeout>>());

  const add = useCallback((text: string) => {
    const key = nextKey.current++;
    setShown((now) => [...now, { key, text }].slice(-MOST_SHOWN));
    const timer = setTimeout(() => {
      timers.current.delete(timer);
      setShown((now) => now.filter((notice) => notice.key !== key));
    }, SHOWN_MS);
    timers.current.add(timer);
  }, []);

  useEffect(() => {
    // Whoever is there when one comes in has not just joined.
    if (before.current !== null) noticesBetween(before.current, people).forEach(add);
    before.current = isLive ? people : null;
  }, [people, isLive, add]);

  useEffect(() => {
    const running = timers.current;
    return () => running.forEach(clearTimeout);
  }, []);

  return [shown, add];
}
