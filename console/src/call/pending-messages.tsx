import { Button } from "../components/button";
import type { Outgoing } from "../hooks/use-outgoing";

interface PendingMessagesProps {
  readonly outgoing: Outgoing;
  readonly isConnected: boolean;
}

/** One's own messages that the server does not have yet, or did not take. */
export function PendingMessages({ outgoing, isConnected }: PendingMessagesProps) {
  return outgoing.messages.map((message) => (
    <section key={message.key} className="chat-group chat-group-own" data-testid="chat-pending">
      <p className="chat-message chat-message-pending">{message.text}</p>
      {message.refusal === null ? (
        <p className="chat-status">{isConnected ? "Sending…" : "Is sent when the connection is back"}</p>
      ) : (
        <p className="chat-status chat-status-refused" role="alert">
          Not sent. {message.refusal}{" "}
          <Button size="sm" onClick={() => outgoing.retry(message)}>
            Try again
          </Button>
        </p>
      )}
    </section>
  ));
}
