import type { Peer } from "./peer.js";
import type { LinkSample, PacketCount } from "./quality.js";

/** How the connection to one participant stands. */
export interface PeerView {
  /** The other participant's. */
  readonly sid: string;
  /** Gives way when two offers collide: the greater sid. */
  readonly isPolite: boolean;
  /** As `RTCPeerConnection.connectionState`. */
  readonly connectionState: RTCPeerConnectionState;
  /** As `RTCPeerConnection.signalingState`. */
  readonly signalingState: RTCSignalingState;
  /** Offers that met another one on the way. */
  readonly collisions: number;
  /** Rounds that ended with an answer. */
  readonly negotiations: number;
  /** ICE restarts that this end began. */
  readonly iceRestarts: number;
  /** Times that a new connection took the place of one that failed. */
  readonly rebuilds: number;
  /** Candidates that were not used: of rounds that were rolled back, or refused by the browser. */
  readonly droppedCandidates: number;
  /** The connection itself, once there is one. For looking, not for touching. */
  readonly connection: RTCPeerConnection | undefined;
}

/** One end of the path that is in use. */
export interface CandidateStats {
  /** `host`, `srflx`, `prflx` or `relay` (RFC 8445, section 4). */
  readonly type: string;
  /** `udp` or `tcp`. */
  readonly protocol: string;
  /** How this end reaches its TURN server, where it uses one and the browser tells: `udp`, `tcp` or `tls`. */
  readonly relayProtocol: string | undefined;
  /** The ICE server that a candidate of this end came from, where the browser tells. */
  readonly url: string | undefined;
}

/** A track that travels on a connection. */
export interface TrackStats {
  /** `audio` or `video`. */
  readonly kind: string;
  /** The media section's id in the SDP. */
  readonly mid: string | undefined;
  /** Payload bytes, sent or received. */
  readonly bytes: number;
  /** RTP packets, sent or received. */
  readonly packets: number;
  /** RTP packets that did not arrive; 0 for what is sent. */
  readonly packetsLost: number;
  /** Seconds. */
  readonly jitter: number;
  /** Decoded where it is received, encoded where it is sent. */
  readonly frames: number;
  /** Pixels. */
  readonly frameWidth: number;
  /** Pixels. */
  readonly frameHeight: number;
  /** Grows with what is heard (https://www.w3.org/TR/webrtc-stats/, totalAudioEnergy). */
  readonly audioEnergy: number;
}

/** What `RTCPeerConnection.getStats` says, in short. */
export interface PeerStats {
  /** The other participant's. */
  readonly sid: string;
  /** As `RTCPeerConnection.connectionState`. */
  readonly connectionState: RTCPeerConnectionState;
  /** The path in use, once there is one. */
  readonly selected:
    | {
        /** This end of it. */
        readonly local: CandidateStats;
        /** The other end of it. */
        readonly remote: CandidateStats;
        /** Seconds. */
        readonly roundTripTime: number | undefined;
        /** Bits per second. */
        readonly availableOutgoingBitrate: number | undefined;
      }
    | undefined;
  /** The tracks that come. */
  readonly received: readonly TrackStats[];
  /** The tracks that go. */
  readonly sent: readonly TrackStats[];
}

type Entry = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string };

export function peerView(peer: Peer): PeerView {
  return {
    sid: peer.sid,
    isPolite: peer.isPolite,
    connectionState: peer.connection?.connectionState ?? "new",
    signalingState: peer.connection?.signalingState ?? "stable",
    ...peer.counters,
    connection: peer.connection,
  };
}

export async function peerStats({ sid, connection }: Peer): Promise<PeerStats> {
  const entries = entriesOf(await connection?.getStats());
  const ofType = (type: string) => [...entries.values()].filter((entry) => entry.type === type);
  return {
    sid,
    connectionState: connection?.connectionState ?? "new",
    selected: selectedPair(entries, ofType("transport")),
    received: ofType("inbound-rtp").map((entry) => trackStats(entry, "Received", "framesDecoded")),
    sent: ofType("outbound-rtp").map((entry) => trackStats(entry, "Sent", "framesEncoded")),
  };
}

/** This end of the path in use. */
export function localCandidate(report: RTCStatsReport): CandidateStats | undefined {
  const entries = entriesOf(report);
  return selectedPair(entries, [...entries.values()].filter(({ type }) => type === "transport"))?.local;
}

/** What the statistics of a connection say of its quality. */
export function linkSample(connection: RTCPeerConnection, report: RTCStatsReport, atMs: number): LinkSample {
  const entries = entriesOf(report);
  const ofType = (type: string) => [...entries.values()].filter((entry) => entry.type === type);
  const inbound = ofType("inbound-rtp");
  const reported = ofType("remote-inbound-rtp");
  const roundTripTime = selectedPair(entries, ofType("transport"))?.roundTripTime ?? seconds(reported, "roundTripTime");
  // Pictures come in bursts, so their jitter says less.
  const audio = inbound.filter((entry) => entry["kind"] === "audio" && number(entry["packetsReceived"]) > 0);
  const jitter = seconds(audio.length > 0 ? audio : inbound, "jitter");
  return {
    atMs,
    connectionState: connection.connectionState,
    received: packets(inbound, "packetsReceived", inbound),
    sent: packets(ofType("outbound-rtp"), "packetsSent", reported),
    roundTripTimeMs: roundTripTime === undefined ? undefined : roundTripTime * 1_000,
    jitterMs: jitter === undefined ? undefined : jitter * 1_000,
    frozenMs: sum(inbound, "totalFreezesDuration") * 1_000,
  };
}

function entriesOf(report: RTCStatsReport | undefined): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  report?.forEach((entry: Entry, id: string) => entries.set(id, entry));
  return entries;
}

function packets(entries: readonly Entry[], total: string, reports: readonly Entry[]): PacketCount {
  return { total: sum(entries, total), lost: sum(reports, "packetsLost") };
}

function sum(entries: readonly Entry[], name: string): number {
  return entries.reduce((total, entry) => total + number(entry[name]), 0);
}

/** The greatest value. */
function seconds(entries: readonly Entry[], name: string): number | undefined {
  const values = entries.map((entry) => entry[name]).filter((value) => typeof value === "number");
  return values.length === 0 ? undefined : Math.max(...values);
}

function selectedPair(entries: ReadonlyMap<string, Entry>, transports: readonly Entry[]): PeerStats["selected"] {
  const pairId = transports
    .map((transport) => transport["selectedCandidatePairId"])
    .find((id) => typeof id === "string");
  // Older Firefox names no transport, but marks the pair.
  const pair =
    pairId === undefined ? [...entries.values()].find((entry) => entry["selected"] === true) : entries.get(pairId);
  if (pair === undefined) {
    return undefined;
  }
  return {
    local: candidateStats(entries.get(text(pair["localCandidateId"]))),
    remote: candidateStats(entries.get(text(pair["remoteCandidateId"]))),
    roundTripTime: optionalNumber(pair["currentRoundTripTime"]),
    availableOutgoingBitrate: optionalNumber(pair["availableOutgoingBitrate"]),
  };
}

function candidateStats(entry: Entry | undefined): CandidateStats {
  return {
    type: text(entry?.["candidateType"]),
    protocol: text(entry?.["protocol"]),
    relayProtocol: optionalText(entry?.["relayProtocol"]),
    url: optionalText(entry?.["url"]),
  };
}

function trackStats(entry: Entry, direction: "Received" | "Sent", frames: string): TrackStats {
  const mid = entry["mid"];
  return {
    kind: text(entry["kind"]),
    mid: typeof mid === "string" ? mid : undefined,
    bytes: number(entry[`bytes${direction}`]),
    packets: number(entry[`packets${direction}`]),
    packetsLost: number(entry["packetsLost"]),
    jitter: number(entry["jitter"]),
    frames: number(entry[frames]),
    frameWidth: number(entry["frameWidth"]),
    frameHeight: number(entry["frameHeight"]),
    audioEnergy: number(entry["totalAudioEnergy"]),
  };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function optionalText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function number(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

function optionalNumber(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
