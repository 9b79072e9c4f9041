import { useEffect, useState } from "react";
import type { ChatEntry } from "../model/call-state";
import { countUnread, markRead, type ReadMark } from "../model/chat";

/** How many messages came while the chat was closed. What was there on arrival counts as read. */
export function useUnread(chat: readonly ChatEntry[], isOpen: boolean): number {
  const [seen, setSeen] = useState<ReadMark>(() => markRead(chat));

  useEffect(() => {
    if (isOpen) setSeen(markRead(chat));
  }, [chat, isOpen]);

  return isOpen ? 0 : countUnread(chat, seen);
}
