import type { MediaDevicesLike } from "./capture.js";
import { type Clock, systemClock } from "./clock.js";
import { noDevices, unsupported } from "./device-errors.js";
import { type Device, type DeviceKind, DeviceWatch, listDevices } from "./devices.js";
import { Emitter } from "./emitter.js";
import { AntiphonError, JoinError, mediaUnreachable } from "./errors.js";
import type { Joined, Resumed, Snapshot } from "./gen/antiphon/v1/signal_pb.js";
import { Snapshot_Reason } from "./gen/antiphon/v1/signal_pb.js";
import type { RoomSnapshot } from "./gen/antiphon/v1/models_pb.js";
import { LocalParticipant } from "./local-participant.js";
import { type Logger, quietLogger } from "./logger.js";
import { browserAudioContext } from "./media/level-meter.js";
import type { PeerStats, PeerView } from "./media/stats.js";
import { Moderation } from "./moderation.js";
import {
  type ChatMessage,
  type RoomLimits,
  type TopologyMode,
  type WaitingParticipant,
  chatMessage,
  topologyMode,
} from "./models.js";
import { pageEvents } from "./page-events.js";
import type { RemoteParticipant } from "./remote-participant.js";
import { RoomChat } from "./room-chat.js";
import type { RoomEvents, RoomState } from "./room-events.js";
import type { ActiveSpeaker } from "./room-watch.js";
import { RoomMedia } from "./room-media.js";
import type { JoinOptions, RoomOptions } from "./room-options.js";
import { Roster, type RosterChange } from "./roster.js";
import type { Ended, SessionEvent } from "./session/commands.js";
import { antiphonError, type ClientKind, type ServerKind } from "./session/frames.js";
import { exponentialBackoff } from "./session/reconnect-policy.js";
import { Session, type Sent } from "./session/session.js";
import { browserWebSocket } from "./session/socket.js";
import { TokenHolder, type TokenSource } from "./session/token.js";

/** A room, and this client's place in it. After `disconnected` it can be joined again. */
export class Room extends Emitter<RoomEvents> {
  /** This client's own participant. */
  readonly localParticipant: LocalParticipant;
  /** What moderators do. */
  readonly #moderation: Moderation;
  readonly #options: RoomOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #roster = new Roster();
  readonly #media: RoomMedia;
  readonly #chat: RoomChat;
  #state: RoomState = "disconnected";
  #session: Session | undefined;
  #limits: RoomLimits | undefined;
  #joining: { resolve(): void; reject(error: JoinError): void } | undefined;
  #leaving: (() => void)[] = [];
  #forgetPage: () => void = () => {};
  #deviceWatch: DeviceWatch | undefined;

  constructor(options: RoomOptions = {}) {
    const logger = options.logger ?? quietLogger;
    super((error, event) => logger.error("a listener threw", { event, error }));
    this.#options = options;
    this.#logger = logger;
    this.#clock = options.clock ?? systemClock;
    this.#moderation = new Moderation((kind) => this.#request(kind));
    this.localParticipant = new LocalParticipant({
      mediaDevices: () => this.#mediaDevices(),
      request: (kind) => (this.#isInRoom ? this.#request(kind) : undefined),
      put: (track) => this.#media.mesh?.put(track),
      remove: (track) => this.#media.mesh?.remove(track.id),
      onPublished: (track) => this.emit("localTrackPublished", track),
      onUnpublished: (track) => this.emit("localTrackUnpublished", track),
      onUpdated: (track, byModerator) => this.emit("localTrackUpdated", track, byModerator),
      onDeviceLost: (track, replacement) => {
        logger.info("device lost", { source: track.source, isReplaced: replacement !== undefined });
        this.emit("deviceLost", track, replacement);
      },
      onError: (error) => this.emit("error", error),
    });
    this.#chat = new RoomChat({
      clock: this.#clock,
      send: (text, to) => this.#send({ case: "chat", value: { text, to: to ?? "" } }),
      self: () => this.localParticipant,
      onMessage: (message) => this.emit("chat", message),
      onDeleted: (id) => this.emit("chatDeleted", id),
    });
    this.#media = new RoomMedia({
      rtcConfiguration: options.rtcConfiguration,
      peerConnection: options.peerConnection,
      local: this.localParticipant,
      participants: this.#roster.participants,
      send: (kind) => this.#sendDirected(kind),
      askForIceServers: () => void this.#session?.sendUnnumbered({ case: "refreshIceServers", value: {} }),
      onSubscribed: (track, participant) => this.emit("trackSubscribed", track, participant),
      onUnsubscribed: (track, participant) => this.emit("trackUnsubscribed", track, participant),
      onState: (sid, state) => this.emit("peerStateChanged", sid, state),
      onUnreachable: (sid) => this.emit("error", mediaUnreachable(this.#roster.participants.get(sid)?.identity ?? sid)),
      onQuality: (quality, participant) => {
        logger.info("connection quality", { sid: participant.sid, quality });
        this.emit("connectionQualityChanged", quality, participant);
      },
      onPlayback: (canPlay) => this.emit("audioPlaybackChanged", canPlay),
      onSpeakers: (speakers) => this.emit("activeSpeakersChanged", speakers),
      audioContext: options.audioContext ?? browserAudioContext,
      clock: this.#clock,
      logger,
    });
  }

  /** Where it stands. */
  get state(): RoomState {
    return this.#state;
  }

  /** The room's name; empty before it is known. */
  get name(): string {
    return this.#roster.room?.name ?? "";
  }

  /** The application's own text about the room. */
  get metadata(): string {
    return this.#roster.room?.metadata ?? "";
  }

  /** Nobody joins but moderators. */
  get locked(): boolean {
    return this.#roster.room?.locked ?? false;
  }

  /** Newcomers wait until a moderator admits them. */
  get lobby(): boolean {
    return this.#roster.room?.lobby ?? false;
  }

  /** 0: no limit. */
  get maxParticipants(): number {
    return this.#roster.room?.maxParticipants ?? 0;
  }

  /** How media travels now. */
  get topology(): TopologyMode {
    const active = this.#roster.room?.topology?.active;
    return active === undefined ? "mesh" : topologyMode(active);
  }

  /** What the server allows; known once joined. */
  get limits(): RoomLimits | undefined {
    return this.#limits;
  }

  /** The others, by sid, in the order in which they joined. */
  get participants(): ReadonlyMap<string, RemoteParticipant> {
    return this.#roster.participants;
  }

  /** Who waits in the lobby, by sid; moderators see it. */
  get waiting(): ReadonlyMap<string, WaitingParticipant> {
    return this.#roster.waiting;
  }

  /** The chat, oldest first: its recent history and everything since. A new array after each change. */
  get chat(): readonly ChatMessage[] {
    return this.#chat.messages;
  }

  /** Who speaks now, this client included, the loudest first. */
  get activeSpeakers(): readonly ActiveSpeaker[] {
    return this.#media.activeSpeakers;
  }

  /** The media connections, by the other's sid. */
  get peers(): ReadonlyMap<string, PeerView> {
    return this.#media.peers;
  }

  /** What travels on the media connections. */
  getStats(): Promise<PeerStats[]> {
    return this.#media.stats();
  }

  /**
   * Joins, and resolves in the room or in its lobby (see `state`). `url` is the server's base address. A function as
   * `token` is asked again whenever the server wants another one.
   */
  async join(url: string, token: TokenSource, options: JoinOptions = {}): Promise<void> {
    if (this.#state !== "disconnected") {
      throw new JoinError("already_joined", "This room is joined already. Leave it first, or use another `Room`.");
    }
    const { room, signal, ...profile } = options;
    throwIfAborted(signal);
    this.#requireBrowser();
    this.localParticipant.begin(profile);
    this.#chat.clear();
    this.#roster.clear();
    this.#session = new Session({
      url,
      token: new TokenHolder(token),
      format: this.#options.format ?? "json",
      policy:
        this.#options.reconnectPolicy ??
        exponentialBackoff(this.#options.random === undefined ? {} : { random: this.#options.random }),
      webSocket: this.#options.webSocket ?? browserWebSocket,
      clock: this.#clock,
      logger: this.#logger,
      greeting: () => this.#greeting(room),
      onEvent: (event) => this.#onSession(event),
      onFrame: (kind) => this.#onFrame(kind),
    });
    this.#watchDevices();
    const session = this.#session;
    const onAbort = () => session.leave();
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      await new Promise<void>((resolve, reject) => {
        this.#joining = { resolve, reject };
        this.#enter("connecting");
        session.start();
      });
    } catch (error) {
      throwIfAborted(signal);
      throw error;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** Leaves, and resolves once the server knows, or after a second. */
  leave(): Promise<void> {
    const session = this.#session;
    if (session === undefined) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#leaving.push(resolve);
      session.leave();
    });
  }

  /** The devices of this computer, of one kind or all. Their names are empty before the page may use such devices. */
  async listDevices(kind?: DeviceKind): Promise<Device[]> {
    const devices = await listDevices(this.#mediaDevices());
    return devices.filter((device) => kind === undefined || device.kind === kind);
  }

  /**
   * Uses another device, now and from now on; the empty id is the system's choice. `microphone`, `camera`: the track
   * stays the same and nothing is negotiated; where none is open, the next one is opened there. `speaker`: others' sound
   * in all elements that tracks are attached to (not in every browser, else `unsupported_browser`).
   */
  async setDevice(kind: DeviceKind, deviceId: string): Promise<void> {
    await (kind === "speaker"
      ? this.#media.playback.setSink(deviceId)
      : this.localParticipant.chooseDevice(kind, deviceId));
  }

  /**
   * `relay`: media goes through TURN servers alone, from now on, so that nobody learns this client's addresses; where the
   * server gives none, nobody is reached. `all`: whatever way there is. Connections that exist are made anew, which
   * takes a second. What `rtcConfiguration` says of it holds until this is called.
   */
  setIceTransportPolicy(policy: RTCIceTransportPolicy): void {
    this.#media.setIceTransportPolicy(policy);
  }

  /** `false`: the browser holds sound back. Show a button, and call `startAudio` when it is clicked. */
  get canPlaybackAudio(): boolean {
    return this.#media.playback.canPlay;
  }

  /**
   * Plays the sound that the browser held back, in all elements that tracks are attached to. Call it in a listener of a
   * click or a key; rejects with `audio_blocked` where that was not enough.
   */
  startAudio(): Promise<void> {
    return this.#media.startAudio();
  }

  /** While `reconnecting`: tries at once instead of waiting. */
  reconnectNow(): void {
    this.#session?.nudge();
  }

  /** Writes to the room, or to one participant, and resolves with the message once it is in the chat. */
  async sendChat(text: string, { to }: { readonly to?: string } = {}): Promise<ChatMessage> {
    return this.#chat.send(text, to);
  }

  /** Removes a message from the history and from every screen: an own one, or any for moderators. */
  deleteChat(id: string): Promise<void> {
    return this.#request({ case: "deleteChat", value: { id } });
  }

  /**
   * Sends bytes to everyone, or to the sids in `to`. `lossy`: for what is soon replaced, as cursors; it is not resent,
   * and is dropped where there is no connection.
   */
  async sendData(
    payload: Uint8Array,
    {
      topic = "",
      to = [],
      lossy = false,
    }: { readonly topic?: string; readonly to?: readonly string[]; readonly lossy?: boolean } = {},
  ): Promise<void> {
    const kind: ClientKind = {
      case: "data",
      value: { payload: payload as Uint8Array<ArrayBuffer>, topic, to: [...to], lossy },
    };
    if (lossy) {
      this.#requireSession().sendUnnumbered(kind);
    } else {
      await this.#request(kind);
    }
  }

  /** Moderators: removes a participant; its identity stays out of the room unless `allowRejoin`. */
  kick(sid: string, options: { readonly reason?: string; readonly allowRejoin?: boolean } = {}): Promise<void> {
    return this.#moderation.kick(sid, options);
  }

  /** Moderators: mutes a track of a participant, or all of its audio. */
  mute(sid: string, trackId?: string): Promise<void> {
    return this.#moderation.mute(sid, trackId);
  }

  /** Moderators: lets somebody in from the lobby. */
  admit(sid: string): Promise<void> {
    return this.#moderation.admit(sid);
  }

  /** Moderators: turns somebody in the lobby away. */
  refuse(sid: string, reason?: string): Promise<void> {
    return this.#moderation.refuse(sid, reason);
  }

  /** Moderators: promotes or demotes. */
  setRole(...parameters: Parameters<Moderation["setRole"]>): Promise<void> {
    return this.#moderation.setRole(...parameters);
  }

  /** Moderators: changes the room's own properties. */
  update(...parameters: Parameters<Moderation["update"]>): Promise<void> {
    return this.#moderation.update(...parameters);
  }

  /** Moderators: ends the room for everyone. */
  endRoom(reason?: string): Promise<void> {
    return this.#moderation.endRoom(reason);
  }

  get #isInRoom(): boolean {
    return this.#media.mesh !== undefined;
  }

  #enter(state: RoomState, fields: Readonly<Record<string, unknown>> = {}): void {
    if (state !== this.#state) {
      this.#state = state;
      this.#logger.info(state, { sid: this.localParticipant.sid, ...fields });
    }
  }

  #greeting(room: string | undefined): ClientKind & { case: "join" } {
    const { name, metadata, attributes } = this.localParticipant.takeProfile();
    return {
      case: "join",
      value: {
        room: room ?? "",
        ...(name === undefined ? {} : { name }),
        ...(metadata === undefined ? {} : { metadata }),
        attributes: { ...attributes },
      },
    };
  }

  // The session as a whole.

  #onSession(event: SessionEvent): void {
    switch (event.type) {
      case "Joined":
        this.#joined(event.joined, event.again);
        return;
      case "Refused":
        this.#session = undefined;
        this.#deviceWatch?.stop();
        this.localParticipant.closeDevices();
        this.#enter("disconnected", { code: event.error.code });
        this.#joining?.reject(event.error);
        this.#joining = undefined;
        return;
      case "Interrupted":
        this.#enter("reconnecting", { reason: event.reason });
        this.emit("reconnecting", { reason: event.reason, attempt: event.attempt, retryInMs: event.retryInMs });
        return;
      case "Resumed":
        this.#resumed(event.resumed);
        return;
      case "Lost":
        this.#logger.info("session lost", { sid: this.localParticipant.sid });
        this.#chat.lost();
        return;
      case "Ended":
        this.#ended(event);
        return;
    }
  }

  #joined(joined: Joined, again: boolean): void {
    this.#limits = joined.limits;
    this.#session?.limit(joined.limits ?? { maxMessageBytes: 0, maxSdpBytes: 0 });
    this.#roster.begin(joined.sid);
    this.localParticipant.enter(joined.sid);
    this.#media.takeIceServers(joined.iceServers);
    if (!again) {
      this.#forgetPage = pageEvents({
        onOnline: () => this.#lookAgain(),
        onWake: () => this.#lookAgain(),
        onHide: this.#options.leaveOnPageHide === false ? undefined : () => void this.leave(),
      });
    }
    if (joined.waiting || joined.snapshot === undefined) {
      this.#media.end();
      this.#tell(this.#roster.clear());
      this.#enter("waiting");
      this.emit("waiting");
    } else {
      this.#enterRoom(joined.snapshot, again);
    }
    this.#joining?.resolve();
    this.#joining = undefined;
  }

  #enterRoom(snapshot: RoomSnapshot, again: boolean): void {
    this.#media.begin(this.#requireSession().sid);
    const changes = this.#roster.replace(snapshot);
    this.#tell(again ? changes : changes.filter(({ type }) => type === "selfUpdated"));
    const history = snapshot.chat.map(chatMessage);
    if (again) {
      this.#chat.merge(history);
    } else {
      this.#chat.begin(history);
    }
    // Announced first: the frames keep this order, so that no media comes before its announcement.
    this.#enter("connected", { sid: this.localParticipant.sid, participants: this.#roster.participants.size });
    this.localParticipant.announceAll();
    this.#media.offerToAll();
    this.#chat.entered(snapshot.room?.createdAtMs ?? 0);
    if (again) {
      this.emit("reconnected", { resumed: false });
    } else {
      this.emit("connected");
    }
  }

  #resumed(resumed: Resumed): void {
    this.#media.takeIceServers(resumed.iceServers);
    const isRecovered = resumed.recovered === true;
    if (!isRecovered && resumed.snapshot !== undefined && !resumed.waiting) {
      this.#replaceRoom(resumed.snapshot, { admitted: !this.#isInRoom });
    }
    if (this.#state === "reconnecting") {
      this.#enter(this.#isInRoom ? "connected" : "waiting", { recovered: isRecovered });
      this.emit("reconnected", { resumed: isRecovered });
    }
  }

  /** The room as it is now, after frames were lost. */
  #replaceRoom(snapshot: RoomSnapshot, { admitted }: { readonly admitted: boolean }): void {
    if (admitted) {
      this.emit("admitted");
      this.#enterRoom(snapshot, false);
      return;
    }
    this.#media.mesh?.framesWereLost();
    this.#tell(this.#roster.replace(snapshot));
    this.#chat.merge(snapshot.chat.map(chatMessage));
    this.localParticipant.announceAll();
  }

  #ended({ reason, message, error }: Ended): void {
    this.#session = undefined;
    this.#deviceWatch?.stop();
    this.#forgetPage();
    this.#media.end();
    this.localParticipant.leave();
    this.#chat.ended(new AntiphonError("disconnected", "The room was left before this was done.", { cause: error }));
    this.#enter("disconnected", { reason });
    if (this.#joining === undefined) {
      this.emit("disconnected", reason, message, error);
    } else {
      this.#joining.reject(new JoinError("disconnected", "The room was left before it was joined."));
      this.#joining = undefined;
    }
    for (const resolve of this.#leaving.splice(0)) {
      resolve();
    }
  }

  // Frames of the room.

  #onFrame(kind: ServerKind): void {
    switch (kind.case) {
      case "offer":
      case "answer":
      case "candidate":
        this.#media.mesh?.receive(kind);
        return;
      case "chat":
        this.#chat.received(chatMessage(kind.value));
        return;
      case "chatDeleted":
        this.#chat.deleted(kind.value.id);
        return;
      case "data": {
        const { payload, topic, from, lossy } = kind.value;
        this.emit("data", { payload, topic, from, lossy }, this.#roster.participants.get(from));
        return;
      }
      case "iceServers":
        this.#media.takeIceServers(kind.value);
        return;
      case "snapshot":
        this.#snapshot(kind.value);
        return;
      case "error":
        this.emit("error", antiphonError(kind.value));
        return;
      default:
        this.#tell(this.#roster.apply(kind));
    }
  }

  #snapshot({ reason, snapshot }: Snapshot): void {
    if (snapshot !== undefined) {
      this.#replaceRoom(snapshot, { admitted: reason === Snapshot_Reason.ADMITTED || !this.#isInRoom });
    }
  }

  #tell(changes: readonly RosterChange[]): void {
    for (const change of changes) {
      this.#tellOne(change);
    }
  }

  #tellOne(change: RosterChange): void {
    switch (change.type) {
      case "participantJoined":
        this.#media.mesh?.awaitOfferFrom(change.participant.sid);
        this.emit("participantJoined", change.participant);
        return;
      case "participantUpdated":
        if (change.hasReturned) {
          this.#media.mesh?.returned(change.participant.sid);
        }
        this.emit("participantUpdated", change.participant);
        return;
      case "participantLeft":
        this.#media.drop(change.participant.sid);
        this.emit("participantLeft", change.participant, change.reason);
        return;
      case "trackPublished":
        this.emit("trackPublished", change.track, change.participant);
        this.#media.bind(change.participant);
        return;
      case "trackUpdated":
        this.emit("trackUpdated", change.track, change.participant);
        return;
      case "trackUnpublished":
        this.#media.unbind(change.track, change.participant);
        this.emit("trackUnpublished", change.track, change.participant);
        return;
      case "selfUpdated":
        this.localParticipant.describe(change.wire);
        this.emit("participantUpdated", this.localParticipant);
        return;
      case "selfTrackUpdated":
        this.localParticipant.trackUpdated(change.wire);
        return;
      case "selfTrackUnpublished":
        this.localParticipant.trackUnpublished(change.trackId);
        return;
      case "roomUpdated":
        this.emit("roomUpdated");
        return;
      case "waitingChanged":
        this.emit("waitingChanged");
        return;
    }
  }

  /** In a page. Elsewhere chat and data are of use without media. */
  #requireBrowser(): void {
    const isPage = (globalThis as { document?: Document }).document !== undefined;
    if (isPage && this.#options.peerConnection === undefined && typeof RTCPeerConnection === "undefined") {
      const { code, message } = unsupported("make media connections (WebRTC); perhaps it is switched off");
      throw new JoinError(code, message);
    }
  }

  /** What looked well may be gone, and what could not be reached may be there. */
  #lookAgain(): void {
    this.#session?.nudge();
    this.#media.mesh?.networkChanged();
  }

  // What the room needs from outside.

  #watchDevices(): void {
    try {
      this.#deviceWatch = new DeviceWatch(this.#mediaDevices(), (devices) => this.emit("devicesChanged", devices));
    } catch {
      // A room without devices is a room all the same.
    }
  }

  #mediaDevices(): MediaDevicesLike {
    const devices = this.#options.mediaDevices ?? (globalThis.navigator as Navigator | undefined)?.mediaDevices;
    if (devices === undefined) {
      throw noDevices(globalThis.isSecureContext);
    }
    return devices;
  }

  #requireSession(): Session {
    if (this.#session === undefined) {
      throw new AntiphonError("not_joined", "There is no room. Call `join` first and await it.");
    }
    return this.#session;
  }

  #send(kind: ClientKind): Sent {
    return this.#requireSession().send(kind);
  }

  /** The peer connections of a session that was lost carry media until there is another one, which knows nothing of them. */
  #sendDirected(kind: ClientKind): Sent {
    const session = this.#requireSession();
    if (session.sid !== this.localParticipant.sid) {
      throw new AntiphonError("resume_failed", "The session of this connection was lost.");
    }
    return session.send(kind);
  }

  async #request(kind: ClientKind): Promise<void> {
    await this.#send(kind).settled;
  }
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw new JoinError("aborted", "Joining was given up.", { cause: signal.reason });
  }
}
