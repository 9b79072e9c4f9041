import { useId } from "react";
import type { LogEntry } from "../model/log";

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });

interface EventLogProps {
  readonly entries: readonly LogEntry[];
  readonly isFollowing: boolean;
}

/** What happened in the room since one looks at it, the newest first. */
export function EventLog({ entries, isFollowing }: EventLogProps) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <div className="room-list-heading">
        <h3 id={id}>Events</h3>
        <p className="event-source" data-testid="event-source" data-live={isFollowing}>
          {isFollowing ? "as they happen" : "every two seconds"}
        </p>
      </div>
      {entries.length === 0 ? <p className="room-none">Nothing happened yet while you look.</p> : null}
      {/* Reachable by keyboard where it scrolls. */}
      <div className="event-log" role="log" aria-labelledby={id} tabIndex={entries.length === 0 ? undefined : 0} data-testid="event-log">
        <ol>
          {entries.map(({ key, atMs, kind, text }) => (
            <li key={key} data-kind={kind} data-testid="event">
              <time dateTime={new Date(atMs).toISOString()}>{TIME.format(atMs)}</time>
              <span>{text}</span>
            </li>
          ))}
        </ol>
      </div>
    </section>
  );
}
