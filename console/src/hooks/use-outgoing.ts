import { useCallback, useRef, useState } from "react";

/** A chat message on its way. */
export interface OutgoingMessage {
  readonly key: number;
  readonly text: string;
  /** Why it was refused; null while it is on its way. */
  readonly refusal: string | null;
}

/** One's own messages that the server does not have yet, or did not take. */
export interface Outgoing {
  readonly messages: readonly OutgoingMessage[];
  send(text: string): void;
  retry(message: OutgoingMessage): void;
}

/** Sends chat messages and keeps each in sight until it is settled. `onRefused` is told at once. */
export function useOutgoing(sendChat: (text: string) => Promise<void>, onRefused: () => void): Outgoing {
  const [messages, setMessages] = useState<readonly OutgoingMessage[]>([]);
  const nextKey = useRef(0);

  const send = useCallback(
    (text: string) => {
      const key = nextKey.current++;
      setMessages((now) => [...now, { key, text, refusal: null }]);
      sendChat(text).then(
        () => setMessages((now) => now.filter((message) => message.key !== key)),
        (error: unknown) => {
          const refusal = error instanceof Error && error.message !== "" ? error.message : "The server refused it.";
          setMessages((now) => now.map((message) => (message.key === key ? { ...message, refusal } : message)));
          onRefused();
        },
      );
    },
    [sendChat, onRefused],
  );

  const retry = useCallback(
    (message: OutgoingMessage) => {
      setMessages((now) => now.filter((other) => other.key !== message.key));
      send(message.text);
    },
    [send],
  );

  return { messages, send, retry };
}
