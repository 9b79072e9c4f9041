import { captureCamera, captureMicrophone, captureScreen, type MediaDevicesLike } from "./capture.js";
import { AntiphonError } from "./errors.js";
import type { Participant, Track } from "./gen/antiphon/v1/models_pb.js";
import { type Capture, LocalTrack, type LocalTrackOwner } from "./local-track.js";
import type { ConnectionQuality } from "./media/quality.js";
import {
  type ParticipantRole,
  type ParticipantState,
  type TrackSource,
  participantRole,
  participantState,
} from "./models.js";
import type { ClientKind } from "./session/frames.js";

/** How a track is published. */
export interface PublishOptions {
  /** What it shows or carries. */
  readonly source: TrackSource;
  /** For people to read. */
  readonly name?: string;
}

/** What a screen share asks the browser for. */
export interface ScreenShareOptions {
  /** The sound of what is shared too. Default `true`; the browser or the person may decline. */
  readonly audio?: boolean;
  /** For `getDisplayMedia`. */
  readonly video?: MediaTrackConstraints;
}

/** How this client shows itself. */
export interface Profile {
  name?: string | undefined;
  metadata?: string | undefined;
  attributes?: Readonly<Record<string, string>> | undefined;
}

/** What a local participant tells its room. */
export interface LocalParticipantHost {
  readonly mediaDevices: () => MediaDevicesLike;
  /** Sends a frame and waits for the server, if there is a room to send it to: `undefined` where not. */
  readonly request: (kind: ClientKind) => Promise<void> | undefined;
  readonly put: (track: LocalTrack) => void;
  readonly remove: (track: LocalTrack) => void;
  readonly onPublished: (track: LocalTrack) => void;
  readonly onUnpublished: (track: LocalTrack) => void;
  readonly onUpdated: (track: LocalTrack, byModerator: boolean) => void;
  readonly onDeviceLost: (track: LocalTrack, replacement: MediaStreamTrack | undefined) => void;
  readonly onError: (error: AntiphonError) => void;
}

/** This client's own participant. */
export class LocalParticipant {
  /** Tells it from a `RemoteParticipant`. */
  readonly isLocal = true;
  readonly #host: LocalParticipantHost;
  readonly #tracks = new Map<string, LocalTrack>();
  /** Mute changes, by track, that the server has neither shown nor settled: until then what it says of the track is old. */
  readonly #unshownMutes = new Map<string, readonly { readonly muted: boolean }[]>();
  /** One change of a source after the other. */
  readonly #changes = new Map<TrackSource, Promise<unknown>>();
  /** What this client said of itself; an empty attribute is one that it removed. */
  #said: Profile = {};
  /** Changes that the server has not accepted: there is no room yet, or they are on their way. */
  #unsettled: Profile[] = [];
  /** Devices that were chosen for what is not open yet. */
  readonly #chosenDevices = new Map<TrackSource, string>();
  #sid = "";
  /** Goes up each time that a room is left. */
  #stay = 0;
  #wire: Participant | undefined;
  #connectionQuality: ConnectionQuality | undefined;
  #audioLevel = 0;
  #isSpeaking = false;
  readonly #trackOwner: LocalTrackOwner = {
    muteChanged: (track) => this.#muteChanged(track),
    contentChanged: (track) => this.#contentChanged(track),
    ended: (track) => this.#trackEnded(track),
  };

  /** @internal */
  constructor(host: LocalParticipantHost) {
    this.#host = host;
  }

  /** Server-given id of the session; empty before the room is joined, and another one after a session was lost. */
  get sid(): string {
    return this.#sid;
  }

  /** Application-given id of the person. */
  get identity(): string {
    return this.#wire?.identity ?? "";
  }

  /** Display name. */
  get name(): string {
    return this.#wire?.name ?? this.#profile.name ?? "";
  }

  /** The application's own text about it. */
  get metadata(): string {
    return this.#wire?.metadata ?? this.#profile.metadata ?? "";
  }

  /** The application's own values about it. */
  get attributes(): Readonly<Record<string, string>> {
    const { attributes = {} } = this.#profile;
    return this.#wire?.attributes ?? Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== ""));
  }

  /** Whether it is in a room. */
  get state(): ParticipantState {
    return this.#wire === undefined ? "disconnected" : participantState(this.#wire.state);
  }

  /** What it may do. */
  get role(): ParticipantRole {
    return this.#wire === undefined ? "viewer" : participantRole(this.#wire.role);
  }

  /** How well media gets through to and from the others: what at least half of the connections reach; `undefined` before it was measured, and where there is no media connection. */
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

  /** What it publishes, by track id. */
  get tracks(): ReadonlyMap<string, LocalTrack> {
    return this.#tracks;
  }

  /** Its first track from `source`. */
  trackFrom(source: TrackSource): LocalTrack | undefined {
    return [...this.#tracks.values()].find((track) => track.source === source);
  }

  /** It publishes a microphone that is not muted. */
  get isMicrophoneEnabled(): boolean {
    return this.trackFrom("microphone")?.muted === false;
  }

  /** It publishes a camera that is not muted. */
  get isCameraEnabled(): boolean {
    return this.trackFrom("camera")?.muted === false;
  }

  /** It shares a screen, window or tab. */
  get isScreenShareEnabled(): boolean {
    return this.trackFrom("screenShare") !== undefined;
  }

  /**
   * Publishes a track that the application opened, and keeps open. Before the room is joined, and in its lobby, the
   * track waits and is announced on entry.
   */
  publish(mediaStreamTrack: MediaStreamTrack, options: PublishOptions): Promise<LocalTrack> {
    return this.#publish(mediaStreamTrack, options, undefined);
  }

  /** Withdraws a track. */
  async unpublish(track: LocalTrack): Promise<void> {
    if (this.#discard(track)) {
      await this.#request({ case: "unpublish", value: { trackId: track.id } });
    }
  }

  /**
   * Opens the microphone, or mutes it. Rejects with an `AntiphonError` when it cannot be opened: `device_denied`,
   * `device_not_found`, `device_in_use`, `insecure_context`, …; its `cause` is the browser's own error.
   */
  setMicrophoneEnabled(isEnabled: boolean, constraints: MediaTrackConstraints = {}): Promise<LocalTrack | undefined> {
    const capture = (override: MediaTrackConstraints) =>
      captureMicrophone(this.#host.mediaDevices(), { ...constraints, ...this.#chosen("microphone"), ...override });
    return this.#setEnabled("microphone", isEnabled, capture, { release: false });
  }

  /** Opens the camera, or closes it: its light goes off. */
  setCameraEnabled(isEnabled: boolean, constraints: MediaTrackConstraints = {}): Promise<LocalTrack | undefined> {
    const capture = (override: MediaTrackConstraints) =>
      captureCamera(this.#host.mediaDevices(), { ...constraints, ...this.#chosen("camera"), ...override });
    return this.#setEnabled("camera", isEnabled, capture, { release: true });
  }

  /** Asks what to share and publishes it, or stops sharing. */
  setScreenShareEnabled(
    isEnabled: boolean,
    { audio = true, video = {} }: ScreenShareOptions = {},
  ): Promise<LocalTrack | undefined> {
    return this.#inTurn("screenShare", async () => {
      const present = [this.trackFrom("screenShare"), this.trackFrom("screenShareAudio")].filter(
        (track) => track !== undefined,
      );
      if (!isEnabled) {
        await Promise.all(present.map((track) => this.unpublish(track)));
      } else if (present.length === 0) {
        const captured = await this.#unlessLeft(
          captureScreen(this.#host.mediaDevices(), { audio, video }),
          (shared) => shared.forEach(({ track }) => track.stop()),
        );
        // It cannot be opened again without asking, but it is the SDK's to close.
        const closed: Capture = () => Promise.reject(new Error("A screen share that ended has to be asked for again."));
        await Promise.all(captured.map(({ track, source }) => this.#publish(track, { source }, closed)));
      }
      return this.trackFrom("screenShare");
    });
  }

  /** Changes the display name, for everyone. */
  setName(name: string): Promise<void> {
    return this.#setProfile({ name });
  }

  /** Replaces the application's own text about this participant. */
  setMetadata(metadata: string): Promise<void> {
    return this.#setProfile({ metadata });
  }

  /** Merges `attributes` into the present ones; an empty value removes its key. */
  setAttributes(attributes: Readonly<Record<string, string>>): Promise<void> {
    return this.#setProfile({ attributes });
  }

  /** Which microphone or camera to use, now and later. @internal */
  async chooseDevice(source: "microphone" | "camera", deviceId: string): Promise<void> {
    await this.trackFrom(source)?.setDevice(deviceId);
    this.#chosenDevices.set(source, deviceId);
  }

  /** What `join` is to say of this client. @internal */
  begin(profile: Profile): void {
    const { attributes, ...rest } = this.#profile;
    this.#said = merged([rest, profile]);
    // Without these the token has some, which the server alone can merge with others.
    this.#unsettled = attributes === undefined ? [] : [{ attributes: { ...attributes, ...profile.attributes } }];
  }

  /** What `join` says of this client. What it does not say follows on entry. @internal */
  takeProfile(): Profile {
    const { attributes, ...rest } = this.#profile;
    if (this.#wire === undefined || attributes === undefined) {
      return { ...rest, attributes: this.#said.attributes };
    }
    // In place of a session that was lost: what the room knew, but for what it was not told in time.
    return { ...rest, attributes: { ...attributes, ...this.#wire.attributes, ...merged(this.#unsettled).attributes } };
  }

  /** A session began. @internal */
  enter(sid: string): void {
    this.#sid = sid;
  }

  /** The server's view of this client. @internal */
  describe(wire: Participant): void {
    this.#wire = wire;
  }

  /** A room was entered: tells it what it does not know. @internal */
  announceAll(): void {
    if (this.#unsettled.length > 0) {
      this.#setProfile(merged(this.#unsettled.splice(0))).catch((error: unknown) => this.#report(error));
    }
    for (const track of this.#tracks.values()) {
      this.#announce(track).catch((error: unknown) => {
        this.#discard(track);
        this.#report(error);
      });
    }
  }

  /** The server's view of an own track. @internal */
  trackUpdated(wire: Track): void {
    const track = this.#tracks.get(wire.trackId);
    const [next, ...rest] = this.#unshownMutes.get(wire.trackId) ?? [];
    if (next !== undefined) {
      if (next.muted === wire.muted) {
        this.#unshownMutes.set(wire.trackId, rest);
      }
      return;
    }
    if (track !== undefined && wire.muted && !track.muted) {
      track.silence();
      this.#host.onUpdated(track, true);
    }
  }

  /** The server withdrew an own track. @internal */
  trackUnpublished(trackId: string): void {
    const track = this.#tracks.get(trackId);
    if (track !== undefined) {
      this.#discard(track);
    }
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

  /** The join was refused, or the room left: closes what the SDK opened, and keeps what the application did. @internal */
  closeDevices(): void {
    this.#stay += 1;
    for (const track of [...this.#tracks.values()]) {
      this.#discard(track);
    }
  }

  /** The room was left. @internal */
  leave(): void {
    this.closeDevices();
    this.#wire = undefined;
    this.#sid = "";
    this.#said = {};
    this.#unsettled = [];
  }

  get #profile(): Profile {
    return merged([this.#said, ...this.#unsettled]);
  }

  /** A device that was chosen before may be gone by now. */
  #chosen(source: TrackSource): MediaTrackConstraints {
    const deviceId = this.#chosenDevices.get(source) ?? "";
    return deviceId === "" ? {} : { deviceId: { ideal: deviceId } };
  }

  async #muteChanged(track: LocalTrack): Promise<void> {
    if (!this.#tracks.has(track.id)) {
      return;
    }
    this.#host.onUpdated(track, false);
    const { id, muted } = track;
    const change = { muted };
    this.#unshownMutes.set(id, [...(this.#unshownMutes.get(id) ?? []), change]);
    try {
      await this.#request({ case: "update", value: { tracks: [{ trackId: id, muted }] } });
    } finally {
      const left = (this.#unshownMutes.get(id) ?? []).filter((other) => other !== change);
      if (left.length > 0) {
        this.#unshownMutes.set(id, left);
      } else {
        this.#unshownMutes.delete(id);
      }
    }
  }

  #contentChanged(track: LocalTrack): void {
    if (this.#tracks.has(track.id)) {
      this.#host.put(track);
      this.#host.onUpdated(track, false);
    }
  }

  #trackEnded(track: LocalTrack): void {
    const isShare = track.source === "screenShare" || track.source === "screenShareAudio";
    const change = isShare ? this.unpublish(track) : this.#deviceLost(track);
    change.catch((error: unknown) => this.#report(error));
  }

  /** Another device takes its place; where there is none the track is muted until it, or another, is opened. */
  async #deviceLost(track: LocalTrack): Promise<void> {
    this.#chosenDevices.delete(track.source);
    const isReplaced = (await this.#mayOpen(track.kind)) && (await track.replaceDevice());
    if (!this.#tracks.has(track.id)) {
      return;
    }
    this.#host.onDeviceLost(track, isReplaced ? track.mediaStreamTrack : undefined);
    if (track.mediaStreamTrack === undefined && !track.muted) {
      await track.mute();
    }
  }

  /** There is such a device, and the person would not be asked: a permission that was taken away is no unplugged device. */
  async #mayOpen(kind: "audio" | "video"): Promise<boolean> {
    try {
      const found = await this.#host.mediaDevices().enumerateDevices?.();
      return found?.some((device) => device.kind === `${kind}input` && device.label !== "") ?? true;
    } catch {
      return false;
    }
  }

  async #publish(
    mediaStreamTrack: MediaStreamTrack,
    { source, name = "" }: PublishOptions,
    capture: Capture | undefined,
  ): Promise<LocalTrack> {
    const known = [...this.#tracks.values()].find((track) => track.mediaStreamTrack === mediaStreamTrack);
    if (known !== undefined) {
      return known;
    }
    const track = new LocalTrack(mediaStreamTrack, this.#trackOwner, { source, name, capture });
    this.#tracks.set(track.id, track);
    const announced = this.#announce(track);
    this.#host.put(track);
    try {
      await announced;
    } catch (error) {
      this.#discard(track);
      throw error;
    }
    this.#host.onPublished(track);
    return track;
  }

  #report(error: unknown): void {
    if (error instanceof AntiphonError && error.code !== "disconnected") {
      this.#host.onError(error);
    }
  }

  async #setProfile(change: Profile): Promise<void> {
    const { name, metadata, attributes = {} } = change;
    const value = {
      ...(name === undefined ? {} : { name }),
      ...(metadata === undefined ? {} : { metadata }),
      attributes: { ...attributes },
    };
    this.#unsettled.push(change);
    let isOpen = false;
    try {
      isOpen = (await this.#request({ case: "update", value })) === "kept";
      this.#said = isOpen ? this.#said : merged([this.#said, change]);
    } finally {
      // A refused change is forgotten: the next `join` would be refused for it. What has to wait becomes one change.
      this.#unsettled = isOpen ? [merged(this.#unsettled)] : this.#unsettled.filter((other) => other !== change);
    }
  }

  async #announce(track: LocalTrack): Promise<void> {
    await this.#request({ case: "publish", value: { track: track.describe() } });
  }

  /** `kept`: there is no room, or its session was lost. The next one begins with what is the case by then. */
  async #request(kind: ClientKind): Promise<"sent" | "kept"> {
    const answered = this.#host.request(kind);
    if (answered === undefined) {
      return "kept";
    }
    try {
      await answered;
    } catch (error) {
      if (!(error instanceof AntiphonError && error.code === "resume_failed")) {
        throw error;
      }
      return "kept";
    }
    return "sent";
  }

  #setEnabled(
    source: TrackSource,
    isEnabled: boolean,
    capture: Capture,
    mute: { release: boolean },
  ): Promise<LocalTrack | undefined> {
    return this.#inTurn(source, async () => {
      const track = this.trackFrom(source);
      if (isEnabled && track === undefined) {
        const opened = await this.#unlessLeft(capture({}), (late) => late.stop());
        return this.#publish(opened, { source }, capture);
      }
      if (isEnabled && track?.muted === true) {
        await track.unmute();
      }
      // A moderator's mute leaves the device open.
      const isToBeClosed = mute.release && track?.mediaStreamTrack !== undefined;
      if (!isEnabled && (track?.muted === false || isToBeClosed)) {
        await track?.mute(mute);
      }
      return track;
    });
  }

  /** What is opened for a room that was left meanwhile is closed again. */
  async #unlessLeft<Opened>(opening: Promise<Opened>, close: (opened: Opened) => void): Promise<Opened> {
    const stay = this.#stay;
    const opened = await opening;
    if (stay !== this.#stay) {
      close(opened);
      throw new AntiphonError("disconnected", "The room was left before the device was open.");
    }
    return opened;
  }

  #inTurn<Result>(source: TrackSource, change: () => Promise<Result>): Promise<Result> {
    const result = (this.#changes.get(source) ?? Promise.resolve()).then(change, change);
    this.#changes.set(
      source,
      result.catch(() => {}),
    );
    return result;
  }

  #discard(track: LocalTrack): boolean {
    if (!this.#tracks.delete(track.id)) {
      return false;
    }
    track.stop();
    this.#host.remove(track);
    this.#host.onUnpublished(track);
    return true;
  }
}

/** Later ones win. */
function merged(profiles: readonly Profile[]): Profile {
  return profiles.reduce((all, { name = all.name, metadata = all.metadata, attributes }) => ({
    name,
    metadata,
    attributes: attributes === undefined ? all.attributes : { ...all.attributes, ...attributes },
  }), {});
}
