import { useId } from "react";
import { Button } from "../../components/button";
import { displayName, type Participant } from "../model/resources";
import { Who } from "./participants-table";

interface WaitingListProps {
  readonly waiting: readonly Participant[];
  readonly isBusy: boolean;
  onAdmit(person: Participant): void;
  onRefuse(person: Participant): void;
  onAdmitAll(): void;
}

/** Who waits to be let in. */
export function WaitingList({ waiting, isBusy, onAdmit, onRefuse, onAdmitAll }: WaitingListProps) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <div className="room-list-heading">
        <h3 id={id}>Waiting to be let in</h3>
        {waiting.length > 1 ? (
          <Button size="sm" disabled={isBusy} onClick={onAdmitAll} data-testid="admin-admit-all">
            Let all {waiting.length} in
          </Button>
        ) : null}
      </div>
      <ul className="room-list">
        {waiting.map((person) => (
          <li key={person.sid} data-testid="admin-waiting" data-identity={person.identity}>
            <Who person={person} />
            <Button
              size="sm"
              disabled={isBusy}
              aria-label={`Refuse ${displayName(person)}`}
              onClick={() => onRefuse(person)}
              data-testid="admin-refuse"
            >
              Refuse
            </Button>
            <Button
              size="sm"
              look="primary"
              disabled={isBusy}
              aria-label={`Let in ${displayName(person)}`}
              onClick={() => onAdmit(person)}
              data-testid="admin-admit"
            >
              Let in
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
