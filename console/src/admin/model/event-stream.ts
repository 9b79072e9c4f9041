/** A message of an event stream. */
export interface StreamMessage {
  /** The stream's last id; goes into `Last-Event-ID` when the stream is opened again. */
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/** More than this in one message is no message of ours. Characters. */
const LONGEST_MESSAGE = 1_000_000;

/**
 * Reads `text/event-stream` (HTML, "Server-sent events", "Interpreting an event stream") from pieces of text that are cut anywhere.
 * `EventSource` would do, but sends no `Authorization`.
 */
export class EventStreamReader {
  #rest = "";
  #isFirst = true;
  #id: string;
  #event = "";
  #data: string[] = [];
  #length = 0;

  /** @param lastId of the stream that this one continues */
  constructor(lastId = "") {
    this.#id = lastId;
  }

  /** Of the last message, or of a stream that this one continues. */
  get lastId(): string {
    return this.#id;
  }

  /** The messages that are whole by now. Throws where one is too long to be kept. */
  read(text: string): StreamMessage[] {
    this.#rest += this.#isFirst ? text.replace(/^\uFEFF/u, "") : text;
    if (text !== "") this.#isFirst = false;
    const messages: StreamMessage[] = [];
    // A carriage return at the end may be half of a line's end.
    const whole = /[^\r\n]*(?:\r\n|\n|\r(?!$))/gy;
    let taken = 0;
    for (let match = whole.exec(this.#rest); match !== null; match = whole.exec(this.#rest)) {
      taken = whole.lastIndex;
      const message = this.#readLine(match[0].replace(/[\r\n]+$/u, ""));
      if (message !== null) messages.push(message);
    }
    this.#rest = this.#rest.slice(taken);
    if (this.#rest.length + this.#length > LONGEST_MESSAGE) throw new Error("the event stream has a message without end");
    return messages;
  }

  #readLine(line: string): StreamMessage | null {
    if (line === "") return this.#finish();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /u, "");
    if (field === "data") {
      this.#data.push(value);
      this.#length += value.length;
    } else if (field === "event") {
      this.#event = value;
    } else if (field === "id" && !value.includes("\0")) {
      this.#id = value;
    }
    return null;
  }

  #finish(): StreamMessage | null {
    const message =
      this.#data.length === 0
        ? null
        : { id: this.#id, event: this.#event === "" ? "message" : this.#event, data: this.#data.join("\n") };
    this.#event = "";
    this.#data = [];
    this.#length = 0;
    return message;
  }
}
