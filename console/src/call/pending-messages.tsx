import { Button } from "../components/button";
import type { PendingMessage } from "./chat-panel";

interface PendingMessagesProps {
  readonly messages: readonly PendingMessage[];
  readonly isConnected: boolean;
  onRetry(message: PendingMessage): void;
}

/** One's own messages that the server does not have yet, or did not take. */
export function PendingMessages({ messages, isConnected, onRetry }: PendingMessagesProps) {
  return messages.map((message) => (
    <section key={message.key} className="chat-group chat-group-own" data-testid="chat-pending">
      <p className="chat-message chat-message-pending">{message.text}</p>
      {message.refusal === null ? (
        <p className="chat-status">{isConnected ? "Sending…" : "Is sent when the connection is back"}</p>
      ) : (
        <p className="chat-status chat-status-refused" role="alert">
          Not sent. {message.refusal}{" "}
          <Button size="sm" onClick={() => onRetry(message)}>
            Try again
          </Button>
        </p>
      )}
    </section>
  ));
}
