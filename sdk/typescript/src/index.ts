export {
  AntiphonError,
  type AntiphonErrorDetails,
  type ClientErrorCode,
  type ErrorCode,
  JoinError,
  type ProtocolErrorCode,
} from "./errors.js";
export type { MediaDevicesLike } from "./capture.js";
export type { Clock } from "./clock.js";
export type { Listener } from "./emitter.js";
export type { Device, DeviceKind } from "./devices.js";
export { consoleLogger, type Logger, quietLogger } from "./logger.js";
export type {
  ChatMessage,
  DataMessage,
  DisconnectReason,
  LeaveReason,
  ParticipantRole,
  ParticipantState,
  RoomLimits,
  TopologyMode,
  TrackKind,
  TrackSource,
  WaitingParticipant,
} from "./models.js";
export type { LocalParticipant, PublishOptions, ScreenShareOptions } from "./local-participant.js";
export type { LocalTrack } from "./local-track.js";
export type { RemoteParticipant } from "./remote-participant.js";
export type { RemoteTrack } from "./remote-track.js";
export type { AudioContextLike } from "./media/level-meter.js";
export type { ConnectionQuality } from "./media/quality.js";
export type { CandidateStats, PeerStats, PeerView, TrackStats } from "./media/stats.js";
export type { RoomUpdate } from "./moderation.js";
export { Room } from "./room.js";
export type { Reconnection, RoomEvents, RoomState } from "./room-events.js";
export type { JoinOptions, RoomOptions } from "./room-options.js";
export type { ActiveSpeaker } from "./room-watch.js";
export type { Format } from "./session/codec.js";
export type { Interruption } from "./session/commands.js";
export {
  exponentialBackoff,
  type ExponentialBackoffOptions,
  type ReconnectContext,
  type ReconnectPolicy,
  type ReconnectReason,
} from "./session/reconnect-policy.js";
export type { WebSocketFactory, WebSocketLike } from "./session/socket.js";
export type { TokenSource } from "./session/token.js";
