import { Avatar } from "../components/avatar";
import { Button } from "../components/button";
import type { Person } from "../model/call-state";
import type { CallStore } from "../session/call-store";
import type { Attempt } from "./people-panel";

interface LobbyProps {
  readonly waiting: readonly Person[];
  readonly store: CallStore;
  readonly attempt: Attempt;
}

/** Who waits to be let in, for moderators. */
export function Lobby({ waiting, store, attempt }: LobbyProps) {
  return (
    <section aria-label="Waiting to be let in">
      <div className="people-heading-row">
        <h3 className="people-heading">Waiting to be let in</h3>
        {waiting.length > 1 ? (
          <Button
            size="sm"
            onClick={() => attempt(Promise.all(waiting.map(({ sid }) => store.admit(sid))))}
            data-testid="admit-all"
          >
            Let all {waiting.length} in
          </Button>
        ) : null}
      </div>
      <ul>
        {waiting.map((person) => (
          <li key={person.sid} className="person" data-testid="waiting-person" data-sid={person.sid}>
            <Avatar name={person.name} identity={person.identity} />
            <span className="person-name">{person.name}</span>
            <Button
              size="sm"
              aria-label={`Refuse ${person.name}`}
              onClick={() => attempt(store.refuse(person.sid))}
              data-testid="refuse-button"
            >
              Refuse
            </Button>
            <Button
              size="sm"
              look="primary"
              aria-label={`Let in ${person.name}`}
              onClick={() => attempt(store.admit(person.sid))}
              data-testid="admit-button"
            >
              Let in
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
