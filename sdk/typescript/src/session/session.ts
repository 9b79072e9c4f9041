import { AntiphonError, JoinError } from "../errors.js";
import type { Clock } from "../clock.js";
import type { Logger } from "../logger.js";
import { type Format, decodeServer, encodeClient, encodedBytes, subprotocol } from "./codec.js";
import type { Outcome, SessionEvent } from "./commands.js";
import type { ClientKind, OutgoingFrame, ServerKind } from "./frames.js";
import type { Ticket } from "./outbox.js";
import { SessionCore } from "./session-core.js";
import type { ReconnectPolicy } from "./reconnect-policy.js";
import { type WebSocketFactory, type WebSocketLike, connectUrl } from "./socket.js";
import type { TokenHolder } from "./token.js";

/** What a session needs from outside. */
export interface SessionOptions {
  readonly url: string;
  readonly token: TokenHolder;
  readonly format: Format;
  readonly policy: ReconnectPolicy;
  readonly webSocket: WebSocketFactory;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly greeting: () => ClientKind & { case: "join" };
  readonly onEvent: (event: SessionEvent) => void;
  readonly onFrame: (kind: ServerKind) => void;
}

/** What the server allows a frame to measure; 0: no limit known. */
export interface FrameLimits {
  readonly maxMessageBytes: number;
  readonly maxSdpBytes: number;
}

/** A numbered frame on its way. */
export interface Sent {
  /** The session that it is sent in, and its number there, as they are by now. */
  readonly ticket: Ticket;
  /** Settles when the server does, or when the session is over; how, if it was not refused. */
  readonly settled: Promise<Exclude<Outcome["type"], "refused">>;
}

interface Waiting {
  resolve(outcome: Exclude<Outcome["type"], "refused">): void;
  reject(error: AntiphonError): void;
}

/** Runs a {@link SessionCore}: its sockets, its one timer, its promises. */
export class Session {
  readonly #options: SessionOptions;
  readonly #core: SessionCore;
  readonly #sockets = new Map<number, WebSocketLike>();
  readonly #waiting = new Map<Ticket, Waiting>();
  #cancelTimer: () => void = () => {};
  #limits: FrameLimits = { maxMessageBytes: 0, maxSdpBytes: 0 };
  #isDraining = false;
  #isRenewing = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { policy, token, greeting } = options;
    this.#core = new SessionCore({ policy, renewable: token.isRenewable, greeting });
  }

  /** The session's id; empty before the first `joined`, and between a session that was lost and the next. */
  get sid(): string {
    return this.#core.sid;
  }

  /** Joins. */
  start(): void {
    this.#drive((now) => this.#core.start(now));
  }

  /** Leaves. */
  leave(): void {
    this.#drive((now) => this.#core.leave(now));
  }

  /** The network changed, or somebody wants it now. */
  nudge(): void {
    this.#drive((now) => this.#core.nudge(now));
  }

  /** Frames above these sizes are not sent at all: the server would close the connection. */
  limit(limits: FrameLimits): void {
    this.#limits = limits;
  }

  /** Sends a numbered frame. Throws when it cannot be sent or kept. */
  send(kind: ClientKind): Sent {
    this.#measure(kind);
    const ticket = this.#core.send(kind, this.#options.clock.now());
    const settled = new Promise<Exclude<Outcome["type"], "refused">>((resolve, reject) =>
      this.#waiting.set(ticket, { resolve, reject }),
    );
    // Whoever does not care about the outcome need not handle it.
    settled.catch(() => {});
    this.#drive(() => {});
    return { ticket, settled };
  }

  /** Sends an unnumbered frame if there is a connection; says whether there was. */
  sendUnnumbered(kind: ClientKind): boolean {
    this.#measure(kind);
    let isSent = false;
    this.#drive(() => {
      isSent = this.#core.sendUnnumbered(kind);
    });
    return isSent;
  }

  #measure(kind: ClientKind): void {
    const limit =
      kind.case === "offer" || kind.case === "answer" ? this.#limits.maxSdpBytes : this.#limits.maxMessageBytes;
    // The number and the cursor that come on top take less than this.
    const overhead = 128;
    const bytes = encodedBytes(encodeClient(this.#options.format, { seq: 0, ackCursor: "", kind })) + overhead;
    if (limit > 0 && bytes > limit) {
      throw new AntiphonError(
        "too_large",
        `The server takes at most ${limit} bytes, this would be ${bytes}. Send less at once.`,
      );
    }
  }

  #drive(input: (now: number) => void): void {
    const { clock } = this.#options;
    input(clock.now());
    if (this.#isDraining) {
      // Called from a listener: the loop below, further up the stack, goes on with what was added.
      return;
    }
    this.#isDraining = true;
    try {
      this.#execute();
    } finally {
      this.#isDraining = false;
    }
    this.#cancelTimer();
    const now = clock.now();
    const deadline = this.#core.deadline(now);
    this.#cancelTimer =
      deadline === undefined
        ? () => {}
        : clock.after(Math.max(0, deadline - now), () => this.#drive((at) => this.#core.timeout(at)));
  }

  #execute(): void {
    for (let command = this.#core.poll(); command !== undefined; command = this.#core.poll()) {
      switch (command.type) {
        case "Dial":
          void this.#dial(command.connection, command.renewToken);
          break;
        case "HangUp":
          this.#hangUp(command.connection);
          break;
        case "Transmit":
          this.#transmit(command.connection, command.frame);
          break;
        case "Deliver":
          this.#deliver(command.kind);
          break;
        case "Settle":
          this.#settle(command.ticket, command.outcome);
          break;
        case "Report":
          this.#options.onEvent(command.event);
          break;
      }
    }
  }

  #deliver(kind: ServerKind): void {
    switch (kind.case) {
      case "accessToken":
        this.#options.token.replace(kind.value.token);
        return;
      case "tokenExpiring":
        void this.#renewToken();
        return;
      case "tokenRefreshed":
        this.#options.logger.info("token renewed", { sid: this.sid, expiresIn: kind.value.expiresIn });
        return;
      default:
        this.#options.onFrame(kind);
    }
  }

  /** Hands over a fresh token. Where there is none now, the server asks again; where there is no connection, it is for the next one. */
  async #renewToken(): Promise<void> {
    const { token, logger } = this.#options;
    if (!token.isRenewable || this.#isRenewing) {
      return;
    }
    this.#isRenewing = true;
    try {
      const fresh = await token.take(true);
      this.sendUnnumbered({ case: "refreshToken", value: { token: fresh } });
    } catch (cause) {
      logger.warn("no fresh token", { sid: this.sid, cause: String((cause as Error)?.name ?? cause) });
    } finally {
      this.#isRenewing = false;
    }
  }

  async #dial(connection: number, renewToken: boolean): Promise<void> {
    const { url, token, format, webSocket, logger } = this.#options;
    // Hanging up while the token is being fetched takes this entry out.
    const pending: WebSocketLike = {
      binaryType: "",
      onopen: null,
      onmessage: null,
      onclose: null,
      send: () => {},
      close: () => {},
    };
    this.#sockets.set(connection, pending);
    let socket: WebSocketLike;
    try {
      const accessToken = await token.take(renewToken);
      if (this.#sockets.get(connection) !== pending) {
        return;
      }
      socket = webSocket(connectUrl(url), [subprotocol(format), `antiphon.token.${accessToken}`]);
    } catch (cause) {
      logger.warn("no socket could be opened", { connection, cause: String((cause as Error)?.name ?? cause) });
      const error = new JoinError(
        "connection_failed",
        "No token, or no socket: see `cause`. Check the address and `getToken`.",
        { cause },
      );
      this.#closed(connection, 0, error);
      return;
    }
    this.#sockets.set(connection, socket);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.#drive((now) => this.#core.opened(connection, now));
    socket.onmessage = ({ data }) => this.#received(connection, data);
    socket.onclose = ({ code }) => this.#closed(connection, code);
  }

  #received(connection: number, data: unknown): void {
    let frame;
    try {
      frame = decodeServer(data as string | ArrayBuffer);
    } catch {
      this.#options.logger.error("the server sent a frame that cannot be read", { connection });
      return;
    }
    this.#drive((now) => this.#core.received(connection, frame, now));
  }

  #closed(connection: number, code: number, cause?: AntiphonError): void {
    this.#sockets.delete(connection);
    this.#drive((now) => this.#core.closed(connection, code, now, cause));
  }

  #hangUp(connection: number): void {
    const socket = this.#sockets.get(connection);
    this.#sockets.delete(connection);
    if (socket !== undefined) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close(1000);
    }
  }

  #transmit(connection: number, frame: OutgoingFrame): void {
    this.#sockets.get(connection)?.send(encodeClient(this.#options.format, frame));
  }

  #settle(ticket: Ticket, outcome: Outcome): void {
    const waiting = this.#waiting.get(ticket);
    this.#waiting.delete(ticket);
    if (outcome.type === "refused") {
      waiting?.reject(outcome.error);
    } else {
      waiting?.resolve(outcome.type);
    }
  }
}
