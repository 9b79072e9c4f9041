import { type FormEvent, useId, useState } from "react";
import { Button } from "../../components/button";

interface NoticeFormProps {
  readonly isBusy: boolean;
  onSend(text: string): void;
}

/** Bytes, not letters: what the server takes. A notice of this many letters always fits. */
const LONGEST = 1_000;

/** Writes into the room's chat, in the administrator's name. */
export function NoticeForm({ isBusy, onSend }: NoticeFormProps) {
  const [text, setText] = useState("");
  const id = useId();

  function submit(event: FormEvent) {
    event.preventDefault();
    if (text.trim() === "") return;
    onSend(text.trim());
    setText("");
  }

  return (
    <form className="notice-form" onSubmit={submit}>
      <label className="visually-hidden" htmlFor={id}>
        Notice to everyone in the room
      </label>
      <input
        id={id}
        value={text}
        maxLength={LONGEST}
        placeholder="Notice to everyone"
        autoComplete="off"
        onChange={(event) => setText(event.target.value)}
        data-testid="notice-input"
      />
      <Button type="submit" size="sm" disabled={isBusy || text.trim() === ""} data-testid="notice-send">
        Send
      </Button>
    </form>
  );
}
