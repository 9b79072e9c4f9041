import { useCallback, useEffect, useRef, useState } from "react";
import { LockIcon } from "../components/icons";
import { Mark } from "../components/mark";
import { useCall } from "../hooks/use-call";
import { useCallNotices } from "../hooks/use-call-notices";
import { useOutgoing } from "../hooks/use-outgoing";
import { usePlayback } from "../hooks/use-playback";
import { useReactions } from "../hooks/use-reactions";
import { useSpeaker } from "../hooks/use-speaker";
import { useStageView } from "../hooks/use-stage-view";
import { useTitle } from "../hooks/use-title";
import { useUnread } from "../hooks/use-unread";
import { useWakeLock } from "../hooks/use-wake-lock";
import type { CallState } from "../model/call-state";
import { unreadBadge } from "../model/chat";
import { deviceWords, type DeviceKind } from "../model/device-words";
import type { Words } from "../model/words";
import type { CallStore, SwitchResult } from "../session/call-store";
import { AudioSink } from "./audio-sink";
import { ChatPanel } from "./chat-panel";
import { ConnectionBanner } from "./connection-banner";
import { Controls, type PanelName } from "./controls";
import { DeviceDialog } from "./device-dialog";
import { HelpDialog } from "./help-dialog";
import { InviteButton } from "./invite";
import { Knock } from "./knock";
import { PeoplePanel } from "./people-panel";
import { PlaybackBanner } from "./playback-banner";
import { RisingReactions } from "./reactions";
import { SettingsDialog } from "./settings-dialog";
import { Stage } from "./stage";
import { Toasts } from "./toasts";
import { WaitingRoom } from "./waiting-room";
import "./call-screen.css";

interface CallScreenProps {
  readonly store: CallStore;
  readonly inviteLink: string;
}

/** The call itself, and the way into it. */
export function CallScreen({ store, inviteLink }: CallScreenProps) {
  const state = useCall(store);
  useWakeLock();
  const { connection } = state;
  const isInside = connection.phase === "reconnecting" ? connection.isInside : connection.phase === "live";
  return isInside ? (
    <LiveCall state={state} store={store} inviteLink={inviteLink} />
  ) : (
    <WaitingRoom state={state} store={store} isInLobby={connection.phase !== "joining"} />
  );
}

function LiveCall({ state, store, inviteLink }: CallScreenProps & { readonly state: CallState }) {
  const [panel, setPanel] = useState<PanelName | null>(null);
  const [dialog, setDialog] = useState<"settings" | "help" | null>(null);
  const [trouble, setTrouble] = useState<Words | null>(null);
  const isLive = state.connection.phase === "live";
  const [notices, addNotice] = useCallNotices(state, panel === "chat");
  const unread = useUnread(state.chat, panel === "chat");
  const reactions = useReactions(store, state.people);
  const view = useStageView(state.people);
  const onRefused = useCallback(() => addNotice("A message was not sent: see the chat"), [addNotice]);
  const outgoing = useOutgoing(store.sendChat, onRefused);
  const playback = usePlayback();
  const [speaker, chooseSpeaker] = useSpeaker();
  const heading = useFocusOnEntry();
  useTitle(state.room.name, unread + state.lobby.length);

  const report = useCallback((kind: DeviceKind, result: SwitchResult) => {
    const words = troubleWords(kind, result);
    if (words !== null) setTrouble(words);
  }, []);
  const attempt = (action: Promise<void>) =>
    void action.catch((error: unknown) => addNotice(error instanceof Error ? error.message : "The server refused it."));
  const closePanel = useCallback(() => setPanel(null), []);
  const closeDialog = useCallback(() => setDialog(null), []);
  const me = state.people.find((person) => person.isLocal);

  return (
    <div className="call" data-panel={panel ?? "none"} data-testid="call-screen">
      <header className="call-header">
        <Mark />
        <h1 ref={heading} className="call-room" tabIndex={-1} data-testid="room-name">
          {state.room.name}
        </h1>
        {state.room.isLocked ? (
          <p className="call-locked" data-testid="room-locked">
            <LockIcon />
            <span>Locked</span>
          </p>
        ) : null}
        <InviteButton link={inviteLink} />
      </header>
      <main className="call-main">
        <ConnectionBanner connection={state.connection} onRetry={store.reconnectNow} />
        <PlaybackBanner isBlocked={playback.isBlocked} onAllow={playback.allow} />
        <div className="call-stage">
          <Stage people={state.people} view={view} inviteLink={inviteLink} />
          {panel === "people" ? null : (
            <Knock
              lobby={state.lobby}
              onAdmit={(sid) => attempt(store.admit(sid))}
              onRefuse={(sid) => attempt(store.refuse(sid))}
              onShowAll={() => setPanel("people")}
            />
          )}
          <RisingReactions shown={reactions} />
          <Toasts notices={notices} />
        </div>
        <AudioSink people={state.people} speaker={speaker} round={playback.round} onBlocked={playback.onBlocked} />
      </main>
      {panel === "chat" ? (
        <ChatPanel entries={state.chat} outgoing={outgoing} isConnected={isLive} onClose={closePanel} />
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
        layout={view.layout}
        store={store}
        onPanel={setPanel}
        onLayout={view.setLayout}
        onSettings={() => setDialog("settings")}
        onHelp={() => setDialog("help")}
        onResult={report}
        onTrouble={addNotice}
      />
      {dialog === "settings" ? (
        <SettingsDialog
          me={me}
          speaker={speaker}
          onSpeaker={chooseSpeaker}
          onOnlyByRelay={store.setOnlyByRelay}
          onChoose={(kind, deviceId) => void store.chooseDevice(kind, deviceId).then((result) => report(kind, result))}
          onClose={closeDialog}
        />
      ) : null}
      {dialog === "help" ? <HelpDialog onClose={closeDialog} /> : null}
      {trouble === null ? null : <DeviceDialog words={trouble} onClose={() => setTrouble(null)} />}
    </div>
  );
}

function troubleWords(kind: DeviceKind, result: SwitchResult): Words | null {
  if (result.ok) return null;
  // Closing the browser's picker is a decision, not a fault.
  if (kind === "screen" && (result.trouble === "denied" || result.trouble === "dismissed")) return null;
  return result.trouble === null
    ? { title: "The server did not allow it", detail: result.message, remedies: [] }
    : deviceWords(kind, result.trouble);
}

/** The button that led here is gone: the focus goes on at the top, where a screen reader says where one is. */
function useFocusOnEntry() {
  const ref = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (document.activeElement === document.body) ref.current?.focus();
  }, []);
  return ref;
}
