import { useId } from "react";
import type { LogEntry } from "../model/log";
import type { LogSource } from "../model/room-view";

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });

const SOURCES: Record<LogSource, string> = {
  stream: "as they happen",
  brokenStream: "interrupted: what is missed follows",
  asking: "every two seconds",
};

interface EventLogProps {
  readonly entries: readonly LogEntry[];
  readonly source: LogSource;
}

/** What happened in the room since one looks at it, the newest first. */
export function EventLog({ entries, source }: EventLogProps) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <div className="room-list-heading">
        <h3 id={id}>Events</h3>
        <p className="event-source" data-testid="event-source" data-source={source}>
          {SOURCES[source]}
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
