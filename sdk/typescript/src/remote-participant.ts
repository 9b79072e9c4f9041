import type { Participant, Track } from "./gen/antiphon/v1/models_pb.js";
import type { ConnectionQuality } from "./media/quality.js";
import {
  type ParticipantRole,
  type ParticipantState,
  type TrackSource,
  participantRole,
  participantState,
} from "./models.js";
import { RemoteTrack } from "./remote-track.js";

/** Another member of the room. The object stays the same for as long as the session does. */
export class RemoteParticipant {
  /** Tells it from the `LocalParticipant`. */
  readonly isLocal = false;
  readonly #tracks = new Map<string, RemoteTrack>();
  #wire: Participant;
  #connectionQuality: ConnectionQuality | undefined;
  #audioLevel = 0;
  #isSpeaking = false;

  /** @internal */
  constructor(wire: Participant) {
    this.#wire = wire;
    for (const track of wire.tracks) {
      this.#tracks.set(track.trackId, new RemoteTrack(track));
    }
  }

  /** Server-given id of the session. */
  get sid(): string {
    return this.#wire.sid;
  }

  /** Application-given id of the person. */
  get identity(): string {
    return this.#wire.identity;
  }

  /** Display name. */
  get name(): string {
    return this.#wire.name;
  }

  /** The application's own text about it. */
  get metadata(): string {
    return this.#wire.metadata;
  }

  /** The application's own values about it. */
  get attributes(): Readonly<Record<string, string>> {
    return this.#wire.attributes;
  }

  /** Whether it has a connection. */
  get state(): ParticipantState {
    return participantState(this.#wire.state);
  }

  /** What it may do. */
  get role(): ParticipantRole {
    return participantRole(this.#wire.role);
  }

  /** When it joined, by the server's clock. */
  get joinedAt(): Date {
    return new Date(this.#wire.joinedAtMs);
  }

  /** How well media gets through between this client and this participant, both ways; `undefined` before it was measured, and where there is no media connection. */
  get connectionQuality(): ConnectionQuality | undefined {
    return this.#connectionQuality;
  }

  /** Speaks now: the same as being in `room.activeSpeakers`. */
  get isSpeaking(): boolean {
    return this.#isSpeaking;
  }

  /** How loud the microphone is now, from 0 to 1 on a scale like the ear's. Brought up to date ten times a second. */
  get audioLevel(): number {
    return this.#audioLevel;
  }

  /** What it announced, by track id. */
  get tracks(): ReadonlyMap<string, RemoteTrack> {
    return this.#tracks;
  }

  /** Its first track from `source`. */
  trackFrom(source: TrackSource): RemoteTrack | undefined {
    return [...this.#tracks.values()].find((track) => track.source === source);
  }

  /** Everything but the tracks, which have events of their own. @internal */
  describe(wire: Participant): void {
    this.#wire = wire;
  }

  /** Announces a track, or describes it anew. @internal */
  putTrack(wire: Track): { readonly track: RemoteTrack; readonly isNew: boolean } {
    const known = this.#tracks.get(wire.trackId);
    if (known !== undefined) {
      known.describe(wire);
      return { track: known, isNew: false };
    }
    const track = new RemoteTrack(wire);
    this.#tracks.set(track.id, track);
    return { track, isNew: true };
  }

  /** What was measured; says whether it changed. @internal */
  rate(quality: ConnectionQuality | undefined): boolean {
    const hasChanged = this.#connectionQuality !== quality;
    this.#connectionQuality = quality;
    return hasChanged;
  }

  /** What was heard. @internal */
  hear(audioLevel: number, isSpeaking: boolean): void {
    this.#audioLevel = audioLevel;
    this.#isSpeaking = isSpeaking;
  }

  /** Withdraws a track. @internal */
  removeTrack(trackId: string): RemoteTrack | undefined {
    const track = this.#tracks.get(trackId);
    this.#tracks.delete(trackId);
    return track;
  }
}
