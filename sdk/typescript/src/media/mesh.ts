import type { Clock } from "../clock.js";
import type { AntiphonError } from "../errors.js";
import type { Logger } from "../logger.js";
import type { ClientKind, ServerKind } from "../session/frames.js";
import type { Sent } from "../session/session.js";
import { type Arrival, Peer } from "./peer.js";
import type { OutgoingTrack } from "./senders.js";

/** Paths that move away from a relay do so one after the other. */
const MOVE_INTERVAL_MS = 200;

/** Somebody to connect to. */
export interface MeshMember {
  readonly sid: string;
  /** The kinds of the tracks that it announced. */
  readonly kinds: readonly ("audio" | "video")[];
}

/** What the mesh needs from outside. */
export interface MeshOptions {
  readonly localSid: string;
  readonly createConnection: (configuration: RTCConfiguration) => RTCPeerConnection;
  readonly send: (kind: ClientKind) => Sent;
  readonly renewIceServers: () => Promise<void>;
  readonly onMedia: (sid: string, arrivals: readonly Arrival[]) => void;
  readonly onState: (sid: string, state: RTCPeerConnectionState) => void;
  /** No connection could be made, and none is tried any more until something changes. */
  readonly onUnreachable: (sid: string) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A peer connection to every other participant. */
export class Mesh {
  readonly #options: MeshOptions;
  readonly #peers = new Map<string, Peer>();
  readonly #tracks: ReadonlyMap<string, OutgoingTrack>;
  #configuration: RTCConfiguration;
  #isClosed = false;

  /** `tracks` is what this client sends; `put` and `remove` say when it changes. */
  constructor(options: MeshOptions, configuration: RTCConfiguration, tracks: ReadonlyMap<string, OutgoingTrack>) {
    this.#options = options;
    this.#configuration = configuration;
    this.#tracks = tracks;
  }

  /** The peers by sid. */
  get peers(): ReadonlyMap<string, Peer> {
    return this.#peers;
  }

  /** Connects to those who were there before: this end offers. */
  offerTo(member: MeshMember): void {
    const peer = this.#add(member.sid);
    peer.receive(member.kinds);
  }

  /** Somebody came in, and will offer. */
  awaitOfferFrom(sid: string): void {
    this.#add(sid).awaitOffer();
  }

  /** Somebody is gone. */
  drop(sid: string): void {
    this.#peers.get(sid)?.close();
    this.#peers.delete(sid);
  }

  /** Somebody is back after its connection broke. */
  returned(sid: string): void {
    this.#peers.get(sid)?.returned();
  }

  /** Frames to this client were lost. */
  framesWereLost(): void {
    for (const peer of this.#peers.values()) {
      peer.framesWereLost();
    }
  }

  /** This client's network changed. */
  networkChanged(): void {
    for (const peer of this.#peers.values()) {
      peer.networkChanged();
    }
  }

  /** Nothing came from somebody who says they send, so many looks in a row. */
  sawNothing(sid: string, emptyLooks: number): void {
    this.#peers.get(sid)?.sawNothing(emptyLooks);
  }

  /** A track is to be sent, or carries something else now. */
  put(track: OutgoingTrack): void {
    for (const peer of this.#peers.values()) {
      peer.put(track);
    }
  }

  /** A track is not to be sent any more. */
  remove(trackId: string): void {
    for (const peer of this.#peers.values()) {
      peer.remove(trackId);
    }
  }

  /** Other ICE servers are to be used from now on. */
  configure(configuration: RTCConfiguration): void {
    this.#configuration = configuration;
    for (const [index, peer] of [...this.#peers.values()].entries()) {
      peer.configure(configuration, index * MOVE_INTERVAL_MS);
    }
  }

  /** Only some candidates may be used from now on: every connection is made anew. */
  restrict(configuration: RTCConfiguration): void {
    this.#configuration = configuration;
    for (const peer of this.#peers.values()) {
      peer.beginAnew();
    }
  }

  /** A directed frame came. */
  receive(kind: ServerKind & { case: "offer" | "answer" | "candidate" }): void {
    const peer = this.#peers.get(kind.value.from);
    if (peer === undefined) {
      // The sender left while its frame was on the way.
      this.#options.logger.debug("a frame from nobody in the room", { sid: kind.value.from, kind: kind.case });
      return;
    }
    switch (kind.case) {
      case "offer":
        peer.offer(kind.value);
        return;
      case "answer":
        peer.answer(kind.value);
        return;
      case "candidate":
        peer.candidate(kind.value);
    }
  }

  /** Ends every connection. */
  close(): void {
    this.#isClosed = true;
    for (const sid of [...this.#peers.keys()]) {
      this.drop(sid);
    }
  }

  #add(sid: string): Peer {
    this.drop(sid);
    const { localSid, createConnection, renewIceServers, onMedia, onState, onUnreachable, clock, logger } = this.#options;
    const peer: Peer = new Peer({
      sid,
      localSid,
      createConnection: () => createConnection(this.#configuration),
      send: (kind) => this.#send(peer, kind),
      renewIceServers,
      onMedia: (arrivals) => onMedia(sid, arrivals),
      onState: (state) => onState(sid, state),
      onUnreachable: () => onUnreachable(sid),
      clock,
      logger,
    });
    this.#peers.set(sid, peer);
    for (const track of this.#tracks.values()) {
      peer.put(track);
    }
    return peer;
  }

  #send(peer: Peer, kind: ClientKind): void {
    const isStale = () => this.#isClosed || this.#peers.get(peer.sid) !== peer;
    if (isStale()) {
      return;
    }
    const refused = ({ code }: AntiphonError) => {
      // The peers of a session that was lost make way for those of the next.
      if (!isStale() && code !== "resume_failed") {
        this.#options.logger.warn("a peer cannot be reached through the server", {
          sid: peer.sid,
          kind: kind.case,
          code,
        });
      }
    };
    try {
      this.#options.send(kind).settled.catch(refused);
    } catch (error) {
      refused(error as AntiphonError);
    }
  }
}
