import { type ReactNode, useId, useState } from "react";
import { Avatar } from "../../components/avatar";
import { Button } from "../../components/button";
import { ConfirmDialog } from "../../components/dialog";
import { CameraIcon, CameraOffIcon, MicrophoneIcon, MicrophoneOffIcon, ScreenIcon, SpeakerIcon } from "../../components/icons";
import { useNow } from "../../hooks/use-now";
import type { Kick } from "../api/admin-api";
import { roughly } from "../model/durations";
import { displayName, type Participant, type Track } from "../model/resources";

interface ParticipantsTableProps {
  readonly participants: readonly Participant[];
  readonly isBusy: boolean;
  onMute(person: Participant): void;
  onKick(person: Participant, how: Kick): void;
}

/** Who is in the room, how they are connected, and what they send. */
export function ParticipantsTable({ participants, isBusy, onMute, onKick }: ParticipantsTableProps) {
  const now = useNow(true, 10_000);
  const [leaving, setLeaving] = useState<Participant | null>(null);
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h3 id={id}>In the room</h3>
      {participants.length === 0 ? (
        <p className="room-none">Nobody.</p>
      ) : (
        <table className="people-table">
          <thead>
            <tr>
              <th scope="col">Who</th>
              <th scope="col">Connection</th>
              <th scope="col">Sends</th>
              <th scope="col" className="wide-only">
                Role
              </th>
              <th scope="col" className="wide-only">
                Here for
              </th>
              <th scope="col">
                <span className="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {participants.map((person) => (
              <tr key={person.sid} data-testid="admin-participant" data-sid={person.sid} data-identity={person.identity} data-state={person.state}>
                <th scope="row">
                  <Who person={person} />
                </th>
                <td>
                  <ConnectionState state={person.state} />
                </td>
                <td>
                  <Tracks tracks={person.tracks} />
                </td>
                <td className="wide-only">{person.role.toLowerCase()}</td>
                <td className="wide-only">{roughly(now - person.joinedAtMs)}</td>
                <td className="people-actions">
                  <div>
                  <Button
                    size="sm"
                    aria-label={`Mute ${displayName(person)}`}
                    disabled={isBusy || !isHeard(person)}
                    onClick={() => onMute(person)}
                    data-testid="admin-mute"
                  >
                    Mute
                  </Button>
                  <Button
                    size="sm"
                    aria-label={`Remove ${displayName(person)}`}
                    disabled={isBusy}
                    onClick={() => setLeaving(person)}
                    data-testid="admin-kick"
                  >
                    Remove
                  </Button>
                  </div>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {leaving === null ? null : (
        <KickDialog person={leaving} onKick={(how) => onKick(leaving, how)} onClose={() => setLeaving(null)} />
      )}
    </section>
  );
}

/** Name and identity, and the session, which logs and the REST API know somebody by. */
export function Who({ person }: { person: Participant }) {
  return (
    <span className="who">
      <Avatar name={displayName(person)} identity={person.identity} />
      <span className="who-words">
        <span>{displayName(person)}</span>
        <small>
          {person.name === "" ? null : <span>{person.identity}</span>}
          <code>{person.sid}</code>
        </small>
      </span>
    </span>
  );
}

const STATES: Record<Participant["state"], string> = {
  CONNECTED: "Connected",
  DISCONNECTED: "Reconnecting",
  WAITING: "Waiting",
};

function ConnectionState({ state }: Pick<Participant, "state">) {
  return (
    <span className="connection-state" data-state={state}>
      {STATES[state]}
    </span>
  );
}

const SENDS: Record<Track["source"], { readonly what: string; readonly on: ReactNode; readonly off: ReactNode }> = {
  MICROPHONE: { what: "Microphone", on: <MicrophoneIcon />, off: <MicrophoneOffIcon /> },
  CAMERA: { what: "Camera", on: <CameraIcon />, off: <CameraOffIcon /> },
  SCREEN_SHARE: { what: "Screen", on: <ScreenIcon />, off: <ScreenIcon /> },
  SCREEN_SHARE_AUDIO: { what: "Screen’s sound", on: <SpeakerIcon />, off: <SpeakerIcon /> },
};

function Tracks({ tracks }: Pick<Participant, "tracks">) {
  if (tracks.length === 0) return <span className="room-none">nothing</span>;
  return (
    <span className="tracks">
      {tracks.map(({ trackId, source, muted }) => (
        <span
          key={trackId}
          className="track"
          data-muted={muted}
          role="img"
          aria-label={`${SENDS[source].what}${muted ? ", muted" : ""}`}
          title={`${SENDS[source].what}${muted ? ", muted" : ""}`}
        >
          {muted ? SENDS[source].off : SENDS[source].on}
        </span>
      ))}
    </span>
  );
}

function isHeard({ tracks }: Participant): boolean {
  return tracks.some(({ kind, muted }) => kind === "AUDIO" && !muted);
}

interface KickDialogProps {
  readonly person: Participant;
  onKick(how: Kick): void;
  onClose(): void;
}

function KickDialog({ person, onKick, onClose }: KickDialogProps) {
  const [mayComeBack, setMayComeBack] = useState(false);
  const [reason, setReason] = useState("");
  const id = useId();
  return (
    <ConfirmDialog
      title={`Remove ${displayName(person)}?`}
      detail="Every session of this identity leaves the room at once."
      confirmWords="Remove"
      confirmTestId="admin-kick-confirm"
      testId="admin-kick-dialog"
      onConfirm={() => onKick({ reason: reason.trim(), mayComeBack })}
      onClose={onClose}
    >
      <div className="field">
        <label htmlFor={id}>Reason, told to them (optional)</label>
        <input id={id} value={reason} maxLength={200} onChange={(event) => setReason(event.target.value)} data-testid="admin-kick-reason" />
      </div>
      <label className="check">
        <input
          type="checkbox"
          checked={mayComeBack}
          onChange={(event) => setMayComeBack(event.target.checked)}
          data-testid="admin-kick-rejoin"
        />
        They may come back at once. Else they are banned from this room.
      </label>
    </ConfirmDialog>
  );
}
