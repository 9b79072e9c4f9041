import { useState } from "react";
import { Avatar } from "../components/avatar";
import { Button, IconButton } from "../components/button";
import { CameraIcon, CameraOffIcon, MicrophoneIcon, MicrophoneOffIcon, RemoveIcon } from "../components/icons";
import { type CallState, isAudible, type Person } from "../model/call-state";
import type { CallStore } from "../session/call-store";
import { InviteLink } from "./invite";
import { Panel } from "./panel";
import "./people-panel.css";

interface PeoplePanelProps {
  readonly state: CallState;
  readonly inviteLink: string;
  readonly store: CallStore;
  onClose(): void;
  /** Says that something was refused. */
  onTrouble(text: string): void;
}

/** Who is in the call, who waits outside, and the invitation. */
export function PeoplePanel({ state, inviteLink, store, onClose, onTrouble }: PeoplePanelProps) {
  const mayModerate = state.people.some((person) => person.isLocal && person.isModerator);
  const attempt = (action: Promise<void>) =>
    void action.catch((error: unknown) => onTrouble(error instanceof Error ? error.message : "The server refused it."));

  return (
    <Panel title={`People (${state.people.length})`} testId="people-panel" onClose={onClose}>
      <div className="people">
        <InviteLink link={inviteLink} />
        {state.lobby.length > 0 ? (
          <section aria-label="Waiting to be let in">
            <h3 className="people-heading">Waiting to be let in</h3>
            <ul>
              {state.lobby.map((person) => (
                <li key={person.sid} className="person" data-testid="waiting-person" data-sid={person.sid}>
                  <Avatar name={person.name} identity={person.identity} />
                  <span className="person-name">{person.name}</span>
                  <Button
                    size="sm"
                    look="primary"
                    onClick={() => attempt(store.admit(person.sid))}
                    data-testid="admit-button"
                  >
                    Let in
                  </Button>
                  <Button size="sm" onClick={() => attempt(store.refuse(person.sid))} data-testid="refuse-button">
                    Refuse
                  </Button>
                </li>
              ))}
            </ul>
          </section>
        ) : null}
        <ul aria-label="In the call">
          {state.people.map((person) => (
            <PersonRow
              key={person.sid}
              person={person}
              mayModerate={mayModerate && !person.isLocal}
              onMute={() => attempt(store.muteMicrophoneOf(person.sid))}
              onKick={() => attempt(store.kick(person.sid))}
            />
          ))}
        </ul>
      </div>
    </Panel>
  );
}

interface PersonRowProps {
  readonly person: Person;
  readonly mayModerate: boolean;
  onMute(): void;
  onKick(): void;
}

function PersonRow({ person, mayModerate, onMute, onKick }: PersonRowProps) {
  const [isAsking, setAsking] = useState(false);
  const audible = isAudible(person);
  const cameraOn = person.camera !== null && !person.camera.muted;

  return (
    <li className="person" data-testid="person" data-sid={person.sid} data-identity={person.identity}>
      <Avatar name={person.name} identity={person.identity} />
      <span className="person-name">
        {person.isLocal ? `${person.name} (you)` : person.name}
        <small>{subtitle(person)}</small>
      </span>
      {isAsking ? (
        <span className="person-confirm">
          <Button size="sm" look="danger" autoFocus onClick={onKick} data-testid="kick-confirm">
            Remove
          </Button>
          <Button size="sm" onClick={() => setAsking(false)}>
            Keep
          </Button>
        </span>
      ) : (
        <span className="person-state">
          {mayModerate && audible ? (
            <IconButton
              look="bare"
              label={`Mute ${person.name}`}
              icon={<MicrophoneIcon />}
              onClick={onMute}
              data-testid="mute-button"
            />
          ) : (
            <State isOn={audible} on={<MicrophoneIcon />} off={<MicrophoneOffIcon />} what="Microphone" />
          )}
          <State isOn={cameraOn} on={<CameraIcon />} off={<CameraOffIcon />} what="Camera" />
          {mayModerate ? (
            <IconButton
              look="bare"
              label={`Remove ${person.name} from the call`}
              icon={<RemoveIcon />}
              onClick={() => setAsking(true)}
              data-testid="kick-button"
            />
          ) : null}
        </span>
      )}
    </li>
  );
}

function State({ isOn, on, off, what }: { isOn: boolean; on: React.ReactNode; off: React.ReactNode; what: string }) {
  return (
    <span className="person-icon" data-on={isOn} role="img" aria-label={`${what} ${isOn ? "on" : "off"}`}>
      {isOn ? on : off}
    </span>
  );
}

function subtitle(person: Person): string {
  if (!person.isConnected) return "Reconnecting…";
  return person.isModerator ? "Moderator" : "";
}
