import type { Device } from "./devices.js";
import type { AntiphonError } from "./errors.js";
import type { LocalParticipant } from "./local-participant.js";
import type { LocalTrack } from "./local-track.js";
import type { ConnectionQuality } from "./media/quality.js";
import type { ChatMessage, DataMessage, DisconnectReason, LeaveReason } from "./models.js";
import type { RemoteParticipant } from "./remote-participant.js";
import type { RemoteTrack } from "./remote-track.js";
import type { ActiveSpeaker } from "./room-watch.js";
import type { Interruption } from "./session/commands.js";

/** Where a room stands. */
export type RoomState =
  | "disconnected"
  | "connecting"
  /** In the lobby. */
  | "waiting"
  | "connected"
  /** The signaling connection is gone; media goes on. */
  | "reconnecting";

/** How a connection came back. */
export interface Reconnection {
  /** In the same session, with nothing missed; otherwise the difference came as events before. */
  readonly resumed: boolean;
}

/** What happened, with the listener's arguments. */
export interface RoomEvents {
  /** In the room: the roster and the chat's history are there. */
  connected: [];
  /** In the lobby. */
  waiting: [];
  /** Out of the lobby; `connected` follows. */
  admitted: [];
  /** The connection broke. Once for each attempt that is planned. */
  reconnecting: [interruption: Interruption];
  /** The connection is back. */
  reconnected: [reconnection: Reconnection];
  /** Out of the room for good. `message` is for people; `error` is set where the server refused something. */
  disconnected: [reason: DisconnectReason, message: string, error: AntiphonError | undefined];
  /** Somebody came in; not told for those who were there before. */
  participantJoined: [participant: RemoteParticipant];
  /** Name, metadata, attributes, state or role changed. */
  participantUpdated: [participant: RemoteParticipant | LocalParticipant];
  /** Somebody is gone for good. */
  participantLeft: [participant: RemoteParticipant, reason: LeaveReason];
  /** A track was announced. Those of participants who just joined are on them already. */
  trackPublished: [track: RemoteTrack, participant: RemoteParticipant];
  /** A track was withdrawn. */
  trackUnpublished: [track: RemoteTrack, participant: RemoteParticipant];
  /** Mute state or description changed. */
  trackUpdated: [track: RemoteTrack, participant: RemoteParticipant];
  /** The track's media has arrived. */
  trackSubscribed: [track: RemoteTrack, participant: RemoteParticipant];
  /** The track's media is gone. */
  trackUnsubscribed: [track: RemoteTrack, participant: RemoteParticipant];
  /** An own track was announced. */
  localTrackPublished: [track: LocalTrack];
  /** An own track was withdrawn, or its screen share ended. */
  localTrackUnpublished: [track: LocalTrack];
  /** Mute state or device changed; `byModerator`: somebody else muted it. */
  localTrackUpdated: [track: LocalTrack, byModerator: boolean];
  /** A message was written, by anybody. Those from before this client came are in `room.chat`. */
  chat: [message: ChatMessage];
  /** A message was deleted, and is in `room.chat` no more. */
  chatDeleted: [id: string];
  /** Bytes came; `participant` is missing if it left meanwhile. */
  data: [message: DataMessage, participant: RemoteParticipant | undefined];
  /** The room's own properties changed. */
  roomUpdated: [];
  /** Moderators: somebody came to the lobby or left it. */
  waitingChanged: [];
  /** The state of the media connection to a participant. */
  peerStateChanged: [sid: string, state: RTCPeerConnectionState];
  /** Devices were plugged in or out, while the room is joined; all that there are now. */
  devicesChanged: [devices: readonly Device[]];
  /**
   * The device of an own track is gone: it was unplugged, or the person took the permission away. `replacement` is what
   * the SDK opened in its place; without one the track is muted, and unmuting opens whatever there is by then.
   */
  deviceLost: [track: LocalTrack, replacement: MediaStreamTrack | undefined];
  /** The browser holds others' sound back until the person clicks and `startAudio` is called, or plays it again. */
  audioPlaybackChanged: [canPlaybackAudio: boolean];
  /** How well media gets through to somebody, or for this client as a whole. Also on the participant. */
  connectionQualityChanged: [
    quality: ConnectionQuality | undefined,
    participant: RemoteParticipant | LocalParticipant,
  ];
  /** Somebody began to speak, or stopped: all who speak now, the loudest first. Levels in between are on the participants. */
  activeSpeakersChanged: [speakers: readonly ActiveSpeaker[]];
  /** Something was refused that nobody waits for. */
  error: [error: AntiphonError];
}
