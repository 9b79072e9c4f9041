import type { ChatMessage } from "./models.js";

/** Messages that are kept; the oldest go first. */
const KEPT = 1_000;

/** The chat as this client has seen it. */
export class ChatLog {
  #messages: readonly ChatMessage[] = [];

  /** Oldest first. A new array after each change. */
  get messages(): readonly ChatMessage[] {
    return this.#messages;
  }

  /** When the newest message to the room was sent, milliseconds since the Unix epoch; 0: there is none. */
  get newestOfRoom(): number {
    return this.#messages.findLast(({ to }) => to === undefined)?.sentAt.getTime() ?? 0;
  }

  /** The message that a sender sent under a number. */
  find(sid: string, seq: number): ChatMessage | undefined {
    return this.#messages.find((message) => message.sid === sid && message.seq === seq);
  }

  /** The highest number under which a sender sent a message to the room; 0: none. */
  lastSeqOf(sid: string): number {
    return this.#messages.findLast((message) => message.sid === sid && message.to === undefined)?.seq ?? 0;
  }

  /** Adds a message; says whether it is new. */
  add(message: ChatMessage): boolean {
    if (this.#messages.some((known) => isSame(known, message))) {
      return false;
    }
    this.#messages = [...this.#messages, message].slice(-KEPT);
    return true;
  }

  /** Takes a deleted message out. */
  delete(id: string): boolean {
    const kept = this.#messages.filter((message) => message.id !== id);
    const isKnown = kept.length < this.#messages.length;
    this.#messages = kept;
    return isKnown;
  }

  /**
   * Takes over the server's history after frames were lost: adds what is missing, and takes out what should be in it
   * and is not. What is older than the history, private, or of a room that began anew stays.
   */
  merge(history: readonly ChatMessage[]): { readonly added: ChatMessage[]; readonly deleted: ChatMessage[] } {
    const [oldest] = history;
    const deleted =
      oldest === undefined
        ? []
        : this.#messages.filter(
            (message) =>
              message.to === undefined &&
              message.sentAt >= oldest.sentAt &&
              !history.some((known) => isSame(known, message)),
          );
    const added = history.filter((message) => !this.#messages.some((known) => isSame(known, message)));
    this.#messages = [...this.#messages.filter((message) => !deleted.includes(message)), ...added]
      .sort((one, other) => one.sentAt.getTime() - other.sentAt.getTime())
      .slice(-KEPT);
    return { added, deleted };
  }

  /** Forgets everything. */
  clear(): void {
    this.#messages = [];
  }
}

function isSame(one: ChatMessage, other: ChatMessage): boolean {
  return one.id === other.id || (one.sid === other.sid && one.seq === other.seq && one.seq !== 0);
}
