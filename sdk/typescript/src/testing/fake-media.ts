/** Media objects for tests outside a browser. */
let ids = 0;

export class FakeMediaStreamTrack extends EventTarget {
  readonly id = `track-${(ids += 1)}`;
  readonly kind: "audio" | "video";
  enabled = true;
  readyState: "live" | "ended" = "live";

  constructor(kind: "audio" | "video") {
    super();
    this.kind = kind;
  }

  stop(): void {
    this.readyState = "ended";
  }

  /** The device is gone, or the person stopped sharing. */
  end(): void {
    this.readyState = "ended";
    this.dispatchEvent(new Event("ended"));
  }
}

export class FakeMediaStream {
  readonly id = `stream-${(ids += 1)}`;
  readonly #tracks: MediaStreamTrack[];

  constructor(tracks: MediaStreamTrack[] = []) {
    this.#tracks = [...tracks];
  }

  getTracks(): MediaStreamTrack[] {
    return [...this.#tracks];
  }

  addTrack(track: MediaStreamTrack): void {
    this.#tracks.push(track);
  }

  removeTrack(track: MediaStreamTrack): void {
    this.#tracks.splice(this.#tracks.indexOf(track), 1);
  }
}

/** A track as the browser gives it. */
export function fakeTrack(kind: "audio" | "video"): MediaStreamTrack & FakeMediaStreamTrack {
  return new FakeMediaStreamTrack(kind) as unknown as MediaStreamTrack & FakeMediaStreamTrack;
}

/** Devices that open when asked, and remember what they were asked for. */
export class FakeDevices {
  readonly opened: FakeMediaStreamTrack[] = [];
  readonly asked: unknown[] = [];
  refusal: DOMException | undefined;
  /** What `enumerateDevices` tells; `undefined`: one of each kind. */
  listed: Partial<MediaDeviceInfo>[] | undefined;
  readonly #listeners = new Set<() => void>();
  /** Devices open once this is fulfilled: a person takes time to answer. */
  opening: Promise<void> = Promise.resolve();

  enumerateDevices(): Promise<MediaDeviceInfo[]> {
    const listed = this.listed ?? [
      { kind: "audioinput", deviceId: "microphone-1", label: "Microphone" },
      { kind: "videoinput", deviceId: "camera-1", label: "Camera" },
      { kind: "audiooutput", deviceId: "speaker-1", label: "Speaker" },
    ];
    return Promise.resolve(listed as MediaDeviceInfo[]);
  }

  addEventListener(_: string, listener: unknown): void {
    this.#listeners.add(listener as () => void);
  }

  removeEventListener(_: string, listener: unknown): void {
    this.#listeners.delete(listener as () => void);
  }

  /** The browser says that devices changed. */
  change(listed?: Partial<MediaDeviceInfo>[]): void {
    this.listed = listed ?? this.listed;
    this.#listeners.forEach((listener) => listener());
  }

  getUserMedia(constraints: MediaStreamConstraints): Promise<MediaStream> {
    return this.#open(constraints, [
      ...(constraints.audio === undefined ? [] : ["audio" as const]),
      ...(constraints.video === undefined ? [] : ["video" as const]),
    ]);
  }

  getDisplayMedia(constraints: DisplayMediaStreamOptions): Promise<MediaStream> {
    return this.#open(constraints, ["video", ...(constraints.audio === true ? ["audio" as const] : [])]);
  }

  async #open(constraints: unknown, kinds: ("audio" | "video")[]): Promise<MediaStream> {
    this.asked.push(constraints);
    await this.opening;
    if (this.refusal !== undefined) {
      throw this.refusal;
    }
    const tracks = kinds.map(fakeTrack);
    this.opened.push(...tracks);
    return new FakeMediaStream(tracks) as unknown as MediaStream;
  }
}
