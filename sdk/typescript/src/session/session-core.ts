import { AntiphonError, JoinError } from "../errors.js";
import {
  Snapshot_Reason,
  type Error as WireError,
  type Joined,
  type Left,
  type Resumed,
  type ServerFrame,
} from "../gen/antiphon/v1/signal_pb.js";
import type { DisconnectReason } from "../models.js";
import { Attempts } from "./attempts.js";
import type { Command, SessionEvent } from "./commands.js";
import { type ClientKind, joinError, type OutgoingFrame, type ServerKind } from "./frames.js";
import { Liveness } from "./liveness.js";
import type { Ticket } from "./outbox.js";
import { connectionsOf, deadlineOf, type Dialing, type Live, type Move, movingTo, type Phase } from "./phase.js";
import type { ReconnectPolicy, ReconnectReason } from "./reconnect-policy.js";
import { type Settled, Traffic } from "./traffic.js";
import { judgeClose, judgeLeft, judgeRefusal, type Verdict } from "./verdicts.js";

/** A socket has so long to open, and then so long for the answer to `join` or `resume`. */
const DIAL_TIMEOUT_MS = 10_000;
/** `leave` has so long to be answered. */
const LEAVE_TIMEOUT_MS = 1_000;

/** What the core has to be told. */
export interface SessionCoreOptions {
  readonly policy: ReconnectPolicy;
  /** A refused token can be replaced by asking for another. */
  readonly renewable: boolean;
  /** The `join` frame of a new session. */
  readonly greeting: () => ClientKind & { case: "join" };
}

/**
 * One session across its connections, without a socket or a clock: numbers, acknowledgements, resuming, reconnecting.
 * Feed it with `start`, `opened`, `received`, `closed`, `send`, `timeout`; then execute what `poll` gives until it is
 * empty, and call `timeout` at `deadline`.
 */
export class SessionCore {
  readonly #options: SessionCoreOptions;
  readonly #commands: Command[] = [];
  readonly #traffic = new Traffic();
  readonly #liveness = new Liveness();
  readonly #attempts: Attempts;
  #phase: Phase = { name: "idle" };
  #connections = 0;
  #sid = "";
  #resumeToken: string | undefined;
  /** A session was joined under this core before. */
  #everJoined = false;
  /** A token was renewed since the last success: another refusal is final. */
  #renewed = false;
  /** The token was refused, and no socket has opened under another one since. */
  #wantsToken = false;
  #pings = 0;
  /** The ping whose answer comes behind everything that a resume replays. */
  #replayPing = 0;

  constructor(options: SessionCoreOptions) {
    this.#options = options;
    this.#attempts = new Attempts(options.policy);
  }

  /** The session's id; empty before the first `joined`, and between a session that was lost and the next. */
  get sid(): string {
    return this.#sid;
  }

  /** The next thing to do. */
  poll(): Command | undefined {
    return this.#commands.shift();
  }

  /** When `timeout` is to be called. */
  deadline(now: number): number | undefined {
    const isLive = this.#phase.name === "live";
    const times = [
      deadlineOf(this.#phase),
      isLive ? this.#traffic.dueAt(now) : undefined,
      isLive ? this.#liveness.dueAt() : undefined,
    ].filter((time) => time !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Joins. */
  start(now: number): void {
    if (this.#phase.name === "idle") {
      this.#dial(now);
    }
  }

  /** A socket is open. */
  opened(connection: number, now: number): void {
    const phase = this.#phase;
    if (phase.name === "reaching" && phase.dialing.connection === connection) {
      this.#greet(phase.dialing, phase.lingering, now);
    } else if (phase.name === "live") {
      const dialing = movingTo(phase);
      if (dialing?.connection === connection) {
        // From here on the old socket is not listened to: what it still brings is replayed behind the cursor.
        this.#greet(dialing, phase.connection, now);
      }
    }
  }

  /** A frame came. */
  received(connection: number, frame: ServerFrame, now: number): void {
    const phase = this.#phase;
    if (phase.name === "live" && phase.connection === connection) {
      this.#receiveLive(frame, now);
    } else if (phase.name === "reaching" && phase.dialing.connection === connection && phase.dialing.greeted) {
      this.#receiveAnswer(frame, now);
    } else if (phase.name === "leaving" && phase.connection === connection) {
      this.#receiveLeaving(phase, frame, now);
    }
  }

  /** A socket closed, or could not be opened. */
  closed(connection: number, code: number, now: number, cause?: AntiphonError): void {
    const phase = this.#phase;
    if (phase.name === "reaching" && phase.dialing.connection === connection) {
      this.#hangUpAll();
      this.#dialFailed("closed", undefined, cause, now);
    } else if (phase.name === "leaving" && phase.connection === connection) {
      this.#end("client_left", "");
    } else if (phase.name === "live" && phase.connection === connection) {
      this.#lostConnection(code, now);
    } else if (phase.name === "live" && phase.move !== undefined && movingTo(phase)?.connection === connection) {
      this.#moveFailed(phase, phase.move, now);
    }
  }

  /** Sends a frame as soon as possible. Throws when it cannot be kept. */
  send(kind: ClientKind, now: number): Ticket {
    const { name } = this.#phase;
    if (!this.#everJoined || name === "ended" || name === "leaving") {
      throw new AntiphonError("not_joined", "There is no session to send in. Call `join` first and await it.");
    }
    const ticket = this.#traffic.add(kind);
    if (ticket === undefined) {
      throw new AntiphonError("buffer_full", "Too much waits for the server's acknowledgement. Send it again later.");
    }
    this.#flush(now);
    return ticket;
  }

  /** Sends a frame that has no number, if there is a connection; says whether there was. */
  sendUnnumbered(kind: ClientKind): boolean {
    if (this.#phase.name !== "live") {
      return false;
    }
    this.#transmit(this.#phase.connection, this.#traffic.unnumbered(kind));
    return true;
  }

  /** The network changed: tries again at once, or makes sure that the connection lives. */
  nudge(now: number): void {
    const phase = this.#phase;
    if (phase.name === "resting") {
      this.#phase = { ...phase, until: Math.max(now, phase.notBefore) };
    } else if (phase.name === "live") {
      this.#liveness.probe();
    }
    this.timeout(now);
  }

  /** Leaves. `Ended` is reported once the server has answered, or after a second; at once where it cannot be told. */
  leave(now: number): void {
    const phase = this.#phase;
    switch (phase.name) {
      case "leaving":
      case "ended":
        return;
      case "live":
        this.#hangUpAll(phase.connection);
        this.#sayLeave(phase.connection, false, now);
        return;
      case "reaching":
        if (phase.dialing.greeted) {
          // `join` or `resume` is on its way: without this the room would show somebody who is not there.
          this.#hangUpAll(phase.dialing.connection);
          this.#traffic.rewind();
          this.#sayLeave(phase.dialing.connection, true, now);
          return;
        }
        this.#hangUpAll();
        this.#end("client_left", "");
        return;
      case "idle":
      case "resting":
        this.#end("client_left", "");
    }
  }

  /** Does what is due. */
  timeout(now: number): void {
    const phase = this.#phase;
    switch (phase.name) {
      case "idle":
      case "ended":
        return;
      case "resting":
        if (now >= phase.until) {
          this.#dial(now);
        }
        return;
      case "reaching":
        if (now >= phase.dialing.deadline) {
          this.#hangUpAll();
          this.#dialFailed("timed_out", undefined, undefined, now);
        }
        return;
      case "leaving":
        if (now >= phase.until) {
          this.#hangUp(phase.connection);
          this.#end("client_left", "");
        }
        return;
      case "live":
        this.#timeoutLive(phase, now);
    }
  }

  #timeoutLive(phase: Live, now: number): void {
    switch (this.#liveness.check(now)) {
      case "fine":
        break;
      case "ping":
        this.#ping(phase.connection);
        break;
      case "dead":
        this.#hangUp(phase.connection);
        this.#interrupted("timed_out", now);
        return;
    }
    this.#flush(now);
    const ack = this.#traffic.ack(now);
    if (ack !== undefined) {
      this.#transmit(phase.connection, ack);
    }
    const { move } = phase;
    if (move === undefined) {
      return;
    }
    if ("at" in move) {
      if (now >= move.at) {
        this.#phase = { ...phase, move: { attempts: move.attempts, dialing: this.#openSocket(now) } };
      }
    } else if (now >= move.dialing.deadline) {
      this.#hangUp(move.dialing.connection);
      this.#moveFailed(phase, move, now);
    }
  }

  // Opening.

  #dial(now: number): void {
    this.#phase = { name: "reaching", dialing: this.#openSocket(now), lingering: undefined };
  }

  /** The server answered, and is asked for something else. */
  #dialAgain(now: number): void {
    const phase = this.#phase;
    if (phase.name === "reaching" && phase.lingering !== undefined) {
      // A planned move, of which nobody was told.
      this.#report({ type: "Interrupted", reason: "refused", attempt: 1, retryInMs: 0 });
    }
    this.#dial(now);
  }

  #openSocket(now: number): Dialing {
    this.#connections += 1;
    this.#commands.push({ type: "Dial", connection: this.#connections, renewToken: this.#wantsToken });
    return { connection: this.#connections, deadline: now + DIAL_TIMEOUT_MS, greeted: false };
  }

  #greet(dialing: Dialing, lingering: number | undefined, now: number): void {
    this.#wantsToken = false;
    const greeted = { ...dialing, deadline: now + DIAL_TIMEOUT_MS, greeted: true };
    this.#phase = { name: "reaching", dialing: greeted, lingering };
    const kind: ClientKind =
      this.#resumeToken === undefined
        ? this.#options.greeting()
        : { case: "resume", value: { resumeToken: this.#resumeToken, cursor: this.#traffic.cursor } };
    // The cursor stands in `resume` itself, and a new session has none.
    this.#transmit(dialing.connection, { seq: 0, ackCursor: "", kind });
  }

  #receiveAnswer(frame: ServerFrame, now: number): void {
    const { kind } = frame;
    switch (kind.case) {
      case "joined":
        this.#joined(kind.value, frame.cursor, now);
        return;
      case "resumed":
        this.#resumed(kind.value, frame.cursor, now);
        return;
      case "left":
        this.#left(kind.value, now);
        return;
      case "error":
        this.#refused(kind.value, now);
        return;
      default:
        // Nothing else can come first; whatever it is, the answer follows or the deadline passes.
        return;
    }
  }

  #joined(joined: Joined, cursor: string, now: number): void {
    const again = this.#everJoined;
    this.#everJoined = true;
    this.#sid = joined.sid;
    this.#resumeToken = joined.resumeToken;
    this.#traffic.begin(joined.sid, joined.limits, now);
    this.#liveness.configure(joined.limits?.pingIntervalMs ?? 0);
    this.#live(cursor, now);
    this.#report({ type: "Joined", joined, again });
    this.#flush(now);
  }

  #resumed(resumed: Resumed, cursor: string, now: number): void {
    this.#resumeToken = resumed.resumeToken;
    this.#settle(this.#traffic.resume(resumed.lastSeq, resumed.recovered === true, now));
    const connection = this.#live(cursor, now);
    if (this.#traffic.awaitsReplay) {
      this.#replayPing = this.#ping(connection);
    }
    this.#report({ type: "Resumed", resumed });
    this.#flush(now);
  }

  #live(cursor: string, now: number): number {
    const phase = this.#phase as Phase & { name: "reaching" };
    if (phase.lingering !== undefined) {
      this.#hangUp(phase.lingering);
    }
    const { connection } = phase.dialing;
    this.#phase = { name: "live", connection, move: undefined };
    this.#attempts.succeeded(now);
    this.#renewed = false;
    this.#liveness.heard(now);
    this.#traffic.processed(cursor, now);
    return connection;
  }

  #refused(error: WireError, now: number): void {
    this.#hangUpAll();
    if (!this.#everJoined) {
      this.#phase = { name: "ended" };
      this.#report({ type: "Refused", error: joinError(error) });
      return;
    }
    const isResuming = this.#resumeToken !== undefined;
    this.#obey(judgeRefusal(error, { isResuming, mayRenew: this.#options.renewable && !this.#renewed }), now);
  }

  #obey(verdict: Verdict, now: number): void {
    switch (verdict.type) {
      case "rejoin":
        this.#renewed = this.#wantsToken = verdict.renew;
        this.#lostSession(now);
        return;
      case "renew":
        this.#renewed = this.#wantsToken = true;
        this.#dialAgain(now);
        return;
      case "retry":
        this.#dialFailed("refused", verdict.retryAfterMs, verdict.error, now);
        return;
      case "end":
        this.#end(verdict.reason, verdict.message, verdict.error);
    }
  }

  // Receiving.

  #receiveLive(frame: ServerFrame, now: number): void {
    this.#liveness.heard(now);
    const { kind } = frame;
    const { settled, isAnswer, isGap } = this.#traffic.settle(frame, now);
    this.#settle(settled);
    if (isGap) {
      this.#hangUp((this.#phase as Live).connection);
      this.#interrupted("closed", now);
      return;
    }
    if (kind.case !== undefined && !isAnswer && this.#traffic.admit(kind)) {
      this.#take(kind, now);
    }
    this.#traffic.processed(frame.cursor, now);
    this.#flush(now);
  }

  #receiveLeaving(phase: Phase & { name: "leaving" }, frame: ServerFrame, now: number): void {
    this.#settle(this.#traffic.settle(frame, now).settled);
    const { case: kind } = frame.kind;
    // Where the answer to `join` or `resume` is a refusal, there is nothing to leave.
    if (kind === "left" || (kind === "error" && phase.isEntering)) {
      this.#hangUp(phase.connection);
      this.#end("client_left", "");
    } else if (kind === "joined" || kind === "resumed") {
      this.#phase = { ...phase, isEntering: false };
    }
  }

  #take(kind: ServerKind, now: number): void {
    switch (kind.case) {
      case "snapshot":
        this.#deliver(kind);
        if (kind.value.reason === Snapshot_Reason.EPOCH_CHANGED) {
          this.#traffic.rewind();
        }
        return;
      case "goAway": {
        const phase = this.#phase as Live;
        if (phase.move === undefined) {
          const attempts = new Attempts(this.#options.policy);
          attempts.broke(now);
          this.#phase = { ...phase, move: { attempts, at: now + kind.value.retryAfterMs } };
        }
        return;
      }
      case "left":
        this.#left(kind.value, now);
        return;
      case "pong":
        if (kind.value.id === this.#replayPing) {
          this.#settle(this.#traffic.replayed());
        }
        return;
      case "ack":
      case "joined":
      case "resumed":
        return;
      case "offer":
      case "answer":
      case "candidate":
      case "chat":
      case "data":
      case "participantJoined":
      case "participantUpdated":
      case "participantLeft":
      case "trackPublished":
      case "trackUpdated":
      case "trackUnpublished":
      case "roomUpdated":
      case "participantWaiting":
      case "chatDeleted":
      case "iceServers":
      case "accessToken":
      case "tokenExpiring":
      case "tokenRefreshed":
      case "error":
        this.#deliver(kind);
        return;
    }
  }

  #left(left: Left, now: number): void {
    this.#hangUpAll();
    this.#obey(judgeLeft(left, { isRenewable: this.#options.renewable }), now);
  }

  // Losing.

  /** The server has forgotten the session: joins a new one. */
  #lostSession(now: number): void {
    const phase = this.#phase;
    this.#attempts.broke(now);
    this.#sid = "";
    this.#resumeToken = undefined;
    const error = new AntiphonError(
      "resume_failed",
      "The session was lost before the server acknowledged this. Check what came of it.",
    );
    this.#settle(this.#traffic.end(error));
    this.#report({ type: "Lost" });
    if (phase.name === "live") {
      // At once, but not in a tight loop against a server that takes each new session back.
      this.#rest("refused", undefined, now);
    } else {
      this.#dialAgain(now);
    }
  }

  #lostConnection(code: number, now: number): void {
    const verdict = judgeClose(code);
    if (verdict === undefined) {
      this.#interrupted("closed", now);
    } else {
      this.#hangUpAll();
      this.#obey(verdict, now);
    }
  }

  #interrupted(reason: ReconnectReason, now: number): void {
    this.#attempts.broke(now);
    const { move } = this.#phase as Live;
    if (move === undefined) {
      this.#rest(reason, undefined, now);
    } else if ("at" in move) {
      this.#rest("going_away", Math.max(0, move.at - now), now);
    } else {
      // The new socket of the move is being opened already.
      const next = this.#attempts.next("going_away", undefined, now);
      this.#phase = { name: "reaching", dialing: move.dialing, lingering: undefined };
      this.#report({ type: "Interrupted", reason: "going_away", attempt: next?.attempt ?? 1, retryInMs: 0 });
    }
  }

  #dialFailed(
    reason: ReconnectReason,
    retryAfterMs: number | undefined,
    cause: AntiphonError | undefined,
    now: number,
  ): void {
    if (this.#everJoined) {
      this.#attempts.broke(now);
      this.#rest(reason, retryAfterMs, now);
      return;
    }
    this.#phase = { name: "ended" };
    const error =
      cause === undefined
        ? new JoinError(
            "connection_failed",
            "The server cannot be reached. Check its address, that it runs, the network, and that its `allowed-origins` has " +
              "this page's origin.",
          )
        : new JoinError(cause.code, cause.message, cause);
    this.#report({ type: "Refused", error });
  }

  /** The new socket of a planned move failed while the old one lives on. */
  #moveFailed(phase: Live, { attempts }: Move, now: number): void {
    const next = attempts.next("going_away", undefined, now);
    this.#phase = { ...phase, move: next === undefined ? undefined : { attempts, at: now + next.delayMs } };
  }

  #rest(reason: ReconnectReason, retryAfterMs: number | undefined, now: number): void {
    const next = this.#attempts.next(reason, retryAfterMs, now);
    if (next === undefined) {
      this.#end("connection_lost", "the server could not be reached for too long");
      return;
    }
    this.#phase = { name: "resting", until: now + next.delayMs, notBefore: now + (retryAfterMs ?? 0) };
    this.#report({ type: "Interrupted", reason, attempt: next.attempt, retryInMs: next.delayMs });
    this.timeout(now);
  }

  #end(reason: DisconnectReason, message: string, cause?: AntiphonError): void {
    this.#phase = { name: "ended" };
    const error = new AntiphonError("disconnected", "The room was left before the server acknowledged this.", {
      cause,
    });
    this.#settle(this.#traffic.end(error));
    this.#report({ type: "Ended", reason, message, error: cause });
  }

  // Sending.

  #flush(now: number): void {
    if (this.#phase.name !== "live") {
      return;
    }
    for (let frame = this.#traffic.next(now); frame !== undefined; frame = this.#traffic.next(now)) {
      this.#transmit(this.#phase.connection, frame);
    }
  }

  #sayLeave(connection: number, isEntering: boolean, now: number): void {
    // Beyond the pace if need be: nothing comes after it.
    this.#traffic.addRegardless({ case: "leave", value: {} });
    for (let frame = this.#traffic.nextRegardless(); frame !== undefined; frame = this.#traffic.nextRegardless()) {
      this.#transmit(connection, frame);
    }
    this.#phase = { name: "leaving", connection, until: now + LEAVE_TIMEOUT_MS, isEntering };
  }

  #ping(connection: number): number {
    this.#pings += 1;
    this.#transmit(connection, this.#traffic.unnumbered({ case: "ping", value: { id: this.#pings } }));
    return this.#pings;
  }

  #transmit(connection: number, frame: OutgoingFrame): void {
    this.#commands.push({ type: "Transmit", connection, frame });
  }

  #hangUpAll(except?: number): void {
    for (const connection of connectionsOf(this.#phase)) {
      if (connection !== except) {
        this.#hangUp(connection);
      }
    }
  }

  #hangUp(connection: number): void {
    this.#commands.push({ type: "HangUp", connection });
  }

  #deliver(kind: ServerKind): void {
    this.#commands.push({ type: "Deliver", kind });
  }

  #settle(settled: readonly Settled[]): void {
    this.#commands.push(...settled.map((one): Command => ({ type: "Settle", ...one })));
  }

  #report(event: SessionEvent): void {
    this.#commands.push({ type: "Report", event });
  }
}
