import { useCallback, useEffect, useRef, useState } from "react";
import { IconButton } from "../components/button";
import { SettingsIcon } from "../components/icons";
import { Mark } from "../components/mark";
import { useCall } from "../hooks/use-call";
import { useNotices } from "../hooks/use-notices";
import { useOutgoing } from "../hooks/use-outgoing";
import { useWakeLock } from "../hooks/use-wake-lock";
import { countUnread, markRead, type ReadMark, unreadBadge } from "../model/chat";
import { deviceWords, type DeviceKind } from "../model/device-words";
import type { Words } from "../model/words";
import type { CallStore, SwitchResult } from "../session/call-store";
import { AudioSink } from "./audio-sink";
import { ChatPanel } from "./chat-panel";
import { ConnectionBanner } from "./connection-banner";
import { Controls, type PanelName } from "./controls";
import { DeviceDialog } from "./device-dialog";
import { InviteButton } from "./invite";
import { PeoplePanel } from "./people-panel";
import { SettingsDialog } from "./settings-dialog";
import { Stage } from "./stage";
import { Toasts } from "./toasts";
import { WaitingRoom } from "./waiting-room";
import "./call-screen.css";

interface CallScreenProps {
  readonly store: CallStore;
  readonly inviteLink: string;
}

/** The call itself. */
export function CallScreen({ store, inviteLink }: CallScreenProps) {
  const state = useCall(store);
  const [panel, setPanel] = useState<PanelName | null>(null);
  const [showsSettings, setShowsSettings] = useState(false);
  const [trouble, setTrouble] = useState<Words | null>(null);
  const isLive = state.connection.phase === "live" || state.connection.phase === "reconnecting";
  const [notices, addNotice] = useNotices(state.people, isLive);
  const unread = useUnread(state.chat, panel === "chat", isLive);
  const onRefused = useCallback(() => addNotice("A message was not sent: see the chat"), [addNotice]);
  const outgoing = useOutgoing(store.sendChat, onRefused);
  useWakeLock();
  useEffect(() => {
    if (state.announcement !== null) addNotice(state.announcement.text);
  }, [state.announcement, addNotice]);
  useTitle(state.room.name, unread);

  const report = useCallback((kind: DeviceKind, result: SwitchResult) => {
    if (result.ok) return;
    // Closing the browser's picker is a decision, not a fault.
    if (kind === "screen" && (result.trouble === "denied" || result.trouble === "dismissed")) return;
    setTrouble(
      result.trouble === null
        ? { title: "The server did not allow it", detail: result.message, remedies: [] }
        : deviceWords(kind, result.trouble),
    );
  }, []);

  const closePanel = useCallback(() => setPanel(null), []);
  const me = state.people.find((person) => person.isLocal);

  if (state.connection.phase === "joining" || state.connection.phase === "waiting") {
    return (
      <WaitingRoom roomName={state.room.name} isInLobby={state.connection.phase === "waiting"} onLeave={store.leave} />
    );
  }

  return (
    <div className="call" data-panel={panel ?? "none"} data-testid="call-screen">
      <header className="call-header">
        <Mark />
        <h1 className="call-room" data-testid="room-name">
          {state.room.name}
        </h1>
        <IconButton
          look="bare"
          label="Microphone and camera settings"
          icon={<SettingsIcon />}
          onClick={() => setShowsSettings(true)}
          data-testid="settings-button"
        />
        <InviteButton link={inviteLink} />
      </header>
      <main className="call-main">
        <ConnectionBanner connection={state.connection} onRetry={store.reconnectNow} />
        <Stage people={state.people} inviteLink={inviteLink} />
        <Toasts notices={notices} />
      </main>
      {panel === "chat" ? (
        <ChatPanel
          entries={state.chat}
          outgoing={outgoing}
          isConnected={state.connection.phase === "live"}
          onClose={closePanel}
        />
      ) : null}
      {panel === "people" ? (
        <PeoplePanel state={state} inviteLink={inviteLink} store={store} onClose={closePanel} onTrouble={addNotice} />
      ) : null}
      <Controls
        me={me}
        panel={panel}
        unread={unreadBadge(unread)}
        waiting={unreadBadge(state.lobby.length)}
        headcount={state.people.length}
        store={store}
        onPanel={setPanel}
        onResult={report}
      />
      <AudioSink people={state.people} />
      {showsSettings ? (
        <SettingsDialog
          me={me}
          onChoose={(kind, deviceId) => void store.chooseDevice(kind, deviceId).then((result) => report(kind, result))}
          onClose={() => setShowsSettings(false)}
        />
      ) : null}
      {trouble === null ? null : <DeviceDialog words={trouble} onClose={() => setTrouble(null)} />}
    </div>
  );
}

/** How many messages came while the chat was closed. What was there on arrival counts as read. */
function useUnread(chat: Parameters<typeof markRead>[0], isOpen: boolean, isLive: boolean): number {
  const [seen, setSeen] = useState<ReadMark>(() => markRead(chat));
  const wasLive = useRef(isLive);

  useEffect(() => {
    if (isOpen || (isLive && !wasLive.current)) setSeen(markRead(chat));
    wasLive.current = isLive;
  }, [chat, isOpen, isLive]);

  return isOpen ? 0 : countUnread(chat, seen);
}

function useTitle(room: string, unread: number): void {
  useEffect(() => {
    const before = document.title;
    document.title = `${unread > 0 ? `(${unread}) ` : ""}${room} · Antiphon`;
    return () => {
      document.title = before;
    };
  }, [room, unread]);
}
