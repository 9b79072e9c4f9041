import {
  type ChatMessage as WireChatMessage,
  Participant_Role,
  Participant_State,
  Topology_Mode,
  Track_Kind,
  Track_Source,
} from "./gen/antiphon/v1/models_pb.js";
import { Left_Reason } from "./gen/antiphon/v1/signal_pb.js";

/** Whether a participant has a connection: `disconnected` ones may still resume. */
export type ParticipantState = "connected" | "disconnected" | "waiting";

/** What a participant may do, beyond what its token's grants withhold. */
export type ParticipantRole = "viewer" | "speaker" | "moderator";

/** As `MediaStreamTrack.kind`. */
export type TrackKind = "audio" | "video";

/** What a track shows or carries. */
export type TrackSource = "microphone" | "camera" | "screenShare" | "screenShareAudio" | "unknown";

/** How media travels between the members of a room. */
export type TopologyMode = "auto" | "mesh" | "relayMesh" | "pool";

/** Why a participant's session ended. */
export type LeaveReason =
  | "client_left"
  | "kicked"
  | "duplicate_identity"
  | "room_ended"
  | "token_expired"
  | "refused"
  | "resume_timeout"
  | "unknown";

/** Why this client is not in the room any more. */
export type DisconnectReason =
  | LeaveReason
  /** The server could not be reached again for as long as the reconnect policy tries. */
  | "connection_lost"
  /** The server does not accept the token any more. */
  | "unauthenticated"
  /** The server does not let this client back in; `message` says why. */
  | "join_refused"
  /** Another connection resumed this session. */
  | "superseded";

/** A message in the room's chat, or to one participant. */
export interface ChatMessage {
  /** Unique in the room. */
  readonly id: string;
  /** The sender. */
  readonly sid: string;
  /** The sender's identity, given by the application. */
  readonly identity: string;
  /** The sender's display name at that time. */
  readonly name: string;
  /** What was written. */
  readonly text: string;
  /** When the server took it. */
  readonly sentAt: Date;
  /** The recipient's sid, on a private message. */
  readonly to: string | undefined;
  /** The sender's frame number. */
  readonly seq: number;
}

/** Bytes that a participant sent. */
export interface DataMessage {
  /** What was sent. */
  readonly payload: Uint8Array;
  /** What it is about, in the application's words; may be empty. */
  readonly topic: string;
  /** The sender's sid. */
  readonly from: string;
  /** It was sent `lossy`: others may have been dropped. */
  readonly lossy: boolean;
}

/** Somebody in the lobby. */
export interface WaitingParticipant {
  /** Server-given id of the session, for `admit` and `refuse`. */
  readonly sid: string;
  /** Application-given id of the person. */
  readonly identity: string;
  /** Display name. */
  readonly name: string;
  /** The application's own text about it. */
  readonly metadata: string;
  /** The application's own values about it. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** What the server allows; see `Limits` in models.proto. */
export interface RoomLimits {
  /** Bytes of a frame without SDP. */
  readonly maxMessageBytes: number;
  /** Bytes of a frame with an offer or an answer. */
  readonly maxSdpBytes: number;
  /** Bytes of a chat message's text, in UTF-8. */
  readonly maxChatBytes: number;
  /** Bytes of metadata, and of all attributes together, in UTF-8. */
  readonly maxMetadataBytes: number;
  /** Tracks that one participant may announce. */
  readonly maxTracks: number;
  /** Frames that a session may send in the long run. */
  readonly messagesPerSecond: number;
  /** Frames that it may send at once. */
  readonly burst: number;
  /** Milliseconds of silence after which the server pings; after twice as much it closes the connection. */
  readonly pingIntervalMs: number;
  /** How long a session outlives its connection, in milliseconds. */
  readonly resumeWindowMs: number;
}

const STATES: Readonly<Record<Participant_State, ParticipantState>> = {
  [Participant_State.STATE_UNSPECIFIED]: "connected",
  [Participant_State.CONNECTED]: "connected",
  [Participant_State.DISCONNECTED]: "disconnected",
  [Participant_State.WAITING]: "waiting",
};

const ROLES: Readonly<Record<Participant_Role, ParticipantRole>> = {
  [Participant_Role.ROLE_UNSPECIFIED]: "viewer",
  [Participant_Role.VIEWER]: "viewer",
  [Participant_Role.SPEAKER]: "speaker",
  [Participant_Role.MODERATOR]: "moderator",
};

const WIRE_ROLES: Readonly<Record<ParticipantRole, Participant_Role>> = {
  viewer: Participant_Role.VIEWER,
  speaker: Participant_Role.SPEAKER,
  moderator: Participant_Role.MODERATOR,
};

const SOURCES: Readonly<Record<Track_Source, TrackSource>> = {
  [Track_Source.SOURCE_UNSPECIFIED]: "unknown",
  [Track_Source.MICROPHONE]: "microphone",
  [Track_Source.CAMERA]: "camera",
  [Track_Source.SCREEN_SHARE]: "screenShare",
  [Track_Source.SCREEN_SHARE_AUDIO]: "screenShareAudio",
};

const WIRE_SOURCES: Readonly<Record<TrackSource, Track_Source>> = {
  unknown: Track_Source.SOURCE_UNSPECIFIED,
  microphone: Track_Source.MICROPHONE,
  camera: Track_Source.CAMERA,
  screenShare: Track_Source.SCREEN_SHARE,
  screenShareAudio: Track_Source.SCREEN_SHARE_AUDIO,
};

const TOPOLOGIES: Readonly<Record<Topology_Mode, TopologyMode>> = {
  [Topology_Mode.AUTO]: "auto",
  [Topology_Mode.MESH]: "mesh",
  [Topology_Mode.RELAY_MESH]: "relayMesh",
  [Topology_Mode.POOL]: "pool",
};

const WIRE_TOPOLOGIES: Readonly<Record<TopologyMode, Topology_Mode>> = {
  auto: Topology_Mode.AUTO,
  mesh: Topology_Mode.MESH,
  relayMesh: Topology_Mode.RELAY_MESH,
  pool: Topology_Mode.POOL,
};

const LEAVE_REASONS: Readonly<Record<Left_Reason, LeaveReason>> = {
  [Left_Reason.REASON_UNSPECIFIED]: "unknown",
  [Left_Reason.CLIENT_LEFT]: "client_left",
  [Left_Reason.KICKED]: "kicked",
  [Left_Reason.DUPLICATE_IDENTITY]: "duplicate_identity",
  [Left_Reason.ROOM_ENDED]: "room_ended",
  [Left_Reason.TOKEN_EXPIRED]: "token_expired",
  [Left_Reason.REFUSED]: "refused",
  [Left_Reason.RESUME_TIMEOUT]: "resume_timeout",
};

// A newer server may send values that these tables lack, hence the fallbacks.

export function participantState(state: Participant_State): ParticipantState {
  return STATES[state] ?? "connected";
}

export function participantRole(role: Participant_Role): ParticipantRole {
  return ROLES[role] ?? "viewer";
}

export function wireRole(role: ParticipantRole): Participant_Role {
  return WIRE_ROLES[role];
}

export function trackKind(kind: Track_Kind): TrackKind {
  return kind === Track_Kind.AUDIO ? "audio" : "video";
}

export function wireKind(kind: TrackKind): Track_Kind {
  return kind === "audio" ? Track_Kind.AUDIO : Track_Kind.VIDEO;
}

export function trackSource(source: Track_Source): TrackSource {
  return SOURCES[source] ?? "unknown";
}

export function wireSource(source: TrackSource): Track_Source {
  return WIRE_SOURCES[source];
}

export function topologyMode(mode: Topology_Mode): TopologyMode {
  return TOPOLOGIES[mode] ?? "auto";
}

export function wireTopology(mode: TopologyMode): Topology_Mode {
  return WIRE_TOPOLOGIES[mode];
}

export function leaveReason(reason: Left_Reason): LeaveReason {
  return LEAVE_REASONS[reason] ?? "unknown";
}

export function chatMessage(wire: WireChatMessage): ChatMessage {
  return {
    id: wire.id,
    sid: wire.sid,
    identity: wire.identity,
    name: wire.name,
    text: wire.text,
    sentAt: new Date(wire.sentAtMs),
    to: wire.to === "" ? undefined : wire.to,
    seq: wire.seq,
  };
}
