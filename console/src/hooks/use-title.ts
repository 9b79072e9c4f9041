import { useEffect } from "react";

/** Puts the room, and how much is new in it, into the tab's title. */
export function useTitle(room: string, news: number): void {
  useEffect(() => {
    const before = document.title;
    document.title = `${news > 0 ? `(${news}) ` : ""}${room} · Antiphon`;
    return () => {
      document.title = before;
    };
  }, [room, news]);
}
