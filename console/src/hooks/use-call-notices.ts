import { useCallback, useEffect, useRef, useState } from "react";
import type { CallState } from "../model/call-state";
import { chatNotices, noticesBetween } from "../model/notices";

/** A notice on the screen. */
export interface ShownNotice {
  readonly key: number;
  readonly text: string;
}

const MOST_SHOWN = 3;
const SHOWN_MS = 5_000;

/** The newest notices about the call, and a way to add others. They go by themselves. */
export function useCallNotices(
  state: CallState,
  isChatOpen: boolean,
): [readonly ShownNotice[], (text: string) => void] {
  const [shown, setShown] = useState<readonly ShownNotice[]>([]);
  // Who and what is there when one comes in is no news.
  const before = useRef(state);
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
    const earlier = before.current;
    before.current = state;
    noticesBetween(earlier, state).forEach(add);
    if (!isChatOpen) chatNotices(earlier.chat, state.chat).forEach(add);
    if (state.announcement !== null && state.announcement !== earlier.announcement) add(state.announcement.text);
  }, [state, isChatOpen, add]);

  useEffect(() => {
    const running = timers.current;
    return () => running.forEach(clearTimeout);
  }, []);

  return [shown, add];
}
