import type { Clock } from "./clock.js";
import type { IceServers } from "./gen/antiphon/v1/signal_pb.js";
import type { LocalParticipant } from "./local-participant.js";
import type { Logger } from "./logger.js";
import { Arrivals } from "./media/arrivals.js";
import { IceServerList } from "./media/ice-servers.js";
import { Mesh } from "./media/mesh.js";
import type { AudioContextLike } from "./media/level-meter.js";
import { Playback } from "./media/playback.js";
import type { ConnectionQuality } from "./media/quality.js";
import { type PeerStats, type PeerView, peerStats, peerView } from "./media/stats.js";
import type { RemoteParticipant } from "./remote-participant.js";
import type { RemoteTrack } from "./remote-track.js";
import { type ActiveSpeaker, RoomWatch } from "./room-watch.js";
import type { ClientKind } from "./session/frames.js";
import type { Sent } from "./session/session.js";

/** What the media of a room needs from outside. */
export interface RoomMediaHost {
  readonly rtcConfiguration: RTCConfiguration | undefined;
  readonly peerConnection: ((configuration: RTCConfiguration) => RTCPeerConnection) | undefined;
  /** Its tracks are what this client sends. */
  readonly local: LocalParticipant;
  readonly participants: ReadonlyMap<string, RemoteParticipant>;
  readonly send: (kind: ClientKind) => Sent;
  /** Asks the server for ICE servers; the answer comes by itself. */
  readonly askForIceServers: () => void;
  readonly onSubscribed: (track: RemoteTrack, participant: RemoteParticipant) => void;
  readonly onUnsubscribed: (track: RemoteTrack, participant: RemoteParticipant) => void;
  readonly onState: (sid: string, state: RTCPeerConnectionState) => void;
  /** No media connection to a participant could be made, and none is tried any more until something changes. */
  readonly onUnreachable: (sid: string) => void;
  readonly onQuality: (
    quality: ConnectionQuality | undefined,
    participant: LocalParticipant | RemoteParticipant,
  ) => void;
  readonly onPlayback: (canPlay: boolean) => void;
  readonly onSpeakers: (speakers: readonly ActiveSpeaker[]) => void;
  readonly audioContext: () => AudioContextLike | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The media of a room: its peer connections while it is joined, and what they bring. */
export class RoomMedia {
  readonly #host: RoomMediaHost;
  readonly #arrivals = new Arrivals();
  readonly #iceServers: IceServerList;
  #iceTransportPolicy: RTCIceTransportPolicy | undefined;
  readonly #watch: RoomWatch;
  /** How others' sound is played. */
  readonly playback: Playback;
  #mesh: Mesh | undefined;

  constructor(host: RoomMediaHost) {
    this.#host = host;
    this.#iceServers = new IceServerList(host.clock, host.askForIceServers);
    this.playback = new Playback((canPlay) => {
      host.logger.info(canPlay ? "audio plays" : "audio blocked");
      host.onPlayback(canPlay);
    });
    this.#watch = new RoomWatch({
      ...host,
      links: () => this.#mesh?.peers.values() ?? [],
      onEmpty: (sid, emptyLooks) => this.#mesh?.sawNothing(sid, emptyLooks),
    });
  }

  /** Who speaks now, the loudest first. */
  get activeSpeakers(): readonly ActiveSpeaker[] {
    return this.#watch.activeSpeakers;
  }

  /** The connections, while there is a room. */
  get mesh(): Mesh | undefined {
    return this.#mesh;
  }

  get peers(): ReadonlyMap<string, PeerView> {
    return new Map([...(this.#mesh?.peers ?? [])].map(([sid, peer]) => [sid, peerView(peer)]));
  }

  stats(): Promise<PeerStats[]> {
    return Promise.all([...(this.#mesh?.peers.values() ?? [])].map(peerStats));
  }

  /** The person just did something: plays what the browser held back, and listens to the own microphone. */
  async startAudio(): Promise<void> {
    this.#watch.resume();
    await this.playback.start();
  }

  /** A room was entered. Connections of a session before end here: until now they carried media. */
  begin(localSid: string): void {
    this.end();
    const {
      peerConnection = (configuration) => new RTCPeerConnection(configuration),
      local,
      send,
      onState,
      onUnreachable,
      clock,
      logger,
    } = this.#host;
    this.#mesh = new Mesh(
      {
        localSid,
        createConnection: peerConnection,
        send,
        renewIceServers: () => this.#iceServers.renew(),
        onMedia: (sid, arrivals) => {
          this.#arrivals.replace(sid, arrivals);
          const participant = this.#host.participants.get(sid);
          if (participant !== undefined) {
            this.bind(participant);
          }
        },
        onState: (sid, state) => {
          logger.info("peer connection", { sid, state });
          onState(sid, state);
        },
        onUnreachable: (sid) => {
          logger.warn("peer unreachable", { sid });
          onUnreachable(sid);
        },
        clock,
        logger,
      },
      this.#configuration(),
      local.tracks,
    );
    this.#watch.start();
  }

  /** Connects to everyone who is there. */
  offerToAll(): void {
    for (const { sid, tracks } of this.#host.participants.values()) {
      this.#mesh?.offerTo({ sid, kinds: [...tracks.values()].map(({ kind }) => kind) });
    }
  }

  /** Gives a participant's tracks what arrived for them. */
  bind(participant: RemoteParticipant): void {
    for (const track of this.#arrivals.bind(participant)) {
      track.playThrough(this.playback);
      if (track.mediaStreamTrack === undefined) {
        this.#host.onUnsubscribed(track, participant);
      } else {
        this.#host.onSubscribed(track, participant);
      }
    }
  }

  /** A track brings nothing any more. */
  unbind(track: RemoteTrack, participant: RemoteParticipant): void {
    if (track.carry(undefined)) {
      this.#host.onUnsubscribed(track, participant);
    }
  }

  /** Somebody is gone. */
  drop(sid: string): void {
    this.#mesh?.drop(sid);
    this.#arrivals.forget(sid);
  }

  /** The server's ICE servers, before the application's own. */
  takeIceServers(iceServers: IceServers | undefined): void {
    if (iceServers !== undefined) {
      // Whoever waits for them goes on after this.
      this.#iceServers.take(iceServers);
      this.#mesh?.configure(this.#configuration());
    }
  }

  setIceTransportPolicy(policy: RTCIceTransportPolicy): void {
    if (policy !== this.#configuration().iceTransportPolicy) {
      this.#iceTransportPolicy = policy;
      this.#mesh?.restrict(this.#configuration());
    }
  }

  /** The room was left, or its session lost. */
  end(): void {
    this.#watch.stop();
    this.#mesh?.close();
    this.#mesh = undefined;
    for (const participant of this.#host.participants.values()) {
      this.#arrivals.forget(participant.sid);
      for (const track of participant.tracks.values()) {
        this.unbind(track, participant);
      }
    }
  }

  #configuration(): RTCConfiguration {
    const { rtcConfiguration } = this.#host;
    // A certificate of one's own would hide from the other end that a connection was rebuilt.
    const { certificates: _, ...configuration } = rtcConfiguration ?? {};
    return {
      ...configuration,
      ...(this.#iceTransportPolicy === undefined ? {} : { iceTransportPolicy: this.#iceTransportPolicy }),
      iceServers: [...this.#iceServers.servers, ...(rtcConfiguration?.iceServers ?? [])],
    };
  }
}
