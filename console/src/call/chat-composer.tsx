import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { IconButton } from "../components/button";
import { SendIcon } from "../components/icons";
import "./chat-composer.css";

/** Beyond this it is a document, not a message. The server counts bytes and has the last word. */
const MAX_LENGTH = 4_000;

/** Where a message is written. Enter sends, Shift+Enter makes a line. */
export function ChatComposer({ onSend }: { onSend(text: string): void }) {
  const [text, setText] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);

  useEffect(() => field.current?.focus(), []);

  function send() {
    const message = text.trim();
    if (message === "") return;
    onSend(message);
    setText("");
    field.current?.focus();
  }

  function onKeyDown(event: KeyboardEvent) {
    // While an input method composes, Enter chooses a word.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  }

  return (
    <form
      className="chat-composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={field}
        value={text}
        rows={1}
        maxLength={MAX_LENGTH}
        placeholder="Write a message"
        aria-label="Message"
        enterKeyHint="send"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        data-testid="chat-input"
      />
      <IconButton
        type="submit"
        label="Send"
        look={text.trim() === "" ? "bare" : "active"}
        icon={<SendIcon />}
        disabled={text.trim() === ""}
        data-testid="chat-send"
      />
    </form>
  );
}
