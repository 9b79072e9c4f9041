import type { Room } from "@antiphon/client";
import { useState } from "react";

import { useRoomEvents } from "./use-room.ts";

export function Chat({ room }: { room: Room }) {
  useRoomEvents(room, "chat", "chatDeleted");
  const [refusal, setRefusal] = useState<string>();
  const send = async (form: FormData) => {
    try {
      await room.sendChat(String(form.get("text")));
      setRefusal(undefined);
    } catch (error) {
      setRefusal((error as Error).message);
    }
  };
  return (
    <section aria-label="Chat">
      <ul>
        {room.chat.map(({ id, name, text }) => (
          <li key={id}>
            <b>{name}</b> {text}
          </li>
        ))}
      </ul>
      <form action={send}>
        <input name="text" required aria-label="Message" autoComplete="off" />
        <button>Send</button>
        {refusal !== undefined && <span role="alert">{refusal}</span>}
      </form>
    </section>
  );
}
