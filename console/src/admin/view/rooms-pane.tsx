import { useDeferredValue, useEffect, useId, useState } from "react";
import { Button } from "../../components/button";
import { LockIcon } from "../../components/icons";
import type { AdminApi } from "../api/admin-api";
import { useRooms } from "../hooks/use-rooms";
import type { ListedRoom } from "../model/resources";
import { ProblemCallout } from "./problem-callout";
import "../../components/field.css";
import "./rooms-pane.css";

interface RoomsPaneProps {
  readonly api: AdminApi;
  readonly chosen: string | null;
  onChoose(room: string): void;
  onTokenProblem(reason: string): void;
}

/** Pages that a search looks through: a thousand rooms. */
const SEARCHED_PAGES = 10;

/** The rooms, as they come and go. */
export function RoomsPane({ api, chosen, onChoose, onTokenProblem }: RoomsPaneProps) {
  const [pages, setPages] = useState(1);
  const [text, setText] = useState("");
  const wanted = useDeferredValue(text.trim().toLowerCase());
  const { value, problem } = useRooms(api, wanted === "" ? pages : Math.max(pages, SEARCHED_PAGES));
  const id = useId();
  useEffect(() => {
    if (problem?.isAboutToken) onTokenProblem(problem.message);
  }, [problem, onTokenProblem]);

  const rooms = (value?.items ?? []).filter(({ name }) => name.toLowerCase().includes(wanted));
  const people = rooms.reduce((sum, room) => sum + room.participantCount, 0);
  const hasMore = value?.hasMore === true;

  return (
    <section className="rooms" aria-labelledby={`${id}-heading`} data-testid="rooms-pane">
      <div className="rooms-heading">
        <h2 id={`${id}-heading`}>Rooms</h2>
        {value === null ? null : (
          <p role="status" data-testid="rooms-count">
            {rooms.length}
            {hasMore ? "+" : ""} {rooms.length === 1 ? "room" : "rooms"}, {people} {people === 1 ? "person" : "people"}
          </p>
        )}
      </div>
      <div className="field">
        <label htmlFor={id}>Search</label>
        <input
          id={id}
          type="search"
          value={text}
          onChange={(event) => setText(event.target.value)}
          placeholder="Part of a name"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          data-testid="room-search"
        />
      </div>
      {problem === null ? null : <ProblemCallout problem={problem} title="The rooms cannot be read" />}
      {value === null ? null : (
        <>
          {rooms.length === 0 ? (
            <p className="rooms-none">{wanted === "" ? "No rooms are open." : "No room has this in its name."}</p>
          ) : (
            <ul className="rooms-list">
              {rooms.map((room) => (
                <RoomRow key={room.name} room={room} isChosen={room.name === chosen} onChoose={onChoose} />
              ))}
            </ul>
          )}
          {hasMore ? (
            <More
              wanted={text.trim()}
              onMore={() => setPages((now) => Math.max(now, wanted === "" ? now : SEARCHED_PAGES) + 1)}
              onOpen={onChoose}
            />
          ) : null}
        </>
      )}
    </section>
  );
}

interface RoomRowProps {
  readonly room: ListedRoom;
  readonly isChosen: boolean;
  onChoose(room: string): void;
}

function RoomRow({ room, isChosen, onChoose }: RoomRowProps) {
  return (
    <li>
      <button
        type="button"
        className="room-row"
        aria-current={isChosen ? "true" : undefined}
        onClick={() => onChoose(room.name)}
        data-testid="room-row"
        data-room={room.name}
      >
        <span className="room-row-name">{room.name}</span>
        {room.locked ? (
          <span className="room-row-flag" role="img" aria-label="locked">
            <LockIcon />
          </span>
        ) : null}
        {room.waitingCount > 0 ? <span className="room-row-waiting">{room.waitingCount} waiting</span> : null}
        <span className="room-row-count">
          {room.participantCount}
          <span className="visually-hidden"> in the room</span>
        </span>
      </button>
    </li>
  );
}

interface MoreProps {
  readonly wanted: string;
  onMore(): void;
  onOpen(room: string): void;
}

/** There are more rooms than were read. */
function More({ wanted, onMore, onOpen }: MoreProps) {
  return (
    <div className="rooms-more">
      {wanted === "" ? null : (
        <>
          <p>Not every room was searched.</p>
          <Button size="sm" onClick={() => onOpen(wanted)} data-testid="open-exact">
            Open the room “{wanted}”
          </Button>
        </>
      )}
      <Button size="sm" onClick={onMore} data-testid="more-rooms">
        {wanted === "" ? "Show more" : "Search on"}
      </Button>
    </div>
  );
}
