import { useCallback, useEffect, useRef, useState } from "react";
import type { Person } from "../model/call-state";
import { type Reaction, show, type ShownReaction } from "../model/reactions";
import type { CallStore } from "../session/call-store";

/** As long as the animation in reactions.css. */
const SHOWN_MS = 4_000;
/** Successive ones rise beside one another. The steps of the golden ratio never line up. */
const STEP = 0.618;

/** The reactions on the screen. They go by themselves. */
export function useReactions(store: CallStore, people: readonly Person[]): readonly ShownReaction[] {
  const [shown, setShown] = useState<readonly ShownReaction[]>([]);
  const names = useRef(people);
  const nextKey = useRef(0);
  const timers = useRef(new Set<ReturnType<typeof setTimeout>>());
  useEffect(() => {
    names.current = people;
  });

  const add = useCallback((sid: string, reaction: Reaction) => {
    const person = names.current.find((one) => one.sid === sid);
    if (person === undefined) return;
    const key = nextKey.current++;
    const name = person.isLocal ? "You" : person.name;
    setShown((now) => show(now, { key, sid, name, reaction, place: (key * STEP) % 1 }));
    const timer = setTimeout(() => {
      timers.current.delete(timer);
      setShown((now) => now.filter((one) => one.key !== key));
    }, SHOWN_MS);
    timers.current.add(timer);
  }, []);

  useEffect(() => store.onReaction(add), [store, add]);
  useEffect(() => {
    const running = timers.current;
    return () => running.forEach(clearTimeout);
  }, []);

  return shown;
}
