import type { Clock } from "./clock.js";
import type { LocalParticipant } from "./local-participant.js";
import { type AudioContextLike, LocalMeter, RemoteMeter } from "./media/level-meter.js";
import { LinkWatch, type WatchedLink } from "./media/link-watch.js";
import { type ConnectionQuality, ownQuality } from "./media/quality.js";
import { type Heard, SpeakerWatch, type Voice } from "./media/speaker-watch.js";
import { StallWatch, type WatchedFlow } from "./media/stall-watch.js";
import type { RemoteParticipant } from "./remote-participant.js";

type Participant = LocalParticipant | RemoteParticipant;

/** Somebody who speaks now. */
export interface ActiveSpeaker {
  /** This client itself too. */
  readonly participant: LocalParticipant | RemoteParticipant;
  /** Loudness from 0 to 1, on a scale like the ear's. */
  readonly level: number;
}

/** What watching needs from outside. */
export interface RoomWatchHost {
  readonly local: LocalParticipant;
  readonly participants: ReadonlyMap<string, RemoteParticipant>;
  readonly links: () => Iterable<WatchedLink>;
  readonly onQuality: (quality: ConnectionQuality | undefined, participant: Participant) => void;
  readonly onSpeakers: (speakers: readonly ActiveSpeaker[]) => void;
  /** Nothing came from somebody who says they send, so many looks in a row. */
  readonly onEmpty: (sid: string, emptyLooks: number) => void;
  readonly audioContext: () => AudioContextLike | undefined;
  readonly clock: Clock;
}

/** While in a room: how good everybody's connection is, and who speaks. */
export class RoomWatch {
  readonly #host: RoomWatchHost;
  readonly #links: LinkWatch;
  readonly #speakers: SpeakerWatch<Participant>;
  readonly #stalls: StallWatch;
  readonly #localMeter: LocalMeter;
  #remoteMeters = new WeakMap<RTCRtpReceiver, RemoteMeter>();
  #active: readonly ActiveSpeaker[] = [];

  constructor(host: RoomWatchHost) {
    this.#host = host;
    this.#links = new LinkWatch(host.clock, host.links, (qualities) => this.#rate(qualities));
    this.#speakers = new SpeakerWatch(
      host.clock,
      () => this.#voices(),
      (heard) => this.#heard(heard),
    );
    this.#stalls = new StallWatch(host.clock, () => this.#flows(), host.onEmpty);
    this.#localMeter = new LocalMeter(host.audioContext);
  }

  /** Who speaks now, the loudest first. */
  get activeSpeakers(): readonly ActiveSpeaker[] {
    return this.#active;
  }

  start(): void {
    this.#links.start();
    this.#speakers.start();
    this.#stalls.start();
  }

  /** The person just did something: a meter that the browser held back may run now. */
  resume(): void {
    this.#localMeter.resume();
  }

  stop(): void {
    this.#links.stop();
    this.#speakers.stop();
    this.#stalls.stop();
    this.#localMeter.close();
    this.#remoteMeters = new WeakMap();
    this.#active = [];
    this.#host.local.rate(undefined);
    this.#host.local.hear(0, false);
  }

  #rate(qualities: ReadonlyMap<string, ConnectionQuality | undefined>): void {
    const { local, participants, onQuality } = this.#host;
    const present = [...participants.values()];
    const rated = present.map((participant): [Participant, ConnectionQuality | undefined] => [
      participant,
      qualities.get(participant.sid),
    ]);
    const own = ownQuality(rated.map(([, quality]) => quality));
    for (const [participant, quality] of [...rated, [local, own] as const]) {
      if (participant.rate(quality)) {
        onQuality(quality, participant);
      }
    }
  }

  #voices(): Voice<Participant>[] {
    const { local, participants, links, clock } = this.#host;
    const receivers = new Map<MediaStreamTrack, RTCRtpReceiver>();
    for (const { connection } of links()) {
      for (const receiver of connection?.getReceivers() ?? []) {
        receivers.set(receiver.track, receiver);
      }
    }
    const microphone = local.trackFrom("microphone");
    const own = microphone?.muted === false ? microphone.mediaStreamTrack : undefined;
    return [
      { speaker: local, amplitude: () => this.#localMeter.read(own) },
      ...[...participants.values()].map((speaker) => ({
        speaker,
        amplitude: () => {
          const track = speaker.trackFrom("microphone");
          const receiver = track?.mediaStreamTrack && receivers.get(track.mediaStreamTrack);
          return receiver === undefined || track?.muted === true
            ? 0
            : this.#remoteMeter(receiver).read(receiver, clock.now());
        },
      })),
    ];
  }

  #flows(): WatchedFlow[] {
    const { participants, links } = this.#host;
    return [...links()].map(({ sid, connection }) => {
      const participant = participants.get(sid);
      const sources = [participant?.trackFrom("microphone"), participant?.trackFrom("camera")];
      const isSending = sources.some((track) => track?.muted === false);
      return { sid, connection, isExpected: participant?.state === "connected" && isSending };
    });
  }

  #remoteMeter(receiver: RTCRtpReceiver): RemoteMeter {
    let meter = this.#remoteMeters.get(receiver);
    if (meter === undefined) {
      meter = new RemoteMeter();
      this.#remoteMeters.set(receiver, meter);
    }
    return meter;
  }

  #heard(heard: readonly Heard<Participant>[]): void {
    const before = new Set(this.#active.map(({ participant }) => participant));
    for (const { speaker, level, isSpeaking } of heard) {
      speaker.hear(level, isSpeaking);
    }
    this.#active = heard
      .filter(({ isSpeaking }) => isSpeaking)
      .map(({ speaker, level }) => ({ participant: speaker, level }))
      .sort((one, other) => other.level - one.level);
    if (before.size !== this.#active.length || this.#active.some(({ participant }) => !before.has(participant))) {
      this.#host.onSpeakers(this.#active);
    }
  }
}
