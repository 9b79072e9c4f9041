import { ChatLog } from "./chat-log.js";
import type { Clock } from "./clock.js";
import { AntiphonError } from "./errors.js";
import type { ChatMessage } from "./models.js";
import type { Sent } from "./session/session.js";

/** A settled message comes back within so long; longer only if a connection breaks in between. */
const ECHO_PATIENCE_MS = 10_000;

/** What the chat needs of its room. */
export interface RoomChatHost {
  readonly clock: Clock;
  readonly send: (text: string, to: string | undefined) => Sent;
  /** This client, as the sender of a private message, which does not come back. */
  readonly self: () => Pick<ChatMessage, "sid" | "identity" | "name">;
  readonly onMessage: (message: ChatMessage) => void;
  readonly onDeleted: (id: string) => void;
}

interface Echo {
  resolve(message: ChatMessage): void;
  reject(error: AntiphonError): void;
}

interface Rejoining {
  resolve(): void;
  reject(error: AntiphonError): void;
}

/** The chat of a room: every message exactly once, both ways, also when a session is lost in between. */
export class RoomChat {
  readonly #host: RoomChatHost;
  readonly #log = new ChatLog();
  /** Own messages to the room that have not come back, by number. */
  readonly #echoes = new Map<number, Echo>();
  #rejoining: Rejoining[] = [];

  constructor(host: RoomChatHost) {
    this.#host = host;
  }

  /** Oldest first. */
  get messages(): readonly ChatMessage[] {
    return this.#log.messages;
  }

  /** Writes a message, to the room or to one participant, and resolves with it once it is in the chat. */
  async send(text: string, to: string | undefined): Promise<ChatMessage> {
    for (;;) {
      const sent = this.#host.send(text, to);
      try {
        return await (to === undefined ? this.#toRoom(sent, text) : this.#toOne(sent, text, to));
      } catch (error) {
        const isLost = error instanceof AntiphonError && error.code === "resume_failed";
        if (!isLost || to !== undefined) {
          throw error;
        }
        await new Promise<void>((resolve, reject) => this.#rejoining.push({ resolve, reject }));
        // The room may have taken it before the session was lost: its history names sender and number.
        const message = this.#log.find(sent.sid, sent.seq);
        if (message !== undefined) {
          return message;
        }
      }
    }
  }

  /** A message came. */
  received(message: ChatMessage): void {
    if (this.#log.add(message)) {
      this.#host.onMessage(message);
    }
    if (message.sid === this.#host.self().sid) {
      this.#echoes.get(message.seq)?.resolve(message);
    }
  }

  /** A message was deleted. */
  deleted(id: string): void {
    if (this.#log.delete(id)) {
      this.#host.onDeleted(id);
    }
  }

  /** Begins with the room's history, without telling of each message. */
  begin(history: readonly ChatMessage[]): void {
    this.#log.merge(history);
  }

  /** The room's history replaces what was missed. */
  merge(history: readonly ChatMessage[]): void {
    const { added, deleted } = this.#log.merge(history);
    for (const { id } of deleted) {
      this.#host.onDeleted(id);
    }
    const { sid } = this.#host.self();
    for (const message of added) {
      this.#host.onMessage(message);
      if (message.sid === sid) {
        this.#echoes.get(message.seq)?.resolve(message);
      }
    }
  }

  /** The session was lost: what has not come back is decided once there is another. */
  lost(): void {
    this.#rejectEchoes(new AntiphonError("resume_failed", "The session was lost before the message came back."));
  }

  /** There is another session, and its history was merged. */
  rejoined(): void {
    const rejoining = this.#rejoining;
    this.#rejoining = [];
    for (const { resolve } of rejoining) {
      resolve();
    }
  }

  /** The room was left. What was said stays readable. */
  ended(error: AntiphonError): void {
    this.#rejectEchoes(error);
    const rejoining = this.#rejoining;
    this.#rejoining = [];
    for (const { reject } of rejoining) {
      reject(error);
    }
  }

  /** Another room begins. */
  clear(): void {
    this.#log.clear();
  }

  async #toRoom(sent: Sent, text: string): Promise<ChatMessage> {
    const echo = new Promise<ChatMessage>((resolve, reject) => this.#echoes.set(sent.seq, { resolve, reject }));
    // Refused or lost before anybody waits for it.
    echo.catch(() => {});
    let cancelTimer = () => {};
    try {
      const outcome = await sent.settled;
      cancelTimer = this.#host.clock.after(ECHO_PATIENCE_MS, () => {
        if (outcome === "accepted") {
          this.received(this.#own(sent, text, undefined));
        } else {
          this.#echoes
            .get(sent.seq)
            ?.reject(
              new AntiphonError(
                "timed_out",
                "It is not known what became of the message. Look for it in the chat, or send it again.",
              ),
            );
        }
      });
      return await echo;
    } finally {
      cancelTimer();
      this.#echoes.delete(sent.seq);
    }
  }

  async #toOne(sent: Sent, text: string, to: string): Promise<ChatMessage> {
    await sent.settled;
    const own = this.#log.find(sent.sid, sent.seq);
    if (own !== undefined) {
      return own;
    }
    const message = this.#own(sent, text, to);
    this.received(message);
    return message;
  }

  #own({ sid, seq }: Sent, text: string, to: string | undefined): ChatMessage {
    const { identity, name } = this.#host.self();
    return { id: `${sid}/${seq}`, sid, identity, name, text, to, seq, sentAt: new Date() };
  }

  #rejectEchoes(error: AntiphonError): void {
    for (const { reject } of this.#echoes.values()) {
      reject(error);
    }
    this.#echoes.clear();
  }
}
