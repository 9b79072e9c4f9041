import { deviceError, unsupported } from "../device-errors.js";
import { AntiphonError } from "../errors.js";

/**
 * Plays the elements that carry others' sound, through the speaker that was chosen, and knows which of them the browser
 * holds back: many play no sound on a page before somebody has clicked there.
 */
export class Playback {
  readonly #onChanged: (canPlay: boolean) => void;
  readonly #elements = new Set<HTMLMediaElement>();
  readonly #blocked = new Set<HTMLMediaElement>();
  #sinkId = "";

  /** `onChanged` is called when `canPlay` changes. */
  constructor(onChanged: (canPlay: boolean) => void) {
    this.#onChanged = onChanged;
  }

  /** No element is held back. */
  get canPlay(): boolean {
    return this.#blocked.size === 0;
  }

  /** Plays an element's present sound, now and when the browser permits. */
  play(element: HTMLMediaElement): void {
    if (!this.#elements.has(element)) {
      this.#elements.add(element);
      if (this.#sinkId !== "") {
        // One that is not to be had any more leaves the system's choice.
        this.#route(element, this.#sinkId).catch(() => {});
      }
    }
    void this.#try(element);
  }

  /** An element plays none of the room's sound any more. */
  forget(element: HTMLMediaElement): void {
    this.#elements.delete(element);
    this.#change(() => this.#blocked.delete(element));
  }

  /** Plays what was held back. To be called where the person just did something. */
  async start(): Promise<void> {
    await Promise.all([...this.#blocked].map((element) => this.#try(element)));
    if (!this.canPlay) {
      throw new AntiphonError(
        "audio_blocked",
        "The browser still plays no sound. Call `startAudio` in a listener of a click or a key.",
      );
    }
  }

  /** Sound comes out of this device from now on; the empty id is the system's choice. */
  async setSink(deviceId: string): Promise<void> {
    if (!("setSinkId" in HTMLMediaElement.prototype)) {
      throw unsupported("play through another speaker than the system's choice");
    }
    try {
      await Promise.all([...this.#elements].map((element) => this.#route(element, deviceId)));
    } catch (error) {
      await Promise.allSettled([...this.#elements].map((element) => this.#route(element, this.#sinkId)));
      throw deviceError(error, "speaker");
    }
    this.#sinkId = deviceId;
  }

  async #route(element: HTMLMediaElement, deviceId: string): Promise<void> {
    if (element.sinkId !== deviceId) {
      await element.setSinkId(deviceId);
    }
  }

  async #try(element: HTMLMediaElement): Promise<void> {
    try {
      await element.play();
      this.#change(() => this.#blocked.delete(element));
    } catch (error) {
      // Anything else: other media took its place, or the element went away.
      if (error instanceof Error && error.name === "NotAllowedError" && this.#elements.has(element)) {
        this.#change(() => this.#blocked.add(element));
      }
    }
  }

  #change(change: () => void): void {
    const before = this.canPlay;
    change();
    if (this.canPlay !== before) {
      this.#onChanged(this.canPlay);
    }
  }
}
