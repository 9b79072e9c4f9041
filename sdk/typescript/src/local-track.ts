import { create } from "@bufbuild/protobuf";

import { AntiphonError } from "./errors.js";
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
  /** Set where the SDK opened the device: it also closes it, or what replaced it, and can open it again. */
  readonly capture: Capture | undefined;
}

/** A track that this client publishes. */
export class LocalTrack implements OutgoingTrack {
  /** Carries this track alone; its id names the track to the others. */
  readonly stream: MediaStream;
  /** `audio` or `video`. */
  readonly kind: TrackKind;
  /** What it shows or carries. */
  readonly source: TrackSource;
  /** For people to read. */
  readonly name: string;
  readonly #owner: LocalTrackOwner;
  readonly #capture: Capture | undefined;
  #mediaStreamTrack: MediaStreamTrack | undefined;
  #muted: boolean;
  #override: MediaTrackConstraints = {};
  /** Counts what was asked for, so that a device which opens late does not undo a later word. */
  #intent = 0;
  /** One device is opened after the other. */
  #opening: Promise<unknown> = Promise.resolve();
  #isStopped = false;

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

  /** The id of its `stream`: what the others know it by. */
  get id(): string {
    return this.stream.id;
  }

  /** What is sent; `undefined` while the device is released. */
  get mediaStreamTrack(): MediaStreamTrack | undefined {
    return this.#mediaStreamTrack;
  }

  /** Nothing is sent at the moment. */
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
    this.#intent += 1;
    const intent = this.#intent;
    if (this.#mediaStreamTrack === undefined) {
      if (this.#capture === undefined) {
        throw notCaptured();
      }
      await this.#inTurn(() => this.#reopen(intent));
    }
    if (intent !== this.#intent) {
      return;
    }
    if (this.#mediaStreamTrack !== undefined) {
      this.#mediaStreamTrack.enabled = true;
    }
    this.#muted = false;
    await this.#owner.muteChanged(this);
  }

  /**
   * Sends another track in place of the present one, without a negotiation. Where the SDK opened the present one, it
   * also closes the new one once that is released, replaced or withdrawn.
   */
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
   * Takes its media from another device, at once and without a negotiation, or when it is opened again; the empty id is
   * the system's choice. Rejects with `device_not_captured` for tracks whose device the application opened.
   */
  async setDevice(deviceId: string): Promise<void> {
    const capture = this.#capture;
    if (capture === undefined) {
      throw notCaptured();
    }
    await this.#inTurn(async () => {
      const override = { ...this.#override, deviceId: deviceId === "" ? {} : { exact: deviceId } };
      if (this.#mediaStreamTrack !== undefined) {
        const opened = await this.#open(capture, override);
        if (this.#mediaStreamTrack === undefined) {
          // Released in the meantime: the other device is opened when there is something to send again.
          opened.stop();
        } else {
          this.replaceTrack(opened);
        }
      }
      this.#override = override;
    });
  }

  /** The device is gone: opens another in its place, if it was sending; says whether there is one now. @internal */
  async replaceDevice(): Promise<boolean> {
    if (this.#capture === undefined || this.#muted) {
      return false;
    }
    const intent = this.#intent;
    try {
      await this.#inTurn(() => this.#reopen(intent));
    } catch (error) {
      if (error instanceof AntiphonError) {
        return false;
      }
      throw error;
    }
    return this.#mediaStreamTrack !== undefined;
  }

  /** Sends silence or black without telling anybody. @internal */
  silence(): void {
    this.#intent += 1;
    this.#muted = true;
    if (this.#mediaStreamTrack !== undefined) {
      this.#mediaStreamTrack.enabled = false;
    }
  }

  /** Closes the device, if the SDK opened it. @internal */
  stop(): void {
    this.#isStopped = true;
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

  #inTurn(change: () => Promise<void>): Promise<void> {
    const result = this.#opening.then(change);
    this.#opening = result.catch(() => {});
    return result;
  }

  async #reopen(intent: number): Promise<void> {
    if (this.#capture === undefined || this.#mediaStreamTrack !== undefined || intent !== this.#intent) {
      return;
    }
    const opened = await this.#open(this.#capture, this.#override);
    if (intent === this.#intent) {
      this.#take(opened);
      this.#owner.contentChanged(this);
    } else {
      opened.stop();
    }
  }

  async #open(capture: Capture, override: MediaTrackConstraints): Promise<MediaStreamTrack> {
    const opened = await capture(override);
    if (this.#isStopped) {
      opened.stop();
      throw new AntiphonError("disconnected", "The track was withdrawn before its device was open.");
    }
    return opened;
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
    // Not to be had any more, whether it was chosen here or by the constraints that it was opened with.
    this.#override = { ...this.#override, deviceId: {} };
    this.#owner.ended(this);
  };
}

function notCaptured(): AntiphonError {
  return new AntiphonError("device_not_captured", "The application opened this device. Change it by `replaceTrack`.");
}
