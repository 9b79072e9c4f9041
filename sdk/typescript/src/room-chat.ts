import { ChatLog } from "./chat-log.js";
import type { Clock } from "./clock.js";
import { AntiphonError } from "./errors.js";
import type { ChatMessage } from "./models.js";
import { MAX_PENDING, type Ticket } from "./session/outbox.js";
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

/** An own message that is not in the chat yet. */
interface Outgoing {
  readonly text: string;
  readonly to: string | undefined;
  resolve(message: ChatMessage): void;
  reject(error: AntiphonError): void;
  /** Its frame; `undefined` while there is no session to send it in. */
  sent: Sent | undefined;
  /** What was known of the room when it went out. */
  seen: Seen;
  cancelTimer(): void;
}

/** A point in a room's chat. */
interface Seen {
  /** When the room was created: another room of the same name has another time. */
  readonly room: number;
  /** The newest message, milliseconds since the Unix epoch; 0: none. */
  readonly newest: number;
}

/** The chat of a room: every message exactly once, both ways, also when a session is lost in between. */
export class RoomChat {
  readonly #host: RoomChatHost;
  readonly #log = new ChatLog();
  /** In the order in which they were written. */
  readonly #outgoing = new Set<Outgoing>();
  /** The session was lost: what is written waits for the next, so that it stays behind what was written before. */
  #isLost = false;
  /** When the room was created, milliseconds since the Unix epoch. */
  #room = 0;
  /** Where the server's history began when it was read last; 0: it was empty. */
  #historyBegins = 0;

  constructor(host: RoomChatHost) {
    this.#host = host;
  }

  /** Oldest first. */
  get messages(): readonly ChatMessage[] {
    return this.#log.messages;
  }

  /** Writes a message, to the room or to one participant, and resolves with it once it is in the chat. */
  send(text: string, to: string | undefined): Promise<ChatMessage> {
    return new Promise((resolve, reject) => {
      const message = { text, to, resolve, reject, sent: undefined, seen: this.#seen, cancelTimer: () => {} };
      if (!this.#isLost) {
        this.#dispatch(message);
      } else if (this.#outgoing.size < MAX_PENDING) {
        this.#outgoing.add(message);
      } else {
        reject(new AntiphonError("buffer_full", "Too many messages wait for the connection. Send it again later."));
      }
    });
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
    this.#historyBegins = timeOf(history[0]);
    this.#log.merge(history);
  }

  /** The room's history replaces what was missed. */
  merge(history: readonly ChatMessage[]): void {
    this.#historyBegins = timeOf(history[0]);
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
    this.#isLost = true;
    for (const message of this.#outgoing) {
      message.cancelTimer();
      if (message.to !== undefined) {
        // What is for one participant is in no history: nobody knows whether it arrived.
        this.#settle(message, (own) => own.reject(unknownFate()));
      }
    }
  }

  /** A session is in the room, which was created at `room`, and the room's history is in the log. */
  entered(room: number): void {
    this.#isLost = false;
    this.#room = room;
    for (const message of this.#outgoing) {
      const ticket = message.sent?.ticket;
      // The room may have taken it before the session was lost: its history names sender and number.
      const taken = ticket === undefined ? undefined : this.#log.find(ticket.sid, ticket.seq);
      if (taken !== undefined) {
        this.#settle(message, (own) => own.resolve(taken));
      } else if (ticket === undefined || !ticket.isSent || this.#wouldKnow(message.seen, ticket)) {
        this.#dispatch(message);
      } else {
        this.#settle(message, (own) => own.reject(unknownFate()));
      }
    }
  }

  /** The room was left. What was said stays readable. */
  ended(error: AntiphonError): void {
    this.#isLost = false;
    for (const message of this.#outgoing) {
      this.#settle(message, (own) => own.reject(error));
    }
  }

  /** Another room begins. */
  clear(): void {
    this.#log.clear();
  }

  get #seen(): Seen {
    return { room: this.#room, newest: this.#log.newestOfRoom };
  }

  /**
   * Whether a message that was sent then would be in the history now, had the server come to it: the history is the same
   * room's, and reaches back. Where it has a later one of the same session, the message was refused.
   */
  #wouldKnow({ room, newest }: Seen, { sid, seq }: Ticket): boolean {
    return room === this.#room && (newest === 0 || this.#historyBegins <= newest) && seq > this.#log.lastSeqOf(sid);
  }

  #dispatch(message: Outgoing): void {
    message.seen = this.#seen;
    try {
      message.sent = this.#host.send(message.text, message.to);
    } catch (error) {
      this.#settle(message, (own) => own.reject(error as AntiphonError));
      return;
    }
    this.#outgoing.add(message);
    const { sent } = message;
    const isPresent = () => !this.#isLost && this.#outgoing.has(message) && message.sent === sent;
    sent.settled.then(
      (outcome) => {
        if (isPresent()) {
          message.cancelTimer = this.#host.clock.after(ECHO_PATIENCE_MS, () => this.#stayedAway(message, sent, outcome));
        }
      },
      (error: AntiphonError) => {
        if (isPresent()) {
          this.#settle(message, (own) => own.reject(error));
        }
      },
    );
  }

  #stayedAway(message: Outgoing, { ticket: { sid, seq } }: Sent, outcome: "accepted" | "settledUnseen"): void {
    if (outcome === "accepted") {
      const { identity, name } = this.#host.self();
      const { text, to } = message;
      this.received({ id: `${sid}-${seq}`, sid, identity, name, text, to, seq, sentAt: new Date() });
    } else {
      this.#settle(message, (own) =>
        own.reject(
          new AntiphonError(
            "timed_out",
            "It is not known what became of the message. Look for it in the chat, or send it again.",
          ),
        ),
      );
    }
  }

  #cameBack(message: ChatMessage): void {
    for (const own of this.#outgoing) {
      const ticket = own.sent?.ticket;
      if (message.seq !== 0 && ticket?.seq === message.seq && ticket.sid === message.sid) {
        this.#settle(own, ({ resolve }) => resolve(message));
      }
    }
  }

  #settle(message: Outgoing, how: (message: Outgoing) => void): void {
    message.cancelTimer();
    this.#outgoing.delete(message);
    how(message);
  }
}

function timeOf(message: ChatMessage | undefined): number {
  return message?.sentAt.getTime() ?? 0;
}

function unknownFate(): AntiphonError {
  return new AntiphonError(
    "resume_failed",
    "The session was lost before the message came back. Look for it in the chat, or send it again.",
  );
}
