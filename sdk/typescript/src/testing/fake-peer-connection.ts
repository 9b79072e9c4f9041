import { answeredRole, type DtlsRole, oppositeRole } from "../media/dtls-role.js";
import { dtlsFingerprints } from "../media/sections.js";
import { fakeTrack } from "./fake-media.js";

type Direction = "sendrecv" | "sendonly" | "recvonly" | "inactive";

interface Sender {
  track: MediaStreamTrack | null;
  streamIds: string[];
  wasUsed: boolean;
  replaceTrack(track: MediaStreamTrack | null): Promise<void>;
  setStreams(...streams: MediaStream[]): void;
}

interface Transceiver {
  mid: string | null;
  direction: Direction;
  currentDirection: Direction | null;
  readonly receiver: { readonly track: MediaStreamTrack; getSynchronizationSources(): [] };
  readonly sender: Sender;
  /** By `addTrack`: a remote section may take it. */
  readonly isMatchable: boolean;
}

interface Section {
  readonly mid: string;
  readonly kind: "audio" | "video";
  readonly direction: Direction;
  readonly streamIds: readonly string[];
}

interface Description {
  readonly type: "offer" | "answer";
  readonly sdp: string;
  readonly ufrag: string;
  readonly sections: readonly Section[];
}

const sends = (direction: Direction) => direction === "sendrecv" || direction === "sendonly";
const receives = (direction: Direction) => direction === "sendrecv" || direction === "recvonly";
const direction = (isSending: boolean, isReceiving: boolean): Direction =>
  isSending ? (isReceiving ? "sendrecv" : "sendonly") : isReceiving ? "recvonly" : "inactive";
const mirrored = (other: Direction) => direction(receives(other), sends(other));

let ufrags = 0;
let certificates = 0;

/**
 * JSEP without media, as strict as a browser where the SDK could go wrong: signaling states, implicit rollback, one
 * operation after the other, `negotiationneeded` once and only while stable, candidates only for credentials that are
 * in force, DTLS roles that stay.
 */
export class FakePeerConnection extends EventTarget {
  onnegotiationneeded: (() => void) | null = null;
  onicecandidate: ((event: { candidate: RTCIceCandidateInit | null }) => void) | null = null;
  onconnectionstatechange: (() => void) | null = null;
  signalingState: RTCSignalingState = "stable";
  connectionState: RTCPeerConnectionState = "new";
  iceConnectionState: RTCIceConnectionState = "new";
  /** The certificate that it was made with. */
  readonly fingerprint = `sha-256 FA:KE:${(certificates += 1)}`;
  configuration: RTCConfiguration;
  /** This end of the path in use, once there is one. */
  localCandidate: { readonly candidateType: string; readonly url?: string } | undefined;
  /** Every candidate that was taken, with the credentials it is for. */
  readonly candidates: string[] = [];
  rollbacks = 0;
  /** As Firefox: an answer to an ICE restart takes whatever role the offer leaves. */
  choosesRoleAnew = false;
  /** As Chromium after an answer that would change the DTLS role: not even a rollback is done. */
  #isJammed = false;
  #role: DtlsRole | undefined;
  #operations: Promise<unknown> = Promise.resolve();
  #transceivers: Transceiver[] = [];
  #local: Description | undefined;
  #pendingLocal: Description | undefined;
  #remote: Description | undefined;
  #pendingRemote: Description | undefined;
  #ufrag = `u${(ufrags += 1)}`;
  #wantsRestart = false;
  #isNegotiationNeeded = false;
  #version = 0;

  constructor(configuration: RTCConfiguration = {}) {
    super();
    this.configuration = configuration;
  }

  get localDescription(): RTCSessionDescription | null {
    return describe(this.#pendingLocal ?? this.#local);
  }

  get remoteDescription(): RTCSessionDescription | null {
    return describe(this.#pendingRemote ?? this.#remote);
  }

  get ufrag(): string {
    return this.#ufrag;
  }

  getTransceivers(): RTCRtpTransceiver[] {
    return this.#transceivers as unknown as RTCRtpTransceiver[];
  }

  getReceivers(): RTCRtpReceiver[] {
    return this.getTransceivers().map(({ receiver }) => receiver);
  }

  addTrack(track: MediaStreamTrack, stream: MediaStream): RTCRtpSender {
    this.#throwIfClosed();
    const free = this.#transceivers.find(
      ({ receiver, sender }) => receiver.track.kind === track.kind && sender.track === null && !sender.wasUsed,
    );
    const transceiver = free ?? this.#addTransceiver(track.kind as "audio" | "video", "sendrecv", true);
    transceiver.sender.track = track;
    transceiver.sender.streamIds = [stream.id];
    transceiver.direction = direction(true, receives(transceiver.direction));
    this.#checkNegotiation();
    return transceiver.sender as unknown as RTCRtpSender;
  }

  addTransceiver(kind: "audio" | "video", init: { direction: Direction }): void {
    this.#throwIfClosed();
    this.#addTransceiver(kind, init.direction, false);
    this.#checkNegotiation();
  }

  removeTrack(sender: RTCRtpSender): void {
    this.#throwIfClosed();
    const transceiver = this.#transceivers.find((candidate) => candidate.sender === (sender as unknown as Sender));
    if (transceiver !== undefined) {
      transceiver.sender.track = null;
      transceiver.direction = direction(false, receives(transceiver.direction));
      this.#checkNegotiation();
    }
  }

  restartIce(): void {
    this.#throwIfClosed();
    this.#wantsRestart = true;
    this.#checkNegotiation();
  }

  getConfiguration(): RTCConfiguration {
    return this.configuration;
  }

  setConfiguration(configuration: RTCConfiguration): void {
    this.#throwIfClosed();
    this.configuration = configuration;
  }

  setLocalDescription(description?: { type: "rollback" }): Promise<void> {
    return this.#inTurn(() => {
      if (description !== undefined) {
        if (this.#isJammed) {
          throw new DOMException("the DTLS role cannot be set", "OperationError");
        }
        this.#rollback();
        this.#isNegotiationNeeded = false;
        this.#checkNegotiation();
      } else if (this.signalingState === "have-remote-offer") {
        this.#answer();
      } else if (this.signalingState === "stable") {
        this.#offer();
      } else {
        throw new DOMException(`setLocalDescription in ${this.signalingState}`, "InvalidStateError");
      }
    });
  }

  setRemoteDescription({ type, sdp }: RTCSessionDescriptionInit): Promise<void> {
    return this.#inTurn(() => {
      const description = {
        ...(JSON.parse(marker(sdp ?? "")) as Description),
        sdp: sdp ?? "",
        sections: sections(sdp ?? ""),
      };
      if (type === "offer") {
        if (this.signalingState === "have-local-offer") {
          this.#rollback();
        } else if (this.signalingState !== "stable") {
          throw new DOMException(`an offer in ${this.signalingState}`, "InvalidStateError");
        }
        this.#requireSameTransport(description);
        this.#pendingRemote = description;
        this.signalingState = "have-remote-offer";
      } else {
        if (this.signalingState !== "have-local-offer") {
          throw new DOMException(`an answer in ${this.signalingState}`, "InvalidStateError");
        }
        if (description.sections.length !== this.#pendingLocal?.sections.length) {
          throw new DOMException("an answer to another offer", "InvalidAccessError");
        }
        this.#requireSameTransport(description);
        this.#requireSameRole(description);
        this.#local = this.#pendingLocal;
        this.#pendingLocal = undefined;
        this.#remote = description;
        this.#stable();
      }
      this.#associate(description);
    });
  }

  addIceCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    return this.#inTurn(() => {
      const remote = this.#pendingRemote ?? this.#remote;
      if (remote === undefined) {
        throw new DOMException("no remote description", "InvalidStateError");
      }
      if (
        candidate.candidate !== "" &&
        candidate.usernameFragment != null &&
        candidate.usernameFragment !== remote.ufrag
      ) {
        throw new DOMException("a candidate of other credentials", "OperationError");
      }
      this.candidates.push(`${remote.ufrag}:${candidate.candidate}`);
    });
  }

  getStats(): Promise<Map<string, unknown>> {
    const entries = [
      { id: "T", type: "transport", selectedCandidatePairId: "P" },
      { id: "P", type: "candidate-pair", localCandidateId: "L" },
      { id: "L", type: "local-candidate", ...this.localCandidate },
    ];
    return Promise.resolve(new Map(this.localCandidate === undefined ? [] : entries.map((entry) => [entry.id, entry])));
  }

  close(): void {
    this.signalingState = "closed";
    this.connectionState = "closed";
  }

  /** The network does something. */
  become(state: RTCPeerConnectionState, iceState = state as RTCIceConnectionState): void {
    this.connectionState = state;
    this.iceConnectionState = iceState;
    this.onconnectionstatechange?.();
  }

  /** A candidate was gathered for the present credentials. */
  gather(candidate: string): void {
    this.onicecandidate?.({ candidate: { candidate, sdpMid: "0", sdpMLineIndex: 0, usernameFragment: this.#ufrag } });
  }

  #offer(): void {
    if (this.#wantsRestart || this.#local === undefined) {
      this.#ufrag = `u${(ufrags += 1)}`;
    }
    for (const transceiver of this.#transceivers) {
      transceiver.mid ??= String(this.#transceivers.filter(({ mid }) => mid !== null).length);
    }
    this.#pendingLocal = this.#describe(
      "offer",
      "actpass",
      this.#transceivers.map((transceiver) => [transceiver, transceiver.direction]),
    );
    this.signalingState = "have-local-offer";
    this.#isNegotiationNeeded = false;
  }

  #answer(): void {
    const remote = this.#pendingRemote as Description;
    if (remote.ufrag !== this.#remote?.ufrag) {
      this.#ufrag = `u${(ufrags += 1)}`;
    }
    const answered = remote.sections.map(({ mid, direction: offered }): [Transceiver, Direction] => {
      const transceiver = this.#transceivers.find((candidate) => candidate.mid === mid) as Transceiver;
      const allowed = mirrored(offered);
      return [
        transceiver,
        direction(sends(transceiver.direction) && sends(allowed), receives(transceiver.direction) && receives(allowed)),
      ];
    });
    const isRestart = this.#remote !== undefined && remote.ufrag !== this.#remote.ufrag;
    if (this.#role === undefined || (this.choosesRoleAnew && isRestart)) {
      this.#role = remote.sdp.includes("a=setup:active") ? "passive" : "active";
    }
    this.#local = this.#describe("answer", this.#role, answered);
    this.#remote = remote;
    this.#pendingRemote = undefined;
    this.#stable();
    for (const [transceiver, agreed] of answered) {
      transceiver.currentDirection = agreed;
      transceiver.sender.wasUsed ||= sends(agreed);
    }
  }

  #associate({ type, sections: described }: Description): void {
    for (const section of described) {
      const transceiver =
        this.#transceivers.find(({ mid }) => mid === section.mid) ??
        this.#transceivers.find(
          ({ mid, isMatchable, receiver }) => mid === null && isMatchable && receiver.track.kind === section.kind,
        ) ??
        this.#addTransceiver(section.kind, "recvonly", false);
      transceiver.mid = section.mid;
      if (type === "answer") {
        transceiver.currentDirection = mirrored(section.direction);
        transceiver.sender.wasUsed ||= sends(transceiver.currentDirection);
      }
    }
  }

  #rollback(): void {
    this.rollbacks += 1;
    this.#pendingLocal = undefined;
    this.signalingState = "stable";
    const known = new Set(this.#local?.sections.map(({ mid }) => mid));
    for (const transceiver of this.#transceivers) {
      if (transceiver.mid !== null && !known.has(transceiver.mid)) {
        transceiver.mid = null;
      }
    }
  }

  #stable(): void {
    this.signalingState = "stable";
    this.#wantsRestart = false;
    this.#isNegotiationNeeded = false;
    this.#checkNegotiation();
  }

  #checkNegotiation(): void {
    queueMicrotask(() => {
      if (this.signalingState !== "stable" || this.#isNegotiationNeeded || !this.#differs()) {
        return;
      }
      this.#isNegotiationNeeded = true;
      this.onnegotiationneeded?.();
    });
  }

  /** https://www.w3.org/TR/webrtc/#dfn-check-if-negotiation-is-needed */
  #differs(): boolean {
    return (
      (this.#wantsRestart && this.#local !== undefined) ||
      this.#transceivers.some((transceiver) => this.#isUnsettled(transceiver))
    );
  }

  #isUnsettled({ mid, direction: wanted, sender }: Transceiver): boolean {
    const local = this.#local?.sections.find((section) => section.mid === mid);
    const remote = this.#remote?.sections.find((section) => section.mid === mid);
    if (local === undefined || remote === undefined) {
      return true;
    }
    if (sends(wanted) && local.streamIds.join() !== sender.streamIds.join()) {
      return true;
    }
    const offered = mirrored(remote.direction);
    return this.#local?.type === "offer"
      ? wanted !== local.direction && wanted !== offered
      : local.direction !== direction(sends(wanted) && sends(offered), receives(wanted) && receives(offered));
  }

  #describe(
    type: "offer" | "answer",
    setup: DtlsRole | "actpass",
    described: readonly [Transceiver, Direction][],
  ): Description {
    this.#version += 1;
    const lines = described.map(([{ mid, receiver, sender }, at]) =>
      [
        `m=${receiver.track.kind} 9 UDP/TLS/RTP/SAVPF 96`,
        `a=mid:${mid ?? ""}`,
        `a=setup:${setup}`,
        `a=ice-ufrag:${this.#ufrag}`,
        `a=${at}`,
        ...(sends(at) ? sender.streamIds.map((id) => `a=msid:${id}`) : []),
        "",
      ].join("\r\n"),
    );
    const origin = JSON.stringify({ type, ufrag: this.#ufrag, version: this.#version });
    const sdp = `v=0\r\ns=${origin}\r\na=fingerprint:${this.fingerprint}\r\n${lines.join("")}`;
    return { type, sdp, ufrag: this.#ufrag, sections: sections(sdp) };
  }

  #addTransceiver(kind: "audio" | "video", initial: Direction, isMatchable: boolean): Transceiver {
    const check = () => this.#checkNegotiation();
    const sender: Sender = {
      track: null,
      streamIds: [],
      wasUsed: false,
      async replaceTrack(track) {
        this.track = track;
      },
      setStreams(...streams) {
        this.streamIds = streams.map(({ id }) => id);
        check();
      },
    };
    let current = initial;
    const transceiver: Transceiver = {
      mid: null,
      get direction() {
        return current;
      },
      set direction(next) {
        current = next;
        check();
      },
      currentDirection: null,
      receiver: { track: fakeTrack(kind), getSynchronizationSources: () => [] },
      sender,
      isMatchable,
    };
    this.#transceivers.push(transceiver);
    return transceiver;
  }

  #inTurn(operation: () => void): Promise<void> {
    const result = this.#operations.then(async () => {
      // As a browser does, which leaves the page's thread for this.
      await Promise.resolve();
      this.#throwIfClosed();
      operation();
    });
    this.#operations = result.catch(() => {});
    return result;
  }

  /** A DTLS association that ran cannot go over to another certificate. */
  #requireSameTransport({ sdp }: Description): void {
    const known = dtlsFingerprints(this.#remote?.sdp ?? "");
    if (known !== "" && dtlsFingerprints(sdp) !== known) {
      throw new DOMException("another certificate", "OperationError");
    }
  }

  #requireSameRole({ sdp }: Description): void {
    const answered = answeredRole(sdp);
    const role = answered && oppositeRole(answered);
    if (this.#role !== undefined && role !== undefined && role !== this.#role) {
      this.#isJammed = true;
      throw new DOMException("the DTLS role cannot be set", "InvalidAccessError");
    }
    this.#role ??= role;
  }

  #throwIfClosed(): void {
    if (this.signalingState === "closed") {
      throw new DOMException("the connection is closed", "InvalidStateError");
    }
  }
}

function describe(description: Description | undefined): RTCSessionDescription | null {
  return (description ?? null) as RTCSessionDescription | null;
}

function marker(sdp: string): string {
  const found = /^s=(.*)\r$/m.exec(sdp)?.[1];
  if (found === undefined) {
    throw new DOMException("not a description", "OperationError");
  }
  return found;
}

function sections(sdp: string): Section[] {
  return sdp
    .split(/^m=/m)
    .slice(1)
    .map((text) => ({
      kind: text.startsWith("audio") ? "audio" : "video",
      mid: /^a=mid:(.*)\r$/m.exec(text)?.[1] ?? "",
      direction: (/^a=(sendrecv|sendonly|recvonly|inactive)\r$/m.exec(text)?.[1] ?? "sendrecv") as Direction,
      streamIds: [...text.matchAll(/^a=msid:(\S+).*\r$/gm)].map((match) => match[1] ?? ""),
    }));
}
