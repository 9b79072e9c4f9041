import { Avatar } from "../components/avatar";
import { Button } from "../components/button";
import type { Person } from "../model/call-state";
import "./knock.css";

interface KnockProps {
  /** Who waits outside, the longest waiting first. */
  readonly lobby: readonly Person[];
  onAdmit(sid: string): void;
  onRefuse(sid: string): void;
  onShowAll(): void;
}

/** Tells a moderator that somebody waits to be let in, where it cannot be missed. */
export function Knock({ lobby, onAdmit, onRefuse, onShowAll }: KnockProps) {
  const [first, ...others] = lobby;
  if (first === undefined) return null;
  return (
    <section className="knock" aria-label="Somebody waits to be let in" data-testid="knock">
      <Avatar name={first.name} identity={first.identity} />
      <p>
        <strong>{first.name}</strong> wants to join
        {others.length === 0 ? null : (
          <button type="button" className="knock-others" onClick={onShowAll}>
            and {others.length} more
          </button>
        )}
      </p>
      <span className="knock-answers">
        <Button size="sm" onClick={() => onRefuse(first.sid)} data-testid="knock-refuse">
          Refuse
        </Button>
        <Button size="sm" look="primary" onClick={() => onAdmit(first.sid)} data-testid="knock-admit">
          Let in
        </Button>
      </span>
    </section>
  );
}
