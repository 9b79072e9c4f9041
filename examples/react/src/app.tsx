import { useCallback, useState } from "react";

import { Call } from "./call.tsx";
import { fetchToken, SERVER } from "./token.ts";
import { useRoom } from "./use-room.ts";

export function App() {
  const [name, setName] = useState<string>();
  if (name !== undefined) {
    return <Joining name={name} onLeave={() => setName(undefined)} />;
  }
  return (
    <form action={(form) => setName(String(form.get("name")))}>
      <label>
        Your name <input name="name" required autoFocus />
      </label>
      <button>Join</button>
    </form>
  );
}

function Joining({ name, onLeave }: { name: string; onLeave: () => void }) {
  const getToken = useCallback(() => fetchToken("rehearsal", name), [name]);
  const { room, error } = useRoom(SERVER, getToken);
  if (error !== undefined) {
    return (
      <p role="alert">
        {error.message} <button onClick={onLeave}>Back</button>
      </p>
    );
  }
  return room === undefined ? <p role="status">Joining …</p> : <Call room={room} onLeave={onLeave} />;
}
