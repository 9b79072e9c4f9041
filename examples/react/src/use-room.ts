import { Room, type RoomEvents, type TokenSource } from "@antiphon/client";
import { useEffect, useReducer, useState } from "react";

/** Joins while the component is there, and leaves with it. `getToken` has to stay the same function between renderings. */
export function useRoom(url: string, getToken: TokenSource): { room: Room | undefined; error: Error | undefined } {
  const [room, setRoom] = useState<Room>();
  const [error, setError] = useState<Error>();
  useEffect(() => {
    // Made here, because in StrictMode the effect runs twice: a room that is being left cannot be joined.
    const joining = new Room();
    const givingUp = new AbortController();
    joining.join(url, getToken, { signal: givingUp.signal }).then(
      () => setRoom(joining),
      (cause: Error) => givingUp.signal.aborted || setError(cause),
    );
    const forget = joining.on("disconnected", (_reason, message) => setError(new Error(message)));
    return () => {
      forget();
      givingUp.abort();
      void joining.leave();
      setRoom(undefined);
      setError(undefined);
    };
  }, [url, getToken]);
  return { room, error };
}

/** Renders again after each of these events, so that what is read from `room` is what is so. */
export function useRoomEvents(room: Room, ...events: (keyof RoomEvents)[]): void {
  const [, renderAgain] = useReducer((count: number) => count + 1, 0);
  const names = events.join();
  useEffect(() => {
    const forgets = (names.split(",") as (keyof RoomEvents)[]).map((name) => room.on(name, () => renderAgain()));
    // What happened between the rendering and now.
    renderAgain();
    return () => forgets.forEach((forget) => forget());
  }, [room, names]);
}
