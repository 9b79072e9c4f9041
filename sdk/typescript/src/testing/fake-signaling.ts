import { clone, create } from "@bufbuild/protobuf";

import {
  ChatMessageSchema,
  LimitsSchema,
  type Participant,
  ParticipantSchema,
  Participant_Role,
  Participant_State,
  RoomSnapshotSchema,
} from "../gen/antiphon/v1/models_pb.js";
import { type ClientFrame, type Data, Left_Reason } from "../gen/antiphon/v1/signal_pb.js";
import { FakeSocket, type ServerInit } from "./fake-socket.js";

interface FakeSession {
  readonly sid: string;
  readonly participant: Participant;
  socket: FakeSocket | undefined;
  resumeToken: string;
  /** The one before, until something that came over the newest connection is acknowledged. */
  formerToken: string | undefined;
  /** Every frame with a cursor, for replaying. */
  readonly log: ServerInit[];
  lastSeq: number;
  /** A frame was answered with `unavailable`: what was on its way behind it is no fault of the client. */
  mayGap: boolean;
  /** Recipients that were busy: until then, what was on its way behind a refused frame is refused too. */
  readonly heldUntil: Map<string, number>;
  hasLeft: boolean;
}

/** Why a frame is refused. */
interface Refusal {
  readonly code: string;
  readonly retryAfterMs?: number;
}

/** A recipient that was busy is asked again after so long. */
const BUSY_MS = 1_000;

/** Frames without a number; `data` only if it is lossy. */
const UNNUMBERED = new Set(["join", "resume", "ack", "ping", "refreshIceServers", "refreshToken"]);

/**
 * A room in memory, kept to docs/protocol.md as far as a client can see, and strict with what clients may not do.
 * Frames take one microtask.
 */
export class FakeSignaling {
  readonly #sids: string[];
  readonly #sessions = new Map<string, FakeSession>();
  readonly sockets: FakeSocket[] = [];
  readonly chat: ReturnType<typeof create<typeof ChatMessageSchema>>[] = [];
  /** Whether newcomers wait in the lobby. */
  lobby = false;
  /** Sessions whose identity joined again. */
  readonly replaced = new Set<string>();
  /** Whether sockets open at all. */
  isDown = false;
  /** What clients did against the protocol. */
  readonly violations: string[] = [];
  /** Whose mailboxes are full. */
  readonly busy = new Set<string>();
  /** Microtasks more that a frame takes, either way; on the way to a client it takes no others. */
  latency = 0;
  /** Frames before the cursor that a resume tells again, as of an event that was told in part. */
  overlap = 0;
  /** Acknowledges only on what is sent anyway. */
  isSparing = false;
  /** The server's time in milliseconds. */
  now: () => number = () => 0;
  /** When the room was created. */
  createdAtMs = 1;
  /** Answers a frame in the server's place when it returns something. */
  intercept: ((frame: ClientFrame, sid: string) => ServerInit | "ignore" | undefined) | undefined;
  /** Refuses a numbered frame when it returns something. */
  refusal: ((frame: ClientFrame, sid: string) => Refusal | undefined) | undefined;
  readonly #uplinks = new WeakMap<FakeSocket, Promise<void>>();
  readonly #downlinks = new WeakMap<FakeSocket, Promise<void>>();
  #tokens = 0;
  #messages = 0;

  /** The sids to give out, in this order. */
  constructor(...sids: string[]) {
    this.#sids = sids;
  }

  readonly factory = (url: string, protocols: string[]): FakeSocket => {
    const socket = new FakeSocket(url, protocols);
    this.sockets.push(socket);
    socket.onsent = (frame) => this.#travel(this.#uplinks, socket, () => queueMicrotask(() => this.#receive(socket, frame)));
    queueMicrotask(() => (this.isDown ? socket.drop() : socket.open()));
    return socket;
  };

  /** Breaks a participant's connection. */
  cut(sid: string): void {
    const session = this.#session(sid);
    const { socket } = session;
    session.socket = undefined;
    session.participant.state = Participant_State.DISCONNECTED;
    this.#broadcast({ kind: { case: "participantUpdated", value: { participant: session.participant } } });
    socket?.drop();
  }

  /** Whether somebody has a session, and a connection. */
  has(sid: string): { readonly session: boolean; readonly connection: boolean } {
    const session = this.#sessions.get(sid);
    return { session: session !== undefined, connection: session?.socket !== undefined };
  }

  /** Forgets the room, as a restart without a disk does. */
  forgetRoom(): void {
    this.restart();
    this.chat.length = 0;
    this.createdAtMs += 1;
  }

  /** Forgets the sessions. */
  restart(): void {
    const sockets = [...this.#sessions.values()].map(({ socket }) => socket);
    this.#sessions.clear();
    for (const socket of sockets) {
      socket?.drop(1012);
    }
  }

  /** Drops what a disconnected participant has not seen: its resume will not be `recovered`. */
  forgetLog(sid: string): void {
    this.#session(sid).log.length = 0;
    this.#session(sid).log.push({ cursor: "gone" });
  }

  /** Ends a session. */
  remove(sid: string, reason: Left_Reason): void {
    const session = this.#session(sid);
    this.#sessions.delete(sid);
    this.#send(session.socket, { kind: { case: "left", value: { reason, message: "removed" } } });
    this.#broadcast({
      kind: { case: "participantLeft", value: { sid, identity: session.participant.identity, reason } },
    });
  }

  /** Lets somebody in from the lobby. */
  admit(sid: string): void {
    const session = this.#session(sid);
    session.participant.state = Participant_State.CONNECTED;
    this.#tell(session, { kind: { case: "snapshot", value: { reason: 1, snapshot: this.#snapshot() } } });
    this.#broadcast({ kind: { case: "participantJoined", value: { participant: session.participant } } }, sid);
  }

  /** Sends a frame to one participant, with a cursor. */
  tell(sid: string, frame: ServerInit): void {
    this.#tell(this.#session(sid), frame);
  }

  /** Mutes a track as a moderator does. */
  mute(sid: string, trackId: string): void {
    const track = this.#session(sid).participant.tracks.find((candidate) => candidate.trackId === trackId);
    if (track !== undefined) {
      track.muted = true;
      this.#broadcast({ kind: { case: "trackUpdated", value: { sid, track } } });
    }
  }

  #session(sid: string): FakeSession {
    const session = this.#sessions.get(sid);
    if (session === undefined) {
      throw new Error(`no session ${sid}`);
    }
    return session;
  }

  #snapshot() {
    const participants = [...this.#sessions.values()]
      .map(({ participant }) => participant)
      .filter(({ state }) => state !== Participant_State.WAITING)
      .map((participant) => clone(ParticipantSchema, participant));
    return create(RoomSnapshotSchema, {
      room: { name: "rehearsal", lobby: this.lobby, createdAtMs: this.createdAtMs },
      participants,
      chat: [...this.chat],
    });
  }

  #broadcast(frame: ServerInit, except?: string): void {
    for (const session of this.#sessions.values()) {
      if (session.sid !== except && session.participant.state !== Participant_State.WAITING) {
        this.#tell(session, frame);
      }
    }
  }

  #tell(session: FakeSession, frame: ServerInit): void {
    const stored: ServerInit = { ...frame, cursor: String(session.log.length + 1) };
    session.log.push(stored);
    this.#send(session.socket, { ...stored, ackSeq: session.lastSeq });
  }

  #send(socket: FakeSocket | undefined, frame: ServerInit): void {
    if (socket !== undefined) {
      this.#travel(this.#downlinks, socket, () => socket.receive(frame));
    }
  }

  /** One frame after the other, each after its time. */
  #travel(link: WeakMap<FakeSocket, Promise<void>>, socket: FakeSocket, arrive: () => void): void {
    if (this.latency === 0) {
      arrive();
      return;
    }
    const before = link.get(socket) ?? Promise.resolve();
    const turns = async () => {
      for (let turn = 0; turn < this.latency; turn += 1) {
        await Promise.resolve();
      }
    };
    link.set(socket, Promise.all([before, turns()]).then(arrive));
  }

  #violation(sid: string, what: string): void {
    this.violations.push(`${sid}: ${what}`);
  }

  #receive(socket: FakeSocket, frame: ClientFrame): void {
    const { kind } = frame;
    const session = [...this.#sessions.values()].find((candidate) => candidate.socket === socket);
    const isNumbered = !UNNUMBERED.has(kind.case ?? "") && !(kind.case === "data" && kind.value.lossy);
    if (isNumbered !== frame.seq > 0) {
      this.#violation(session?.sid ?? "", `${kind.case} under the number ${frame.seq}`);
    }
    if (kind.case === "join" || kind.case === "resume") {
      if (session !== undefined) {
        this.#violation(session.sid, `a second ${kind.case} on one connection`);
      } else if (kind.case === "join") {
        this.#join(socket, frame);
      } else {
        this.#resume(socket, kind.value.resumeToken, Number(kind.value.cursor));
      }
      return;
    }
    // Of a connection that was cut while the frame was on its way.
    if (session !== undefined) {
      this.#acknowledged(session, frame.ackCursor);
      this.#receiveIn(session, frame, isNumbered);
    }
  }

  #acknowledged(session: FakeSession, cursor: string): void {
    if (cursor === "") {
      return;
    }
    session.formerToken = undefined;
    const isGiven = Number(cursor) >= 1 && Number(cursor) <= session.log.length;
    if (!isGiven && session.log[0]?.cursor !== "gone") {
      this.#violation(session.sid, `acknowledges ${cursor} of ${session.log.length}`);
    }
  }

  #receiveIn(session: FakeSession, frame: ClientFrame, isNumbered: boolean): void {
    const { kind, seq } = frame;
    if (session.hasLeft) {
      this.#violation(session.sid, `${kind.case} behind leave`);
    }
    if (kind.case === "ping") {
      if (this.intercept?.(frame, session.sid) !== "ignore") {
        this.#send(session.socket, { ackSeq: session.lastSeq, kind: { case: "pong", value: { id: kind.value.id } } });
      }
      return;
    }
    if (isNumbered && seq <= session.lastSeq) {
      this.#acknowledge(session);
      return;
    }
    if (isNumbered && seq !== session.lastSeq + 1) {
      if (!session.mayGap) {
        this.#violation(session.sid, `${seq} behind ${session.lastSeq}`);
      }
      this.#send(session.socket, { kind: { case: "error", value: { code: "sequence_gap", seq } } });
      return;
    }
    session.mayGap &&= !isNumbered;
    const refusal = isNumbered ? (this.refusal?.(frame, session.sid) ?? this.#busyRecipient(session, frame)) : undefined;
    if (refusal?.code === "unavailable") {
      session.mayGap = true;
      this.#send(session.socket, { kind: { case: "error", value: { ...refusal, seq } } });
      return;
    }
    const answer = this.intercept?.(frame, session.sid);
    const said = answer === "ignore" ? undefined : answer?.kind;
    const isOpen = said?.case === "error" && said.value.code === "unavailable";
    session.mayGap ||= isOpen;
    if (isNumbered && !isOpen) {
      session.lastSeq = seq;
    }
    if (refusal !== undefined) {
      this.#tell(session, { kind: { case: "error", value: { ...refusal, seq } } });
    } else if (answer === undefined) {
      this.#act(session, frame);
      this.#acknowledge(session);
    } else if (answer !== "ignore") {
      this.#send(session.socket, answer);
    }
  }

  #acknowledge(session: FakeSession): void {
    if (!this.isSparing) {
      this.#send(session.socket, { ackSeq: session.lastSeq, kind: { case: "ack", value: {} } });
    }
  }

  #busyRecipient({ heldUntil }: FakeSession, { kind }: ClientFrame): Refusal | undefined {
    const recipients =
      kind.case === "offer" || kind.case === "answer" || kind.case === "candidate" || kind.case === "chat"
        ? [kind.value.to]
        : kind.case === "data"
          ? kind.value.to
          : [];
    const now = this.now();
    const found = recipients.find((sid) => this.busy.has(sid) || now < (heldUntil.get(sid) ?? -Infinity));
    if (found === undefined) {
      return undefined;
    }
    if (!(now < (heldUntil.get(found) ?? -Infinity))) {
      heldUntil.set(found, now + BUSY_MS);
    }
    return { code: "recipient_busy", retryAfterMs: BUSY_MS };
  }

  #join(socket: FakeSocket, { kind }: ClientFrame): void {
    const join = kind.case === "join" ? kind.value : undefined;
    const sid = this.#sids.shift() ?? `sid${this.#tokens}`;
    const identity =
      socket.protocols.find((protocol) => protocol.startsWith("antiphon.token."))?.slice("antiphon.token.".length) ??
      "";
    this.#tokens += 1;
    const session: FakeSession = {
      sid,
      participant: create(ParticipantSchema, {
        sid,
        identity,
        name: join?.name ?? identity,
        metadata: join?.metadata ?? "",
        attributes: join?.attributes ?? {},
        state: this.lobby ? Participant_State.WAITING : Participant_State.CONNECTED,
        role: Participant_Role.MODERATOR,
      }),
      socket,
      resumeToken: `resume-${this.#tokens}`,
      formerToken: undefined,
      log: [],
      lastSeq: 0,
      mayGap: false,
      heldUntil: new Map(),
      hasLeft: false,
    };
    this.#sessions.set(sid, session);
    this.#tell(session, {
      kind: {
        case: "joined",
        value: {
          sid,
          resumeToken: session.resumeToken,
          waiting: this.lobby,
          snapshot: this.#snapshot(),
          iceServers: { iceServers: [{ urls: ["stun:127.0.0.1:3478"] }] },
          limits: create(LimitsSchema, { maxMessageBytes: 65_536, maxSdpBytes: 262_144, pingIntervalMs: 20_000 }),
        },
      },
    });
    if (!this.lobby) {
      this.#broadcast({ kind: { case: "participantJoined", value: { participant: session.participant } } }, sid);
    }
  }

  #resume(socket: FakeSocket, token: string, cursor: number): void {
    const session = [...this.#sessions.values()].find(
      ({ resumeToken, formerToken }) => resumeToken === token || formerToken === token,
    );
    if (session !== undefined && this.replaced.has(session.sid)) {
      this.#send(socket, { kind: { case: "error", value: { code: "identity_taken", message: "somebody else now" } } });
      this.#travel(this.#downlinks, socket, () => socket.drop(4003));
      return;
    }
    if (session === undefined) {
      this.#send(socket, { kind: { case: "error", value: { code: "resume_failed", message: "join again" } } });
      this.#travel(this.#downlinks, socket, () => socket.drop(4003));
      return;
    }
    if (session.log[0]?.cursor !== "gone" && !(cursor >= 1 && cursor <= session.log.length)) {
      this.#violation(session.sid, `resumes at ${cursor} of ${session.log.length}`);
    }
    session.formerToken = token;
    session.mayGap = false;
    session.socket = socket;
    const wasAway = session.participant.state === Participant_State.DISCONNECTED;
    if (wasAway) {
      session.participant.state = Participant_State.CONNECTED;
    }
    this.#tokens += 1;
    session.resumeToken = `resume-${this.#tokens}`;
    const recovered = session.log[0]?.cursor !== "gone";
    const { sid, resumeToken, lastSeq } = session;
    const waiting = session.participant.state === Participant_State.WAITING;
    this.#send(socket, {
      kind: {
        case: "resumed",
        value: { recovered, sid, resumeToken, lastSeq, waiting, ...(recovered ? {} : { snapshot: this.#snapshot() }) },
      },
    });
    if (recovered) {
      for (const frame of session.log.slice(Math.max(1, cursor - this.overlap))) {
        this.#send(socket, { ...frame, ackSeq: session.lastSeq });
      }
    }
    if (wasAway) {
      this.#broadcast({ kind: { case: "participantUpdated", value: { participant: session.participant } } });
    }
  }

  #act(session: FakeSession, { seq, kind }: ClientFrame): void {
    const { sid, participant } = session;
    switch (kind.case) {
      case "offer":
      case "answer":
      case "candidate": {
        const recipient = this.#sessions.get(kind.value.to);
        if (recipient === undefined) {
          this.#tell(session, { kind: { case: "error", value: { code: "not_found", seq } } });
        } else {
          this.#tell(recipient, {
            kind: { ...kind, value: { ...kind.value, to: "", from: sid, seq } } as ServerInit["kind"] & object,
          });
        }
        return;
      }
      case "chat": {
        const { text, to } = kind.value;
        const message = create(ChatMessageSchema, {
          id: `${sid}-${seq}`,
          sid,
          identity: participant.identity,
          name: participant.name,
          text,
          to,
          seq,
          sentAtMs: 1_700_000_000_000 + this.#messages,
        });
        this.#messages += 1;
        if (to !== "" && !this.#sessions.has(to)) {
          this.#tell(session, { kind: { case: "error", value: { code: "not_found", seq } } });
          return;
        }
        if (to !== "") {
          for (const reader of new Set([to, sid])) {
            this.tell(reader, { kind: { case: "chat", value: message } });
          }
          return;
        }
        this.chat.push(message);
        this.#broadcast({ kind: { case: "chat", value: message } });
        return;
      }
      case "data":
        this.#data(session, kind.value, seq);
        return;
      case "publish": {
        const { track } = kind.value;
        if (track !== undefined) {
          const known = participant.tracks.findIndex(({ trackId }) => trackId === track.trackId);
          participant.tracks.splice(known === -1 ? participant.tracks.length : known, 1, track);
          this.#broadcast({ kind: { case: known === -1 ? "trackPublished" : "trackUpdated", value: { sid, track } } });
        }
        return;
      }
      case "unpublish": {
        const { trackId } = kind.value;
        participant.tracks = participant.tracks.filter((track) => track.trackId !== trackId);
        this.#broadcast({ kind: { case: "trackUnpublished", value: { sid, trackId } } });
        return;
      }
      case "update": {
        participant.name = kind.value.name ?? participant.name;
        participant.metadata = kind.value.metadata ?? participant.metadata;
        participant.attributes = Object.fromEntries(
          Object.entries({ ...participant.attributes, ...kind.value.attributes }).filter(([, value]) => value !== ""),
        );
        for (const { trackId, muted } of kind.value.tracks) {
          const track = participant.tracks.find((candidate) => candidate.trackId === trackId);
          if (track !== undefined) {
            track.muted = muted;
            this.#broadcast({ kind: { case: "trackUpdated", value: { sid, track } } });
          }
        }
        this.#broadcast({ kind: { case: "participantUpdated", value: { participant } } });
        return;
      }
      case "leave":
        session.hasLeft = true;
        this.#send(session.socket, { ackSeq: seq, kind: { case: "left", value: { reason: Left_Reason.CLIENT_LEFT } } });
        this.remove(sid, Left_Reason.CLIENT_LEFT);
        return;
      default:
        return;
    }
  }

  #data(session: FakeSession, { to, lossy, ...value }: Data, seq: number): void {
    const frame: ServerInit = { kind: { case: "data", value: { ...value, to: [], lossy, from: session.sid, seq } } };
    if (lossy) {
      for (const other of this.#sessions.values()) {
        if (other !== session && (to.length === 0 || to.includes(other.sid))) {
          this.#send(other.socket, frame);
        }
      }
    } else if (to.length === 0) {
      this.#broadcast(frame, session.sid);
    } else if (to.some((sid) => !this.#sessions.has(sid))) {
      this.#tell(session, { kind: { case: "error", value: { code: "not_found", seq } } });
    } else {
      to.forEach((sid) => this.tell(sid, frame));
    }
  }
}
