import type { Clock } from "../clock.js";
import type { Answer, Candidate, Offer } from "../gen/antiphon/v1/signal_pb.js";
import type { Logger } from "../logger.js";
import type { ClientKind } from "../session/frames.js";
import { answeredRole, type DtlsRole, offerThatKeeps, oppositeRole } from "./dtls-role.js";
import { isRelayKept } from "./ice-servers.js";
import { Recovery } from "./recovery.js";
import { Rounds } from "./rounds.js";
import { dtlsFingerprints, iceGeneration, mediaSections, nameStreams } from "./sections.js";
import { type OutgoingTrack, Senders } from "./senders.js";
import { localCandidate } from "./stats.js";

/** An offer is sent again after so long without an answer, so often. */
const ANSWER_TIMEOUT_MS = 10_000;
const MAX_OFFER_REPEATS = 3;
/** A newcomer offers first; after so long this end does. */
const NEWCOMER_PATIENCE_MS = 1_500;
/** Connections of the other end that are gone: what they still said may be on the way. */
const REMEMBERED_CONNECTIONS = 8;

/** Media that comes from a peer. */
export interface Arrival {
  readonly track: MediaStreamTrack;
  /** How the sender names it. */
  readonly streamIds: readonly string[];
  readonly trackIds: readonly string[];
  readonly mid: string;
}

/** What a peer needs from outside. */
export interface PeerOptions {
  readonly sid: string;
  readonly localSid: string;
  readonly createConnection: () => RTCPeerConnection;
  readonly send: (kind: ClientKind & { case: "offer" | "answer" | "candidate" }) => void;
  /** Sees to it that ICE servers are fresh; `configure` has been called when it resolves, if there are others. */
  readonly renewIceServers: () => Promise<void>;
  /** Everything that comes now. */
  readonly onMedia: (arrivals: readonly Arrival[]) => void;
  readonly onState: (state: RTCPeerConnectionState) => void;
  /** Nothing helped: there is no connection, and none is tried any more until something changes. */
  readonly onUnreachable: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** An offer of this end that has no answer yet. */
interface OpenOffer {
  readonly id: string;
  readonly sdp: string;
  readonly repeats: number;
  readonly cancelTimer: () => void;
}

/** What happened in a peer's negotiations. */
export interface PeerCounters {
  /** Offers that met another one on the way. */
  collisions: number;
  /** Rounds that ended with an answer. */
  negotiations: number;
  iceRestarts: number;
  /** Times that a new connection took the place of one that failed. */
  rebuilds: number;
  /** Candidates of rounds that were rolled back, and the like. */
  droppedCandidates: number;
}

/** The connection in use. */
interface Link {
  readonly connection: RTCPeerConnection;
  readonly senders: Senders;
  /** The other end's DTLS certificates that this connection is about; empty before there is a description of it. */
  readonly remoteFingerprints: string;
  /** This end's role in its DTLS association; unknown before a first round. */
  readonly dtlsRole: DtlsRole | undefined;
  /** What this end gathers candidates for, and with which ICE servers it began to. */
  readonly gathering: { readonly generation: string; readonly iceServers: readonly RTCIceServer[] };
}

/**
 * One other participant: perfect negotiation (https://www.w3.org/TR/webrtc/#perfect-negotiation-example) over one
 * `RTCPeerConnection`, which exists from the first moment that there is something to send or to receive.
 *
 * A connection that cannot be cured is rebuilt: either end puts a new one in its place and offers. The other end sees
 * by the DTLS certificate that the offer is not about the connection it has, and follows with a new one of its own.
 *
 * Where the W3C's example keeps flags for what is under way, this runs one operation after the other: an offer collides
 * if and only if the connection is not `stable` when its turn comes.
 */
export class Peer {
  readonly sid: string;
  /** The greater sid is polite: it gives way when two offers collide. */
  readonly isPolite: boolean;
  readonly counters: PeerCounters = {
    collisions: 0,
    negotiations: 0,
    iceRestarts: 0,
    rebuilds: 0,
    droppedCandidates: 0,
  };
  readonly #options: PeerOptions;
  readonly #rounds: Rounds;
  readonly #recovery: Recovery;
  #link: Link | undefined;
  /** What goes out on the connection, whichever it is. */
  readonly #outgoing = new Map<string, OutgoingTrack>();
  /** The kinds of what comes in. */
  #arriving: readonly ("audio" | "video")[] = [];
  /** Certificates of the other end whose connection was given up. */
  readonly #goneFingerprints: string[] = [];
  #operations: Promise<void> = Promise.resolve();
  /** The round that local candidates belong to. */
  #localRound = "";
  #openOffer: OpenOffer | undefined;
  #lastAnswer: { readonly id: string; readonly sdp: string } | undefined;
  /** The browser asked for an offer that was not made yet. */
  #isOfferNeeded = false;
  /** Takes back the timer that waits for the other end's offer, while it does. */
  #stopWaiting: (() => void) | undefined;
  /** Takes back the move away from a relay that was planned last. */
  #stopMoving: (() => void) | undefined;
  #isClosed = false;

  constructor(options: PeerOptions) {
    this.#options = options;
    this.sid = options.sid;
    this.isPolite = options.localSid > options.sid;
    this.#rounds = new Rounds(this.isPolite);
    this.#recovery = new Recovery(options.clock, this.isPolite, {
      isNeeded: () => this.connection !== undefined && !this.#isConnected,
      hasBegun: () => this.connection?.connectionState !== "new",
      restartIce: () => this.#findAnotherPath(),
      rebuild: () => this.#enqueue(async () => (this.#isConnected ? undefined : this.#rebuild())),
      giveUp: () => options.onUnreachable(),
    });
  }

  /** The connection, once there is one. */
  get connection(): RTCPeerConnection | undefined {
    return this.#link?.connection;
  }

  get #isConnected(): boolean {
    return this.connection?.connectionState === "connected";
  }

  /** The other end is new and will offer: what this end has to send goes into the answer. */
  awaitOffer(): void {
    this.#offerNotBefore(NEWCOMER_PATIENCE_MS);
  }

  /** Asks for what the other end announced: as many media sections as `kinds` has, own ones included. */
  receive(kinds: readonly ("audio" | "video")[]): void {
    this.#enqueue(async () => this.#ask(kinds));
  }

  /** Sends a track, or its new content. */
  put(track: OutgoingTrack): void {
    this.#enqueue(async () => {
      this.#outgoing.set(track.id, track);
      if (track.mediaStreamTrack !== undefined) {
        await this.#open();
      }
      await this.#link?.senders.put(track);
    });
  }

  /** Stops sending a track. */
  remove(trackId: string): void {
    this.#enqueue(async () => {
      this.#outgoing.delete(trackId);
      this.#link?.senders.remove(trackId);
    });
  }

  /** An offer came. */
  offer(offer: Offer): void {
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
    this.#enqueue(() => this.#handleOffer(offer));
  }

  /** An answer came. */
  answer(answer: Answer): void {
    this.#enqueue(() => this.#handleAnswer(answer));
  }

  /** A candidate came. */
  candidate(candidate: Candidate): void {
    this.#enqueue(() => this.#handleCandidate(candidate));
  }

  /** Frames to this client were lost: whoever is impolite offers again with an ICE restart. */
  framesWereLost(): void {
    this.#enqueue(async () => {
      if (this.#openOffer !== undefined) {
        this.#repeatOffer();
      } else if (!this.isPolite) {
        this.#restartIce();
      } else if (!this.#isConnected) {
        this.#recovery.suspect();
      }
    });
  }

  /** This end's network changed: what did not work may work now. */
  networkChanged(): void {
    this.#enqueue(async () => {
      if (!this.#isConnected) {
        this.#recovery.suspect();
      }
    });
  }

  /** The other end is back after its connection broke: it may have missed an offer. */
  returned(): void {
    this.#enqueue(async () => {
      if (this.#openOffer !== undefined) {
        this.#repeatOffer();
      } else if (this.connection?.connectionState === "failed") {
        this.#recovery.suspect();
      }
    });
  }

  /**
   * Other ICE servers are to be used from now on: by what is gathered next (RFC 9429, section 4.1.18). A path through a
   * relay that is not among them any more, or whose credentials are to expire, is left after `delayMs`, without a gap: the
   * next one is found beside it. Another path is not disturbed. A connection that failed gets another chance.
   */
  configure(configuration: RTCConfiguration, delayMs: number): void {
    try {
      this.connection?.setConfiguration(configuration);
      if (this.connection?.connectionState === "failed") {
        this.#recovery.suspect();
      } else {
        this.#stopMoving?.();
        this.#stopMoving = this.#options.clock.after(delayMs, () => this.#enqueue(() => this.#leaveRelay(configuration)));
      }
    } catch (error) {
      this.#options.logger.warn("the browser refused the new ICE servers", { sid: this.sid, cause: nameOf(error) });
    }
  }

  /** Puts a new connection in the place of the present one, by the configuration of now. */
  beginAnew(): void {
    this.#enqueue(async () => (this.connection === undefined ? undefined : this.#rebuild()));
  }

  /** Nothing came from the other end that it says it sends, so many looks in a row. */
  sawNothing(emptyLooks: number): void {
    this.#recovery.sawNothing(emptyLooks);
  }

  /** Ends the connection. */
  close(): void {
    this.#isClosed = true;
    this.#stopWaiting?.();
    this.#stopMoving?.();
    this.#recovery.stop();
    this.#discard();
  }

  /** The connection, made where there is none; it carries everything that goes out. */
  async #open(): Promise<Link> {
    if (this.#link !== undefined && this.#link.connection.signalingState !== "closed") {
      return this.#link;
    }
    this.#discard();
    const connection = this.#options.createConnection();
    const link = {
      connection,
      senders: new Senders(connection),
      remoteFingerprints: "",
      dtlsRole: undefined,
      gathering: { generation: "", iceServers: [] },
    };
    this.#link = link;
    connection.onnegotiationneeded = () => {
      this.#isOfferNeeded = true;
      if (this.#stopWaiting === undefined) {
        this.#enqueue(() => this.#makeOffer());
      }
    };
    connection.onicecandidate = ({ candidate }) => this.#sendCandidate(candidate);
    connection.onconnectionstatechange = () => {
      this.#recovery.observe(connection);
      this.#options.onState(connection.connectionState);
    };
    for (const track of this.#outgoing.values()) {
      await link.senders.put(track);
    }
    return link;
  }

  /** Ends the connection and everything that was under way on it. */
  #discard(): void {
    if (this.#link === undefined) {
      return;
    }
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
    if (this.#openOffer !== undefined) {
      this.#rounds.drop(this.#openOffer.id);
      this.#closeOffer();
    }
    const { connection, remoteFingerprints } = this.#link;
    this.#link = undefined;
    this.#rounds.restart();
    this.#lastAnswer = undefined;
    this.#isOfferNeeded = false;
    if (remoteFingerprints !== "") {
      this.#goneFingerprints.push(remoteFingerprints);
      this.#goneFingerprints.splice(0, this.#goneFingerprints.length - REMEMBERED_CONNECTIONS);
    }
    connection.onnegotiationneeded = connection.onicecandidate = connection.onconnectionstatechange = null;
    connection.close();
  }

  /** Puts a new connection in the place of one that cannot be cured, and offers. */
  async #rebuild(): Promise<void> {
    this.counters.rebuilds += 1;
    this.#options.logger.info("peer connection rebuilt", { sid: this.sid, by: "this end" });
    this.#discard();
    await this.#open();
    await this.#ask(this.#arriving);
  }

  /** The other end did so. */
  #followRebuild(): void {
    this.counters.rebuilds += 1;
    this.#options.logger.info("peer connection rebuilt", { sid: this.sid, by: "the other end" });
    this.#discard();
    this.#recovery.rebuiltByPeer();
  }

  async #ask(kinds: readonly ("audio" | "video")[]): Promise<void> {
    if (kinds.length === 0) {
      return;
    }
    const { connection } = await this.#open();
    for (const kind of ["audio", "video"] as const) {
      const present = connection
        .getTransceivers()
        .filter((transceiver) => transceiver.receiver.track.kind === kind).length;
      const wanted = kinds.filter((other) => other === kind).length;
      for (let missing = wanted - present; missing > 0; missing -= 1) {
        connection.addTransceiver(kind, { direction: "recvonly" });
      }
    }
  }

  #enqueue(operation: () => Promise<void>): void {
    this.#operations = this.#operations
      .then(() => (this.#isClosed ? undefined : operation()))
      .catch((error: unknown) => {
        if (!this.#isClosed) {
          this.#options.logger.warn("a negotiation step failed", { sid: this.sid, cause: nameOf(error) });
        }
      });
  }

  #offerNotBefore(delayMs: number): void {
    this.#stopWaiting ??= this.#options.clock.after(delayMs, () => {
      this.#stopWaiting = undefined;
      this.#enqueue(() => this.#makeOffer());
    });
  }

  async #makeOffer(): Promise<void> {
    const { connection } = this;
    // Not stable: the browser asks again once it is.
    if (!this.#isOfferNeeded || connection === undefined || connection.signalingState !== "stable") {
      return;
    }
    this.#isOfferNeeded = false;
    const id = this.#rounds.begin();
    this.#localRound = id;
    await connection.setLocalDescription();
    this.#noteGathering();
    const description = connection.localDescription;
    if (this.#isClosed || description?.type !== "offer") {
      return;
    }
    this.#sendOffer({ id, sdp: this.#named(description.sdp), repeats: 0 });
  }

  #sendOffer(offer: Omit<OpenOffer, "cancelTimer">): void {
    const cancelTimer = this.#options.clock.after(ANSWER_TIMEOUT_MS * 2 ** offer.repeats, () => {
      if (offer.repeats < MAX_OFFER_REPEATS) {
        this.#repeatOffer();
      }
    });
    this.#openOffer = { ...offer, cancelTimer };
    this.#options.send({ case: "offer", value: { to: this.sid, negotiationId: offer.id, sdp: offer.sdp } });
  }

  /** The same round once more: the other end answers it or, if it had done so, sends that answer again. */
  #repeatOffer(): void {
    if (this.#openOffer !== undefined) {
      this.#openOffer.cancelTimer();
      this.#sendOffer({ ...this.#openOffer, repeats: this.#openOffer.repeats + 1 });
    }
  }

  async #handleOffer({ negotiationId: id, sdp }: Offer): Promise<void> {
    if (id !== "" && id === this.#lastAnswer?.id) {
      this.#sendAnswer(this.#lastAnswer);
      return;
    }
    const fingerprints = dtlsFingerprints(sdp);
    if (this.#goneFingerprints.includes(fingerprints)) {
      // From before the other end knew of the new connection here.
      this.#rounds.drop(id);
      return;
    }
    if (this.#isOfAnotherConnection(fingerprints)) {
      // Even where an own offer is open: that one is for a connection that the other end does not have any more.
      this.#followRebuild();
    }
    let { connection } = await this.#open();
    if (connection.signalingState !== "stable") {
      this.counters.collisions += 1;
      if (!this.isPolite) {
        this.#rounds.drop(id);
        return;
      }
      if (this.#link?.remoteFingerprints === "") {
        // Nothing was ever agreed on, so nothing is lost with the connection. Chromium may never gather again after the
        // rollback of a first offer.
        this.#discard();
        connection = (await this.#open()).connection;
      }
      this.#closeOffer();
    }
    // Rolls an own offer back; the browser asks for another one once this round is over, if it is still needed.
    await connection.setRemoteDescription({ type: "offer", sdp: offerThatKeeps(this.#link?.dtlsRole, sdp) });
    this.#describedBy(fingerprints);
    this.#tellMedia(connection, sdp);
    await this.#add(this.#rounds.settle(id, iceGeneration(sdp)));
    this.#localRound = id;
    this.#isOfferNeeded = false;
    await connection.setLocalDescription();
    this.#noteGathering();
    if (this.#isClosed || connection.localDescription === null) {
      return;
    }
    this.#lastAnswer = { id, sdp: this.#named(connection.localDescription.sdp) };
    this.#takeRole(answeredRole(this.#lastAnswer.sdp));
    this.counters.negotiations += 1;
    this.#sendAnswer(this.#lastAnswer);
    this.#recovery.negotiated();
  }

  #sendAnswer({ id, sdp }: { readonly id: string; readonly sdp: string }): void {
    this.#options.send({ case: "answer", value: { to: this.sid, negotiationId: id, sdp } });
  }

  async #handleAnswer({ negotiationId: id, sdp }: Answer): Promise<void> {
    const offer = this.#openOffer;
    const { connection } = this;
    if (connection === undefined || offer === undefined || (id !== "" && id !== offer.id)) {
      // The answer to a round that was rolled back, or a second copy.
      return;
    }
    const fingerprints = dtlsFingerprints(sdp);
    if (this.#isOfAnotherConnection(fingerprints)) {
      // The other end had lost its connection when it was offered to: this one cannot go on with the new one there.
      await this.#rebuild();
      return;
    }
    this.#closeOffer();
    try {
      await connection.setRemoteDescription({ type: "answer", sdp });
    } catch (error) {
      // Stable again, or the impolite end would ignore every offer from now on. The next own one takes its time.
      this.#offerNotBefore(ANSWER_TIMEOUT_MS);
      await this.#rollBack(connection);
      throw error;
    }
    this.#describedBy(fingerprints);
    const answered = answeredRole(sdp);
    this.#takeRole(answered && oppositeRole(answered));
    this.#tellMedia(connection, sdp);
    this.counters.negotiations += 1;
    this.#recovery.negotiated();
    await this.#add(this.#rounds.settle(offer.id, iceGeneration(sdp)));
  }

  /** A browser that failed half-way through an answer may refuse even this; then only a new connection helps. */
  async #rollBack(connection: RTCPeerConnection): Promise<void> {
    try {
      await connection.setLocalDescription({ type: "rollback" });
    } catch {
      await this.#rebuild();
    }
  }

  #named(sdp: string): string {
    return nameStreams(sdp, this.#link?.senders.streamIds ?? new Map());
  }

  #isOfAnotherConnection(fingerprints: string): boolean {
    const known = this.#link?.remoteFingerprints ?? "";
    return known !== "" && fingerprints !== "" && fingerprints !== known;
  }

  #takeRole(dtlsRole: DtlsRole | undefined): void {
    if (this.#link !== undefined && dtlsRole !== undefined) {
      this.#link = { ...this.#link, dtlsRole };
    }
  }

  #describedBy(remoteFingerprints: string): void {
    if (this.#link !== undefined) {
      this.#link = { ...this.#link, remoteFingerprints };
    }
  }

  /** A new generation of ICE credentials is gathered for with the servers of that moment. */
  #noteGathering(): void {
    if (this.#link === undefined) {
      return;
    }
    const { connection } = this.#link;
    const generation = iceGeneration(connection.localDescription?.sdp ?? "").join();
    if (generation !== this.#link.gathering.generation) {
      this.#link = {
        ...this.#link,
        gathering: { generation, iceServers: connection.getConfiguration().iceServers ?? [] },
      };
    }
  }

  async #leaveRelay({ iceServers = [] }: RTCConfiguration): Promise<void> {
    const link = this.#link;
    if (link === undefined || link.connection.connectionState !== "connected") {
      return;
    }
    const local = localCandidate(await link.connection.getStats());
    if (local?.type === "relay" && !isRelayKept(local.url, link.gathering.iceServers, iceServers)) {
      this.#restartIce();
    }
  }

  #tellMedia(connection: RTCPeerConnection, sdp: string): void {
    const transceivers = new Map(connection.getTransceivers().map((transceiver) => [transceiver.mid, transceiver]));
    const sending = mediaSections(sdp).filter(({ isSending }) => isSending);
    const arrivals = sending.flatMap(({ mid, streamIds, trackIds }) => {
      const track = transceivers.get(mid)?.receiver.track;
      return track === undefined ? [] : [{ track, streamIds, trackIds, mid }];
    });
    this.#arriving = arrivals.map(({ track }) => track.kind as "audio" | "video");
    this.#options.onMedia(arrivals);
  }

  #closeOffer(): void {
    this.#openOffer?.cancelTimer();
    this.#openOffer = undefined;
  }

  async #handleCandidate(candidate: Candidate): Promise<void> {
    const init: RTCIceCandidateInit = {
      candidate: candidate.candidate ?? "",
      sdpMid: candidate.sdpMid ?? null,
      sdpMLineIndex: candidate.sdpMLineIndex ?? null,
      usernameFragment: candidate.usernameFragment ?? null,
    };
    const verdict = this.#rounds.judge(candidate.negotiationId, init);
    if (verdict === "add") {
      await this.#add([init]);
    } else if (verdict === "dropped") {
      this.counters.droppedCandidates += 1;
    }
  }

  async #add(candidates: readonly RTCIceCandidateInit[]): Promise<void> {
    for (const candidate of candidates) {
      try {
        await this.connection?.addIceCandidate(candidate);
      } catch (error) {
        this.counters.droppedCandidates += 1;
        this.#options.logger.debug("a candidate was refused", { sid: this.sid, cause: nameOf(error) });
      }
    }
  }

  #sendCandidate(candidate: RTCIceCandidate | null): void {
    if (this.#isClosed) {
      return;
    }
    const { sdpMid, sdpMLineIndex, usernameFragment } = candidate ?? {};
    this.#options.send({
      case: "candidate",
      value: {
        to: this.sid,
        negotiationId: this.#localRound,
        candidate: candidate?.candidate ?? "",
        ...(sdpMid == null ? {} : { sdpMid }),
        ...(sdpMLineIndex == null ? {} : { sdpMLineIndex }),
        ...(usernameFragment == null ? {} : { usernameFragment }),
      },
    });
  }

  /** By servers as they are now: one that died is not given any more. */
  #findAnotherPath(): void {
    void this.#options.renewIceServers().then(() => this.#enqueue(async () => this.#restartIce()));
  }

  #restartIce(): void {
    const { connection } = this;
    if (connection === undefined) {
      return;
    }
    if (connection.signalingState === "closed") {
      // Somebody else ended it.
      this.#enqueue(() => this.#rebuild());
      return;
    }
    if (this.#openOffer !== undefined) {
      // Nothing new can be offered before that is answered; perhaps it was lost.
      this.#repeatOffer();
      return;
    }
    this.#stopMoving?.();
    this.counters.iceRestarts += 1;
    this.#options.logger.info("ICE restart", { sid: this.sid });
    connection.restartIce();
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "unknown";
}
