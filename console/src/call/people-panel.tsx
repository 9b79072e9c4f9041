import { usePaths } from "../hooks/use-paths";
import type { CallState } from "../model/call-state";
import { handQueue } from "../model/hand";
import type { CallStore } from "../session/call-store";
import { HostControls } from "./host-controls";
import { InviteLink } from "./invite";
import { Panel } from "./panel";
import { PersonRow } from "./person-row";
import { RaisedHands } from "./raised-hands";
import { Lobby } from "./lobby";
import "./people-panel.css";

interface PeoplePanelProps {
  readonly state: CallState;
  readonly inviteLink: string;
  readonly store: CallStore;
  onClose(): void;
  /** Says that something was refused. */
  onTrouble(text: string): void;
}

/** Who is in the call, who waits outside, whose hand is up; and what a moderator may do about it. */
export function PeoplePanel({ state, inviteLink, store, onClose, onTrouble }: PeoplePanelProps) {
  const paths = usePaths(store);
  const mayModerate = state.people.some((person) => person.isLocal && person.isModerator);
  const hands = handQueue(state.people);
  const attempt = (action: Promise<unknown>) =>
    void action.catch((error: unknown) => onTrouble(error instanceof Error ? error.message : "The server refused it."));

  return (
    <Panel title={`People (${state.people.length})`} testId="people-panel" onClose={onClose}>
      <div className="people" tabIndex={0} role="region" aria-label="People and invitation">
        <InviteLink link={inviteLink} />
        {state.lobby.length === 0 ? null : <Lobby waiting={state.lobby} store={store} attempt={attempt} />}
        {hands.length === 0 ? null : (
          <RaisedHands
            hands={hands}
            mayLower={mayModerate}
            onLower={(person) => attempt(person.isLocal ? store.setHand(false) : store.lowerHandOf(person.sid))}
          />
        )}
        <section aria-label="In the call">
          <h3 className="people-heading">In the call</h3>
          <ul>
            {state.people.map((person) => (
              <PersonRow
                key={person.sid}
                person={person}
                path={paths.get(person.sid) ?? null}
                mayModerate={mayModerate && !person.isLocal}
                onMute={() => attempt(store.muteMicrophoneOf(person.sid))}
                onKick={() => attempt(store.kick(person.sid))}
              />
            ))}
          </ul>
        </section>
        {mayModerate ? <HostControls state={state} store={store} attempt={attempt} /> : null}
      </div>
    </Panel>
  );
}

/** Does something that the server may refuse, and says so if it does. */
export type Attempt = (action: Promise<unknown>) => void;

