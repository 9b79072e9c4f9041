import { useId } from "react";
import { Button } from "../../components/button";
import { useNow } from "../../hooks/use-now";
import { roughly } from "../model/durations";
import type { Ban } from "../model/resources";

interface BanListProps {
  readonly bans: readonly Ban[];
  readonly isBusy: boolean;
  onLift(ban: Ban): void;
}

/** Who may not come back, and for how long. */
export function BanList({ bans, isBusy, onLift }: BanListProps) {
  const now = useNow(true, 10_000);
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h3 id={id}>Banned</h3>
      <ul className="room-list">
        {bans.map((ban) => (
          <li key={ban.identity} data-testid="admin-ban" data-identity={ban.identity}>
            <span className="who-words">
              <span>{ban.identity}</span>
              <small>for another {roughly(ban.untilMs - now)}</small>
            </span>
            <Button
              size="sm"
              disabled={isBusy}
              aria-label={`Lift the ban of ${ban.identity}`}
              onClick={() => onLift(ban)}
              data-testid="admin-lift"
            >
              Lift
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
