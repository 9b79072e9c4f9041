import { useEffect, useState } from "react";
import type { Path } from "../model/path";
import type { CallStore } from "../session/call-store";

const INTERVAL_MS = 2_000;
const NONE: ReadonlyMap<string, Path> = new Map();

/** The way that media takes to each other person, by sid, for as long as somebody looks. */
export function usePaths(store: CallStore): ReadonlyMap<string, Path> {
  const [paths, setPaths] = useState(NONE);
  useEffect(() => {
    let isOver = false;
    let timer: ReturnType<typeof setTimeout>;
    async function look() {
      // Without statistics there is nothing to show.
      const found = await store.paths().catch(() => NONE);
      if (isOver) return;
      setPaths(found);
      timer = setTimeout(() => void look(), INTERVAL_MS);
    }
    void look();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [store]);
  return paths;
}
