import { useEffect, useRef } from "react";
import { type ShortcutName, shortcutOf } from "../model/shortcuts";

/** Carries out shortcuts, wherever the focus is, except behind an open dialog. */
export function useShortcuts(actions: Readonly<Partial<Record<ShortcutName, () => void>>>): void {
  const latest = useRef(actions);
  useEffect(() => {
    latest.current = actions;
  });

  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      const name = shortcutOf(event);
      const action = name === null ? undefined : latest.current[name];
      if (action === undefined || document.querySelector("dialog[open]") !== null) return;
      event.preventDefault();
      action();
    }
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}
