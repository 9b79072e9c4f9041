import { Avatar } from "../components/avatar";
import { Button } from "../components/button";
import { HandIcon } from "../components/icons";
import type { Person } from "../model/call-state";

interface RaisedHandsProps {
  /** The longest waiting first. */
  readonly hands: readonly Person[];
  readonly mayLower: boolean;
  onLower(person: Person): void;
}

/** Whose turn it is to speak. */
export function RaisedHands({ hands, mayLower, onLower }: RaisedHandsProps) {
  return (
    <section aria-label="Raised hands">
      <h3 className="people-heading">
        <HandIcon />
        Raised hands
      </h3>
      <ol>
        {hands.map((person, index) => (
          <li key={person.sid} className="person" data-testid="raised-hand" data-sid={person.sid}>
            <span className="person-turn" aria-hidden="true">
              {index + 1}
            </span>
            <Avatar name={person.name} identity={person.identity} />
            <span className="person-name">{person.isLocal ? `${person.name} (you)` : person.name}</span>
            {mayLower || person.isLocal ? (
              <Button
                size="sm"
                aria-label={person.isLocal ? "Lower your hand" : `Lower the hand of ${person.name}`}
                onClick={() => onLower(person)}
                data-testid="lower-hand"
              >
                Lower
              </Button>
            ) : null}
          </li>
        ))}
      </ol>
    </section>
  );
}
