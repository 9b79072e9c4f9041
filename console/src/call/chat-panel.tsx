import { useLayoutEffect, useMemo, useRef, useState } from "react";
import type { ChatEntry } from "../model/call-state";
import { groupMessages } from "../model/chat";
import { ChatComposer } from "./chat-composer";
import { ChatGroupView } from "./chat-group";
import { Panel } from "./panel";
import { PendingMessages } from "./pending-messages";
import "./chat-panel.css";

interface ChatPanelProps {
  readonly entries: readonly ChatEntry[];
  readonly isConnected: boolean;
  onSend(text: string): Promise<void>;
  onClose(): void;
}

/** A message on its way. */
export interface PendingMessage {
  readonly key: number;
  readonly text: string;
  /** Why it was refused; null while it is on its way. */
  readonly refusal: string | null;
}

/** This close to the end counts as at the end: new messages scroll into view. */
const NEAR_END_PX = 48;

/** The room's chat. */
export function ChatPanel({ entries, isConnected, onSend, onClose }: ChatPanelProps) {
  const groups = useMemo(() => groupMessages(entries), [entries]);
  const [pending, setPending] = useState<readonly PendingMessage[]>([]);
  const nextKey = useRef(0);
  const list = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);

  useLayoutEffect(() => {
    if (isAtEnd.current && list.current !== null) list.current.scrollTop = list.current.scrollHeight;
  }, [groups, pending]);

  function send(text: string) {
    const key = nextKey.current++;
    isAtEnd.current = true;
    setPending((now) => [...now, { key, text, refusal: null }]);
    onSend(text).then(
      () => setPending((now) => now.filter((message) => message.key !== key)),
      (error: unknown) => {
        const refusal = error instanceof Error && error.message !== "" ? error.message : "The server refused it.";
        setPending((now) => now.map((message) => (message.key === key ? { ...message, refusal } : message)));
      },
    );
  }

  function retry(message: PendingMessage) {
    setPending((now) => now.filter((other) => other !== message));
    send(message.text);
  }

  return (
    <Panel title="Chat" testId="chat-panel" onClose={onClose}>
      <div
        ref={list}
        className="chat-list"
        role="log"
        aria-label="Messages"
        tabIndex={0}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          isAtEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
        }}
      >
        {entries.length === 0 && pending.length === 0 ? (
          <p className="chat-empty">No messages yet. Everyone in the room sees what you write here.</p>
        ) : null}
        {groups.map((group) => (
          <ChatGroupView key={group.key} group={group} />
        ))}
        <PendingMessages messages={pending} isConnected={isConnected} onRetry={retry} />
      </div>
      <ChatComposer onSend={send} />
    </Panel>
  );
}
