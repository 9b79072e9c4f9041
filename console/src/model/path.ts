import type { PeerStats } from "@antiphon/client";

/** The way that media takes to somebody. */
export interface Path {
  /** At this end or the other one. */
  readonly isRelayed: boolean;
  /** Over what this end reaches its relay or, without one, the other end. */
  readonly transport: "udp" | "tcp" | "tls";
  /** Milliseconds there and back; `null` before it is known. */
  readonly roundTripMs: number | null;
}

/** The path of a pair of candidates (RFC 8445, section 4). */
export function pathOf({ local, remote, roundTripTime }: NonNullable<PeerStats["selected"]>): Path {
  const transport = local.relayProtocol ?? local.protocol;
  return {
    isRelayed: local.type === "relay" || remote.type === "relay",
    transport: transport === "tcp" || transport === "tls" ? transport : "udp",
    roundTripMs: roundTripTime === undefined ? null : Math.round(roundTripTime * 1_000),
  };
}

/** A path in words: what is usual is left out. */
export function pathWords({ isRelayed, transport, roundTripMs }: Path): string {
  const way = isRelayed ? "Through a relay" : "Direct";
  const over = transport === "udp" ? "" : ` over ${transport.toUpperCase()}`;
  return `${way}${over}${roundTripMs === null ? "" : `, ${roundTripMs} ms`}`;
}
