import { create } from "@bufbuild/protobuf";

import { type Track, TrackSchema } from "./gen/antiphon/v1/models_pb.js";
import type { OutgoingTrack } from "./media/senders.js";
import { type TrackKind, type TrackSource, wireKind, wireSource } from "./models.js";

/** Opens a device again; `override` goes before the constraints that it was opened with. */
export type Capture = (override: MediaTrackConstraints) => Promise<MediaStreamTrack>;

/** What a local track tells its participant. */
export interface LocalTrackOwner {
  /** The mute state changed. */
  muteChanged(track: LocalTrack): Promise<void>;
  /** Something else is to be sent. */
  contentChanged(track: LocalTrack): void;
  /** The device or the shared window is gone. */
  ended(track: LocalTrack): void;
}

/** How a local track begins. */
export interface LocalTrackOptions {
  readonly source: TrackSource;
  readonly name: string;
  /** Set where the SDK opened the device: it also closes it, and can open it again. */
  readonly capture: Capture | undefined;
}

/** A track that this client publishes. */
export class LocalTrack implements OutgoingTrack {
  /** Carries this track alone; its id names the track to the others. */
  readonly stream: MediaStream;
  readonly kind: TrackKind;
  readonly source: TrackSource;
  readonly name: string;
  readonly #owner: LocalTrackOwner;
  readonly #capture: Capture | undefined;
  #mediaStreamTrack: MediaStreamTrack | undefined;
  #muted: boolean;
  #override: MediaTrackConstraints = {};

  /** @internal */
  constructor(mediaStreamTrack: MediaStreamTrack, owner: LocalTrackOwner, options: LocalTrackOptions) {
    // A stream of its own: its id travels in the SDP, stays the same when the device changes, and is the same in every
    // browser.
    this.stream = new MediaStream([mediaStreamTrack]);
    this.kind = mediaStreamTrack.kind as TrackKind;
    this.source = options.source;
    this.name = options.name;
    this.#owner = owner;
    this.#capture = options.capture;
    this.#muted = !mediaStreamTrack.enabled;
    this.#take(mediaStreamTrack);
  }

  get id(): string {
    return this.stream.id;
  }

  /** What is sent; `undefined` while the device is released. */
  get mediaStreamTrack(): MediaStreamTrack | undefined {
    return this.#mediaStreamTrack;
  }

  get muted(): boolean {
    return this.#muted;
  }

  /**
   * Sends silence or black, and says so to the others. With `release`, also closes the device (the camera's light goes
   * off), if the SDK opened it.
   */
  async mute({ release = false }: { release?: boolean } = {}): Promise<void> {
    this.silence();
    if (release && this.#capture !== undefined && this.#mediaStreamTrack !== undefined) {
      this.#drop();
      this.#owner.contentChanged(this);
    }
    await this.#owner.muteChanged(this);
  }

  /** Sends again; opens the device if it was released. */
  async unmute(): Promise<void> {
    if (this.#mediaStreamTrack === undefined) {
      if (this.#capture === undefined) {
        throw new Error("The device is gone: use replaceTrack.");
      }
      this.#take(await this.#capture(this.#override));
      this.#owner.contentChanged(this);
    }
    if (this.#mediaStreamTrack !== undefined) {
      this.#mediaStreamTrack.enabled = true;
    }
    this.#muted = false;
    await this.#owner.muteChanged(this);
  }

  /** Sends another track in place of the present one, without a negotiation. */
  replaceTrack(mediaStreamTrack: MediaStreamTrack): void {
    if (mediaStreamTrack.kind !== this.kind) {
      throw new TypeError(`A ${this.kind} track cannot be replaced by a track of kind ${mediaStreamTrack.kind}.`);
    }
    if (mediaStreamTrack !== this.#mediaStreamTrack) {
      this.#drop();
      this.#take(mediaStreamTrack);
      mediaStreamTrack.enabled = !this.#muted;
      this.#owner.contentChanged(this);
    }
  }

  /**
   * Takes its media from another device, at once or when it is opened again. Only for tracks whose device the SDK
   * opened.
   */
  async setDevice(deviceId: string): Promise<void> {
    if (this.#capture === undefined) {
      throw new Error("The application opened this device: use replaceTrack.");
    }
    const override = { ...this.#override, deviceId: { exact: deviceId } };
    if (this.#mediaStreamTrack !== undefined) {
      this.replaceTrack(await this.#capture(override));
    }
    this.#override = override;
  }

  /** Sends silence or black without telling anybody. @internal */
  silence(): void {
    this.#muted = true;
    if (this.#mediaStreamTrack !== undefined) {
      this.#mediaStreamTrack.enabled = false;
    }
  }

  /** Closes the device, if the SDK opened it. @internal */
  stop(): void {
    this.#drop();
  }

  /** As it is announced. @internal */
  describe(): Track {
    return create(TrackSchema, {
      trackId: this.id,
      kind: wireKind(this.kind),
      source: wireSource(this.source),
      name: this.name,
      muted: this.#muted,
    });
  }

  #take(mediaStreamTrack: MediaStreamTrack): void {
    this.#mediaStreamTrack = mediaStreamTrack;
    if (!this.stream.getTracks().includes(mediaStreamTrack)) {
      this.stream.addTrack(mediaStreamTrack);
    }
    mediaStreamTrack.addEventListener("ended", this.#onEnded);
  }

  #drop(): void {
    const dropped = this.#mediaStreamTrack;
    this.#mediaStreamTrack = undefined;
    if (dropped !== undefined) {
      dropped.removeEventListener("ended", this.#onEnded);
      this.stream.removeTrack(dropped);
      if (this.#capture !== undefined) {
        dropped.stop();
      }
    }
  }

  readonly #onEnded = (): void => {
    this.#drop();
    this.#owner.ended(this);
  };
}
