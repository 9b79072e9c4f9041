import { useState } from "react";
import { Button } from "../components/button";
import { ConfirmDialog } from "../components/dialog";
import { DoorIcon, LockIcon, MicrophoneOffIcon } from "../components/icons";
import { Switch } from "../components/switch";
import { type CallState, isAudible } from "../model/call-state";
import type { CallStore } from "../session/call-store";
import type { Attempt } from "./people-panel";

interface HostControlsProps {
  readonly state: CallState;
  readonly store: CallStore;
  readonly attempt: Attempt;
}

/** What a moderator decides for the room. */
export function HostControls({ state: { room, people }, store, attempt }: HostControlsProps) {
  const [isAsking, setAsking] = useState(false);
  const audible = people.filter((person) => !person.isLocal && isAudible(person));

  return (
    <section className="host" aria-label="Host controls">
      <h3 className="people-heading">Host controls</h3>
      <Switch
        label="Lock the room"
        detail="Nobody new comes in."
        icon={<LockIcon />}
        isOn={room.isLocked}
        onChange={(isOn) => attempt(store.setLocked(isOn))}
        testId="lock-toggle"
      />
      <Switch
        label="Waiting room"
        detail="Newcomers wait until you let them in."
        icon={<DoorIcon />}
        isOn={room.hasLobby}
        onChange={(isOn) => attempt(store.setLobby(isOn))}
        testId="lobby-toggle"
      />
      <div className="host-actions">
        <Button
          size="sm"
          icon={<MicrophoneOffIcon />}
          disabled={audible.length === 0}
          onClick={() => attempt(Promise.all(audible.map(({ sid }) => store.muteMicrophoneOf(sid))))}
          data-testid="mute-all"
        >
          Mute everyone else
        </Button>
        <Button size="sm" look="danger" onClick={() => setAsking(true)} data-testid="end-for-all">
          End for everyone
        </Button>
      </div>
      {isAsking ? (
        <ConfirmDialog
          title="End the call for everyone?"
          detail="All leave the call at once, and the chat is gone."
          confirmWords="End the call"
          confirmTestId="end-confirm"
          testId="end-dialog"
          onConfirm={() => attempt(store.endForEveryone())}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </section>
  );
}
