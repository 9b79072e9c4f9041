import type { Clock } from "../clock.js";
import { hear, loudness, SILENCE, type Speech } from "./speech.js";

/** Often enough for a light that follows the voice. */
const INTERVAL_MS = 100;

/** Somebody who may speak. */
export interface Voice<Speaker> {
  readonly speaker: Speaker;
  /** Root mean square of the sound at this moment; 1 is full scale. */
  amplitude(): number;
}

/** What was heard of somebody. */
export interface Heard<Speaker> {
  readonly speaker: Speaker;
  /** Loudness from 0 to 1. */
  readonly level: number;
  readonly isSpeaking: boolean;
}

/** Listens to everybody several times a second. */
export class SpeakerWatch<Speaker> {
  readonly #clock: Clock;
  readonly #voices: () => Iterable<Voice<Speaker>>;
  readonly #onHeard: (heard: readonly Heard<Speaker>[]) => void;
  #speech = new Map<Speaker, Speech>();
  #cancel: () => void = () => {};

  /** `onHeard` is called each time, with everybody who has a voice. */
  constructor(
    clock: Clock,
    voices: () => Iterable<Voice<Speaker>>,
    onHeard: (heard: readonly Heard<Speaker>[]) => void,
  ) {
    this.#clock = clock;
    this.#voices = voices;
    this.#onHeard = onHeard;
  }

  start(): void {
    this.stop();
    this.#plan();
  }

  stop(): void {
    this.#cancel();
    this.#speech = new Map();
  }

  #plan(): void {
    this.#cancel = this.#clock.after(INTERVAL_MS, () => {
      this.#plan();
      this.#listen();
    });
  }

  #listen(): void {
    const now = this.#clock.now();
    const speech = new Map<Speaker, Speech>();
    const heard = [...this.#voices()].map(({ speaker, amplitude }) => {
      const level = loudness(amplitude());
      const next = hear(this.#speech.get(speaker) ?? SILENCE, level, now);
      speech.set(speaker, next);
      return { speaker, level, isSpeaking: next.isSpeaking };
    });
    this.#speech = speech;
    this.#onHeard(heard);
  }
}
