import { amplitude } from "./speech.js";

/** Long enough for a vowel, short beside the time between two looks. */
const WINDOW_SAMPLES = 2_048;
/** A receiver from which nothing new came for so long is silent. */
const STALE_MS = 500;

/** The part of an `AudioContext` that is used. */
export type AudioContextLike = Pick<
  AudioContext,
  "createMediaStreamSource" | "createAnalyser" | "resume" | "suspend" | "close" | "state"
>;

/** A new one; nothing outside a browser. */
export function browserAudioContext(): AudioContextLike | undefined {
  return typeof AudioContext === "undefined" ? undefined : new AudioContext();
}

/** How loud one's own microphone is, by WebAudio: statistics would need a connection. */
export class LocalMeter {
  readonly #createContext: () => AudioContextLike | undefined;
  readonly #samples = new Float32Array(WINDOW_SAMPLES);
  #context: AudioContextLike | undefined;
  #track: MediaStreamTrack | undefined;
  #analyser: AnalyserNode | undefined;
  #disconnect: () => void = () => {};

  constructor(createContext: () => AudioContextLike | undefined) {
    this.#createContext = createContext;
  }

  /** The amplitude of `track` at this moment (root mean square, 1: full scale). */
  read(track: MediaStreamTrack | undefined): number {
    if (this.#track !== track) {
      this.#follow(track);
    }
    if (this.#analyser === undefined) {
      return 0;
    }
    this.#analyser.getFloatTimeDomainData(this.#samples);
    return amplitude(this.#samples);
  }

  /** Before the page's first click the browser may hold the meter back: now there was one. */
  resume(): void {
    if (this.#track !== undefined) {
      settled(this.#context?.resume());
    }
  }

  /** Lets go of everything; reading begins anew. */
  close(): void {
    this.#follow(undefined);
    settled(this.#context?.close());
    this.#context = undefined;
  }

  #follow(track: MediaStreamTrack | undefined): void {
    this.#disconnect();
    this.#disconnect = () => {};
    this.#analyser = undefined;
    this.#track = track;
    if (track === undefined) {
      // A context that runs costs power also in silence.
      settled(this.#context?.suspend());
      return;
    }
    this.#context ??= this.#createContext();
    if (this.#context === undefined) {
      return;
    }
    const source = this.#context.createMediaStreamSource(new MediaStream([track]));
    this.#analyser = this.#context.createAnalyser();
    this.#analyser.fftSize = WINDOW_SAMPLES;
    source.connect(this.#analyser);
    this.#disconnect = () => source.disconnect();
    settled(this.#context.resume());
  }
}

/** It is no failure if the browser does not want to. */
function settled(change: Promise<void> | undefined): void {
  change?.catch(() => {});
}

/** The part of an `RTCRtpReceiver` that is used. */
export type AudioReceiver = Pick<RTCRtpReceiver, "getSynchronizationSources">;

/**
 * How loud somebody else is: what the sender wrote into the packets that are played now (RFC 6464). It costs nothing,
 * and needs no permission to play.
 */
export class RemoteMeter {
  #rtpTimestamp = -1;
  #changedAtMs = Number.NEGATIVE_INFINITY;

  /** The amplitude of what comes at this moment (1: full scale). */
  read(receiver: AudioReceiver, nowMs: number): number {
    const [newest] = receiver.getSynchronizationSources().sort((one, other) => other.timestamp - one.timestamp);
    if (newest === undefined) {
      return 0;
    }
    if (newest.rtpTimestamp !== this.#rtpTimestamp) {
      this.#rtpTimestamp = newest.rtpTimestamp;
      this.#changedAtMs = nowMs;
    }
    return nowMs - this.#changedAtMs >= STALE_MS ? 0 : (newest.audioLevel ?? 0);
  }
}
