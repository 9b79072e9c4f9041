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
  /** This client, as the sender of a message that did not come back. */
  readonly self: () => Pick<ChatMessage, "sid" | "identity" | "name">;
  readonly onMessage: (message: ChatMessage) => void;
  readonly onDeleted: (id: string) => void;
}

/** An own message that has not come back. */
interface Echo {
  readonly sent: Sent;
  resolve(message: ChatMessage): void;
  reject(error: AntiphonError): void;
}

/** Waits until a session other than `sid` is in the room. */
interface Rejoining {
  readonly sid: string;
  resolve(): void;
  reject(error: AntiphonError): void;
}

/** The chat of a room: every message exactly once, both ways, also when a session is lost in between. */
export class RoomChat {
  readonly #host: RoomChatHost;
  readonly #log = new ChatLog();
  readonly #echoes = new Set<Echo>();
  readonly #rejoining = new Set<Rejoining>();
  /** The session that is in the room, whose history is in the log; empty while there is none. */
  #sid = "";
  /** Goes up each time that the room is left: what was sent before belongs to no later stay. */
  #stay = 0;

  constructor(host: RoomChatHost) {
    this.#host = host;
  }

  /** Oldest first. */
  get messages(): readonly ChatMessage[] {
    return this.#log.messages;
  }

  /** Writes a message, to the room or to one participant, and resolves with it once it is in the chat. */
  async send(text: string, to: string | undefined): Promise<ChatMessage> {
    const stay = this.#stay;
    for (;;) {
      const sent = this.#host.send(text, to);
      try {
        return await this.#comesBack(sent, text, to);
      } catch (error) {
        const isLost = error instanceof AntiphonError && error.code === "resume_failed";
        // What is for one participant is in no history: nobody knows whether it arrived.
        if (!isLost || to !== undefined) {
          throw error;
        }
        await this.#inAnotherSession(sent.ticket.sid, stay);
        // The room may have taken it before the session was lost: its history names sender and number.
        const message = this.#log.find(sent.ticket.sid, sent.ticket.seq);
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
    this.#cameBack(message);
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
    for (const message of added) {
      this.#host.onMessage(message);
      this.#cameBack(message);
    }
  }

  /** The session was lost: what has not come back is decided once there is another. */
  lost(): void {
    this.#sid = "";
    this.#rejectAll(
      this.#echoes,
      new AntiphonError("resume_failed", "The session was lost before the message came back."),
    );
  }

  /** Session `sid` is in the room, and the room's history is in the log. */
  entered(sid: string): void {
    this.#sid = sid;
    for (const rejoining of this.#rejoining) {
      if (rejoining.sid !== sid) {
        this.#rejoining.delete(rejoining);
        rejoining.resolve();
      }
    }
  }

  /** The room was left. What was said stays readable. */
  ended(error: AntiphonError): void {
    this.#sid = "";
    this.#stay += 1;
    this.#rejectAll(this.#echoes, error);
    this.#rejectAll(this.#rejoining, error);
  }

  /** Another room begins. */
  clear(): void {
    this.#log.clear();
  }

  #comesBack(sent: Sent, text: string, to: string | undefined): Promise<ChatMessage> {
    let cancelTimer = () => {};
    let echo: Echo | undefined;
    return new Promise<ChatMessage>((resolve, reject) => {
      const waiting = (echo = { sent, resolve, reject });
      this.#echoes.add(waiting);
      sent.settled.then((outcome) => {
        if (this.#echoes.has(waiting)) {
          cancelTimer = this.#host.clock.after(ECHO_PATIENCE_MS, () => this.#stayedAway(waiting, outcome, text, to));
        }
      }, reject);
    }).finally(() => {
      cancelTimer();
      if (echo !== undefined) {
        this.#echoes.delete(echo);
      }
    });
  }

  #stayedAway(echo: Echo, outcome: "accepted" | "settledUnseen", text: string, to: string | undefined): void {
    if (outcome === "accepted") {
      const { sid, seq } = echo.sent.ticket;
      const { identity, name } = this.#host.self();
      this.received({ id: `${sid}-${seq}`, sid, identity, name, text, to, seq, sentAt: new Date() });
    } else {
      echo.reject(
        new AntiphonError(
          "timed_out",
          "It is not known what became of the message. Look for it in the chat, or send it again.",
        ),
      );
    }
  }

  #cameBack(message: ChatMessage): void {
    for (const { sent, resolve } of this.#echoes) {
      if (message.seq !== 0 && sent.ticket.seq === message.seq && sent.ticket.sid === message.sid) {
        resolve(message);
      }
    }
  }

  #inAnotherSession(sid: string, stay: number): Promise<void> {
    if (stay !== this.#stay) {
      return Promise.reject(new AntiphonError("disconnected", "The room was left before the message was delivered."));
    }
    if (this.#sid !== "" && this.#sid !== sid) {
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => this.#rejoining.add({ sid, resolve, reject }));
  }

  #rejectAll(waiting: Set<Echo> | Set<Rejoining>, error: AntiphonError): void {
    for (const { reject } of waiting) {
      reject(error);
    }
    waiting.clear();
  }
}
