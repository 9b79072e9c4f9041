import { Avatar } from "../components/avatar";
import type { Person } from "../model/call-state";
import "./overflow-tile.css";

const MOST_FACES = 3;

/** Stands for the people who have no tile of their own. */
export function OverflowTile({ people }: { people: readonly Person[] }) {
  return (
    <article className="overflow-tile" aria-label={`${people.length} more people`} data-testid="overflow-tile">
      <div className="overflow-faces">
        {people.slice(0, MOST_FACES).map((person) => (
          <Avatar key={person.sid} name={person.name} identity={person.identity} />
        ))}
      </div>
      <p>and {people.length} more</p>
    </article>
  );
}
