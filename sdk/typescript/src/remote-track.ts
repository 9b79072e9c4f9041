import type { Track } from "./gen/antiphon/v1/models_pb.js";
import type { Playback } from "./media/playback.js";
import { type TrackKind, type TrackSource, trackKind, trackSource } from "./models.js";

/** A track that another participant announced. Its media comes later, see `trackSubscribed`. */
export class RemoteTrack {
  /** Unique among its participant's tracks. */
  readonly id: string;
  /** `audio` or `video`. */
  readonly kind: TrackKind;
  #source: TrackSource;
  #name: string;
  #muted: boolean;
  #mid: string | undefined;
  #mediaStreamTrack: MediaStreamTrack | undefined;
  #stream: MediaStream | undefined;
  readonly #elements = new Set<HTMLMediaElement>();
  #playback: Playback | undefined;

  /** @internal */
  constructor(wire: Track) {
    this.id = wire.trackId;
    this.kind = trackKind(wire.kind);
    this.#source = trackSource(wire.source);
    this.#name = wire.name;
    this.#muted = wire.muted;
    this.#mid = wire.mid;
  }

  /** What it shows or carries. */
  get source(): TrackSource {
    return this.#source;
  }

  /** For people to read; may be empty. */
  get name(): string {
    return this.#name;
  }

  /** The publisher sends nothing at the moment. */
  get muted(): boolean {
    return this.#muted;
  }

  /** The media, once it has arrived. */
  get mediaStreamTrack(): MediaStreamTrack | undefined {
    return this.#mediaStreamTrack;
  }

  /** A stream with this track alone, for `srcObject`. */
  get stream(): MediaStream | undefined {
    return this.#stream;
  }

  /** The media section that the publisher named. @internal */
  get mid(): string | undefined {
    return this.#mid;
  }

  /**
   * Shows or plays the track in `element`, now and whenever its media changes. Creates an element when given none. Where
   * the browser holds sound back, see `room.canPlaybackAudio`.
   */
  attach(element: HTMLMediaElement = document.createElement(this.kind)): HTMLMediaElement {
    this.#elements.add(element);
    element.autoplay = true;
    if ("playsInline" in element) {
      element.playsInline = true;
    }
    element.srcObject = this.#stream ?? null;
    this.#play(element);
    return element;
  }

  /** Takes the track out of `element`, or of every element, and gives the elements that it was taken out of. */
  detach(element?: HTMLMediaElement): HTMLMediaElement[] {
    const detached = [...this.#elements].filter((attached) => element === undefined || attached === element);
    for (const attached of detached) {
      this.#elements.delete(attached);
      this.#playback?.forget(attached);
      attached.srcObject = null;
    }
    return detached;
  }

  /** Takes over a new announcement. @internal */
  describe(wire: Track): void {
    this.#source = trackSource(wire.source);
    this.#name = wire.name;
    this.#muted = wire.muted;
    this.#mid = wire.mid;
  }

  /** The media arrived, or is gone. Says whether anything changed. @internal */
  carry(mediaStreamTrack: MediaStreamTrack | undefined): boolean {
    if (this.#mediaStreamTrack === mediaStreamTrack) {
      return false;
    }
    this.#mediaStreamTrack = mediaStreamTrack;
    this.#stream = mediaStreamTrack && new MediaStream([mediaStreamTrack]);
    for (const element of this.#elements) {
      element.srcObject = this.#stream ?? null;
      this.#play(element);
    }
    return true;
  }

  /** What sees to it that sound is heard. @internal */
  playThrough(playback: Playback): void {
    if (this.#playback !== playback) {
      this.#playback = playback;
      this.#elements.forEach((element) => this.#play(element));
    }
  }

  #play(element: HTMLMediaElement): void {
    if (this.kind !== "audio") {
      return;
    }
    if (this.#stream === undefined) {
      this.#playback?.forget(element);
    } else {
      this.#playback?.play(element);
    }
  }
}
