import { useCallback, useMemo, useRef, useState } from "react";
import type { Person } from "../model/call-state";
import { arrangeStage, chooseSeen, type Layout, rememberSpeakers, type Stage } from "../model/stage";

/** What the stage shows, and the ways to have it otherwise. */
export interface StageView {
  readonly stage: Stage;
  readonly layout: Layout;
  readonly pinned: string | null;
  setLayout(layout: Layout): void;
  /** Puts a tile in the spotlight, or takes it out again. */
  togglePin(key: string): void;
}

/** Arranges the people, steadily: who is seen stays in place as far as it goes. */
export function useStageView(people: readonly Person[]): StageView {
  const [layout, setLayout] = useState<Layout>("grid");
  const [pinned, setPinned] = useState<string | null>(null);
  // What was chosen last is where the next choice begins. Choosing again from it chooses the same.
  const recent = useRef<readonly string[]>([]);
  const seen = useRef<readonly string[]>([]);

  const stage = useMemo(() => {
    recent.current = rememberSpeakers(recent.current, people);
    // Who was chosen is missed most.
    const chosen = people.filter((person) => pinned?.startsWith(`${person.sid}/`)).map(({ sid }) => sid);
    seen.current = chooseSeen(people, seen.current, [...chosen, ...recent.current]);
    return arrangeStage(people, { layout, pinned, speaker: recent.current[0] ?? null, seen: seen.current });
  }, [people, layout, pinned]);

  return {
    stage,
    layout,
    pinned,
    setLayout,
    togglePin: useCallback((key) => setPinned((now) => (now === key ? null : key)), []),
  };
}
