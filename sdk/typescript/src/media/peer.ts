import type { Clock } from "../clock.js";
import type { Answer, Candidate, Offer } from "../gen/antiphon/v1/signal_pb.js";
import type { Logger } from "../logger.js";
import type { ClientKind } from "../session/frames.js";
import { Recovery } from "./recovery.js";
import { Rounds } from "./rounds.js";
import { mediaSections, nameStreams } from "./sections.js";
import { type OutgoingTrack, Senders } from "./senders.js";

/** An offer is sent again after so long without an answer, so often. */
const ANSWER_TIMEOUT_MS = 10_000;
const MAX_OFFER_REPEATS = 3;
/** A newcomer offers first; after so long this end does. */
const NEWCOMER_PATIENCE_MS = 1_500;

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
  /** Everything that comes now. */
  readonly onMedia: (arrivals: readonly Arrival[]) => void;
  readonly onState: (state: RTCPeerConnectionState) => void;
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
  /** Candidates of rounds that were rolled back, and the like. */
  droppedCandidates: number;
}

/**
 * One other participant: perfect negotiation (https://www.w3.org/TR/webrtc/#perfect-negotiation-example) over one
 * `RTCPeerConnection`, which exists from the first moment that there is something to send or to receive.
 *
 * Where the W3C's example keeps flags for what is under way, this runs one operation after the other: an offer collides
 * if and only if the connection is not `stable` when its turn comes.
 */
export class Peer {
  readonly sid: string;
  /** The greater sid is polite: it gives way when two offers collide. */
  readonly isPolite: boolean;
  readonly counters: PeerCounters = { collisions: 0, negotiations: 0, iceRestarts: 0, droppedCandidates: 0 };
  readonly #options: PeerOptions;
  readonly #rounds: Rounds;
  readonly #recovery: Recovery;
  #connection: RTCPeerConnection | undefined;
  #senders: Senders | undefined;
  #operations: Promise<void> = Promise.resolve();
  /** The round that local candidates belong to. */
  #localRound = "";
  #openOffer: OpenOffer | undefined;
  #lastAnswer: { readonly id: string; readonly sdp: string } | undefined;
  /** The browser asked for an offer that was not made yet. */
  #isOfferNeeded = false;
  /** Takes back the timer that waits for the other end's offer, while it does. */
  #stopWaiting: (() => void) | undefined;
  #isClosed = false;

  constructor(options: PeerOptions) {
    this.#options = options;
    this.sid = options.sid;
    this.isPolite = options.localSid > options.sid;
    this.#rounds = new Rounds(this.isPolite);
    this.#recovery = new Recovery(options.clock, this.isPolite, () => this.#restartUnlessConnected());
  }

  /** The connection, once there is one. */
  get connection(): RTCPeerConnection | undefined {
    return this.#connection;
  }

  /** The other end is new and will offer: what this end has to send goes into the answer. */
  awaitOffer(): void {
    this.#offerNotBefore(NEWCOMER_PATIENCE_MS);
  }

  /** Asks for what the other end announced: as many media sections as `kinds` has, own ones included. */
  receive(kinds: readonly ("audio" | "video")[]): void {
    this.#enqueue(async () => {
      if (kinds.length === 0) {
        return;
      }
      const connection = this.#open();
      for (const kind of ["audio", "video"] as const) {
        const present = connection
          .getTransceivers()
          .filter((transceiver) => transceiver.receiver.track.kind === kind).length;
        const wanted = kinds.filter((other) => other === kind).length;
        for (let missing = wanted - present; missing > 0; missing -= 1) {
          connection.addTransceiver(kind, { direction: "recvonly" });
        }
      }
    });
  }

  /** Sends a track, or its new content. */
  put(track: OutgoingTrack): void {
    this.#enqueue(async () => {
      if (track.mediaStreamTrack !== undefined) {
        this.#open();
      }
      await this.#senders?.put(track);
    });
  }

  /** Stops sending a track. */
  remove(trackId: string): void {
    this.#enqueue(async () => this.#senders?.remove(trackId));
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
      } else if (this.#connection !== undefined && this.#connection.connectionState !== "connected") {
        this.#recovery.suspect();
      }
    });
  }

  /** The other end is back after its connection broke: it may have missed an offer. */
  returned(): void {
    this.#enqueue(async () => {
      if (this.#openOffer !== undefined) {
        this.#repeatOffer();
      }
    });
  }

  /** Other ICE servers are to be used from now on. */
  configure(configuration: RTCConfiguration): void {
    try {
      this.#connection?.setConfiguration(configuration);
    } catch (error) {
      this.#options.logger.warn("the browser refused the new ICE servers", { sid: this.sid, cause: nameOf(error) });
    }
  }

  /** Ends the connection. */
  close(): void {
    this.#isClosed = true;
    this.#stopWaiting?.();
    this.#openOffer?.cancelTimer();
    this.#recovery.stop();
    this.#connection?.close();
  }

  #open(): RTCPeerConnection {
    if (this.#connection !== undefined) {
      return this.#connection;
    }
    const connection = this.#options.createConnection();
    this.#connection = connection;
    this.#senders = new Senders(connection);
    connection.onnegotiationneeded = () => {
      this.#isOfferNeeded = true;
      if (this.#stopWaiting === undefined) {
        this.#enqueue(() => this.#makeOffer());
      }
    };
    connection.onicecandidate = ({ candidate }) => this.#sendCandidate(candidate);
    connection.onconnectionstatechange = () => {
      this.#recovery.observe(connection.connectionState);
      this.#options.onState(connection.connectionState);
    };
    return connection;
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
    const connection = this.#connection;
    // Not stable: the browser asks again once it is.
    if (!this.#isOfferNeeded || connection === undefined || connection.signalingState !== "stable") {
      return;
    }
    this.#isOfferNeeded = false;
    const id = this.#rounds.begin();
    this.#localRound = id;
    await connection.setLocalDescription();
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
    const connection = this.#open();
    if (connection.signalingState !== "stable") {
      this.counters.collisions += 1;
      if (!this.isPolite) {
        this.#rounds.drop(id);
        return;
      }
      this.#closeOffer();
    }
    // Rolls an own offer back; the browser asks for another one once this round is over, if it is still needed.
    await connection.setRemoteDescription({ type: "offer", sdp });
    this.#tellMedia(connection, sdp);
    await this.#add(this.#rounds.settle(id));
    this.#localRound = id;
    this.#isOfferNeeded = false;
    await connection.setLocalDescription();
    if (this.#isClosed || connection.localDescription === null) {
      return;
    }
    this.#lastAnswer = { id, sdp: this.#named(connection.localDescription.sdp) };
    this.counters.negotiations += 1;
    this.#sendAnswer(this.#lastAnswer);
  }

  #sendAnswer({ id, sdp }: { readonly id: string; readonly sdp: string }): void {
    this.#options.send({ case: "answer", value: { to: this.sid, negotiationId: id, sdp } });
  }

  async #handleAnswer({ negotiationId: id, sdp }: Answer): Promise<void> {
    const offer = this.#openOffer;
    if (this.#connection === undefined || offer === undefined || (id !== "" && id !== offer.id)) {
      // The answer to a round that was rolled back, or a second copy.
      return;
    }
    this.#closeOffer();
    try {
      await this.#connection.setRemoteDescription({ type: "answer", sdp });
    } catch (error) {
      // Stable again, or the impolite end would ignore every offer from now on. The next own one takes its time.
      this.#offerNotBefore(ANSWER_TIMEOUT_MS);
      await this.#connection.setLocalDescription({ type: "rollback" });
      throw error;
    }
    this.#tellMedia(this.#connection, sdp);
    this.counters.negotiations += 1;
    await this.#add(this.#rounds.settle(offer.id));
  }

  #named(sdp: string): string {
    return nameStreams(sdp, this.#senders?.streamIds ?? new Map());
  }

  #tellMedia(connection: RTCPeerConnection, sdp: string): void {
    const transceivers = new Map(connection.getTransceivers().map((transceiver) => [transceiver.mid, transceiver]));
    const sending = mediaSections(sdp).filter(({ isSending }) => isSending);
    this.#options.onMedia(
      sending.flatMap(({ mid, streamIds, trackIds }) => {
        const track = transceivers.get(mid)?.receiver.track;
        return track === undefined ? [] : [{ track, streamIds, trackIds, mid }];
      }),
    );
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
        await this.#connection?.addIceCandidate(candidate);
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

  #restartUnlessConnected(): boolean {
    const isNeeded = this.#connection?.connectionState !== "connected";
    if (isNeeded) {
      this.#restartIce();
    }
    return isNeeded;
  }

  #restartIce(): void {
    if (this.#connection === undefined) {
      return;
    }
    if (this.#openOffer !== undefined) {
      // Nothing new can be offered before that is answered; perhaps it was lost.
      this.#repeatOffer();
      return;
    }
    this.counters.iceRestarts += 1;
    this.#options.logger.info("ICE restart", { sid: this.sid });
    this.#connection.restartIce();
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "unknown";
}
