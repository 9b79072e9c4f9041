import { useEffect, useRef } from "react";
import { Avatar } from "../components/avatar";
import { Button, IconButton } from "../components/button";
import { CameraIcon, CameraOffIcon, MicrophoneIcon, MicrophoneOffIcon } from "../components/icons";
import { LevelMeter } from "../components/level-meter";
import { Mark } from "../components/mark";
import { Video } from "../components/video";
import { type CallState, isAudible, isVisible } from "../model/call-state";
import type { CallStore } from "../session/call-store";
import { ConnectionBanner } from "./connection-banner";
import "./waiting-room.css";

interface WaitingRoomProps {
  readonly state: CallState;
  readonly store: CallStore;
  readonly isInLobby: boolean;
}

/** Between the pre-join screen and the call: connecting, or waiting to be let in. */
export function WaitingRoom({ state, store, isInLobby }: WaitingRoomProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { name } = state.room;
  useEffect(() => {
    if (document.activeElement === document.body) heading.current?.focus();
  }, []);

  return (
    <main className="waiting" data-testid={isInLobby ? "lobby-screen" : "joining-screen"}>
      <ConnectionBanner connection={state.connection} onRetry={store.reconnectNow} />
      <div className="waiting-mark">
        <Mark />
      </div>
      <div className="waiting-words" role="status">
        <h1 ref={heading} tabIndex={-1}>
          {isInLobby ? "Waiting to be let in" : `Joining ${name}…`}
        </h1>
        {isInLobby ? (
          <p>
            Somebody in <strong>{name}</strong> has to let you in. Keep this page open: the call starts by itself.
          </p>
        ) : null}
      </div>
      {isInLobby ? <Mirror state={state} store={store} /> : null}
      <Button onClick={store.leave} data-testid="leave-button">
        {isInLobby ? "Leave" : "Cancel"}
      </Button>
    </main>
  );
}

/** What the others will see and hear once one is in. Nobody does yet. */
function Mirror({ state, store }: Pick<WaitingRoomProps, "state" | "store">) {
  const me = state.people.find((person) => person.isLocal);
  if (me === undefined) return null;
  const audible = isAudible(me);
  const visible = isVisible(me);
  const picture = visible ? (me.camera?.media ?? null) : null;
  return (
    <section className="waiting-mirror" aria-label="Your camera and microphone">
      <div className="waiting-picture">
        {picture === null ? (
          <Avatar name={me.name} identity={me.identity} size="lg" />
        ) : (
          <Video className="waiting-video" track={picture} label="Your camera" />
        )}
      </div>
      <LevelMeter track={audible ? (me.microphone?.media ?? null) : null} />
      <div className="waiting-toggles">
        <IconButton
          label={audible ? "Turn microphone off" : "Turn microphone on"}
          icon={audible ? <MicrophoneIcon /> : <MicrophoneOffIcon />}
          look={audible ? "plain" : "off"}
          onClick={() => void store.setMicrophone(!audible)}
          data-testid="mic-toggle"
          data-on={audible}
        />
        <IconButton
          label={visible ? "Turn camera off" : "Turn camera on"}
          icon={visible ? <CameraIcon /> : <CameraOffIcon />}
          look={visible ? "plain" : "off"}
          onClick={() => void store.setCamera(!visible)}
          data-testid="camera-toggle"
          data-on={visible}
        />
      </div>
    </section>
  );
}
