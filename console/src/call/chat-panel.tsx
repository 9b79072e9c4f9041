import { useLayoutEffect, useMemo, useRef } from "react";
import type { Outgoing } from "../hooks/use-outgoing";
import type { ChatEntry } from "../model/call-state";
import { groupMessages } from "../model/chat";
import { ChatComposer } from "./chat-composer";
import { ChatGroupView } from "./chat-group";
import { Panel } from "./panel";
import { PendingMessages } from "./pending-messages";
import "./chat-panel.css";

interface ChatPanelProps {
  readonly entries: readonly ChatEntry[];
  readonly outgoing: Outgoing;
  readonly isConnected: boolean;
  onClose(): void;
}

/** This close to the end counts as at the end: new messages scroll into view. */
const NEAR_END_PX = 48;

/** The room's chat. */
export function ChatPanel({ entries, outgoing, isConnected, onClose }: ChatPanelProps) {
  const groups = useMemo(() => groupMessages(entries), [entries]);
  const list = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);

  useLayoutEffect(() => {
    if (isAtEnd.current && list.current !== null) list.current.scrollTop = list.current.scrollHeight;
  }, [groups, outgoing.messages]);

  function send(text: string) {
    isAtEnd.current = true;
    outgoing.send(text);
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
        {entries.length === 0 && outgoing.messages.length === 0 ? (
          <p className="chat-empty">No messages yet. Everyone in the room sees what you write here.</p>
        ) : null}
        {groups.map((group) => (
          <ChatGroupView key={group.key} group={group} />
        ))}
        <PendingMessages outgoing={outgoing} isConnected={isConnected} />
      </div>
      <ChatComposer onSend={send} />
    </Panel>
  );
}
