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
import { type ClientFrame, Left_Reason } from "../gen/antiphon/v1/signal_pb.js";
import { FakeSocket, type ServerInit } from "./fake-socket.js";

interface FakeSession {
  readonly sid: string;
  readonly participant: Participant;
  socket: FakeSocket | undefined;
  resumeToken: string;
  /** Every frame with a cursor, for replaying. */
  readonly log: ServerInit[];
  lastSeq: number;
}

/** A room in memory, kept to docs/protocol.md as far as a client can see. Frames take one microtask. */
export class FakeSignaling {
  readonly #sids: string[];
  readonly #sessions = new Map<string, FakeSession>();
  readonly sockets: FakeSocket[] = [];
  readonly chat: ReturnType<typeof create<typeof ChatMessageSchema>>[] = [];
  /** Whether newcomers wait in the lobby. */
  lobby = false;
  /** Whether sockets open at all. */
  isDown = false;
  /** Answers a frame in the server's place when it returns something. */
  intercept: ((frame: ClientFrame, sid: string) => ServerInit | "ignore" | undefined) | undefined;
  #tokens = 0;

  /** The sids to give out, in this order. */
  constructor(...sids: string[]) {
    this.#sids = sids;
  }

  readonly factory = (url: string, protocols: string[]): FakeSocket => {
    const socket = new FakeSocket(url, protocols);
    this.sockets.push(socket);
    socket.onsent = (frame) => queueMicrotask(() => this.#receive(socket, frame));
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

  /** Forgets everything, as a restart without a disk does. */
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
    session.socket?.receive({ kind: { case: "left", value: { reason, message: "removed" } } });
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
      room: { name: "rehearsal", lobby: this.lobby },
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
    const numbered: ServerInit = { ...frame, cursor: String(session.log.length + 1), ackSeq: session.lastSeq };
    session.log.push(numbered);
    session.socket?.receive(numbered);
  }

  #receive(socket: FakeSocket, frame: ClientFrame): void {
    const { kind } = frame;
    if (kind.case === "join") {
      this.#join(socket, frame);
      return;
    }
    if (kind.case === "resume") {
      this.#resume(socket, kind.value.resumeToken, Number(kind.value.cursor));
      return;
    }
    const session = [...this.#sessions.values()].find((candidate) => candidate.socket === socket);
    if (session === undefined) {
      return;
    }
    if (frame.seq > 0) {
      if (frame.seq <= session.lastSeq) {
        return;
      }
      if (frame.seq !== session.lastSeq + 1) {
        socket.receive({ kind: { case: "error", value: { code: "sequence_gap", seq: frame.seq } } });
        return;
      }
    }
    const answer = this.intercept?.(frame, session.sid);
    const said = answer === "ignore" ? undefined : answer?.kind;
    const isOpen = said?.case === "error" && said.value.code === "unavailable";
    if (frame.seq > 0 && !isOpen) {
      session.lastSeq = frame.seq;
    }
    if (answer === "ignore") {
      return;
    }
    if (answer !== undefined) {
      socket.receive(answer);
      return;
    }
    if (kind.case === "ping") {
      socket.receive({ ackSeq: session.lastSeq, kind: { case: "pong", value: { id: kind.value.id } } });
      return;
    }
    this.#act(session, frame);
    socket.receive({ ackSeq: session.lastSeq, kind: { case: "ack", value: {} } });
  }

  #join(socket: FakeSocket, { kind }: ClientFrame): void {
    const join = kind.case === "join" ? kind.value : undefined;
    const sid = this.#sids.shift() ?? `sid${this.#sessions.size}`;
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
      log: [],
      lastSeq: 0,
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
    const session = [...this.#sessions.values()].find(({ resumeToken }) => resumeToken === token);
    if (session === undefined) {
      socket.receive({ kind: { case: "error", value: { code: "resume_failed", message: "join again" } } });
      socket.drop(4003);
      return;
    }
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
    socket.receive({
      kind: {
        case: "resumed",
        value: { recovered, sid, resumeToken, lastSeq, waiting, ...(recovered ? {} : { snapshot: this.#snapshot() }) },
      },
    });
    if (recovered) {
      for (const frame of session.log.slice(cursor)) {
        socket.receive(frame);
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
          session.socket?.receive({ kind: { case: "error", value: { code: "not_found", seq } } });
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
          sentAtMs: 1_700_000_000_000 + this.chat.length,
        });
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
        this.#broadcast({ kind: { case: "data", value: { ...kind.value, from: sid, seq } } }, sid);
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
        this.remove(sid, Left_Reason.CLIENT_LEFT);
        session.socket?.receive({ ackSeq: seq, kind: { case: "left", value: { reason: Left_Reason.CLIENT_LEFT } } });
        return;
      default:
        return;
    }
  }
}
