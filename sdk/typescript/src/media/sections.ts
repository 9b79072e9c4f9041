/** What one media section of a description says of the tracks in it. */
export interface Section {
  readonly mid: string;
  /** The describing end sends. */
  readonly isSending: boolean;
  /** `a=msid`: the streams, and the track ids beside them. */
  readonly streamIds: readonly string[];
  readonly trackIds: readonly string[];
}

/**
 * Reads the media sections of a description. The `track` event is not enough to learn what a receiver carries: none is
 * fired when another track takes a media section over in one and the same round.
 */
export function mediaSections(sdp: string): Section[] {
  return sdp
    .split(/^m=/m)
    .slice(1)
    .map((section) => {
      const [mediaLine = "", ...lines] = section.split(/\r?\n/);
      const values = (name: string) =>
        lines.filter((line) => line.startsWith(`a=${name}:`)).map((line) => line.slice(name.length + 3));
      const msids = values("msid").map((msid) => msid.split(" "));
      const isRejected = mediaLine.split(" ")[1] === "0" && !lines.includes("a=bundle-only");
      const isSilent = lines.includes("a=recvonly") || lines.includes("a=inactive");
      return {
        mid: values("mid")[0] ?? "",
        isSending: !isRejected && !isSilent,
        streamIds: msids.map(([stream]) => stream ?? "").filter((stream) => stream !== "" && stream !== "-"),
        trackIds: msids.map(([, track]) => track ?? "").filter((track) => track !== ""),
      };
    });
}

/**
 * The DTLS certificates that a description names, in a fixed order; empty where it names none. Browsers make one for
 * each `RTCPeerConnection`, so another one means that the other end has put a new connection in the place of its old
 * (RFC 8842, section 5.1).
 */
export function dtlsFingerprints(sdp: string): string {
  const found = sdp.matchAll(/^a=fingerprint:\s*(\S+)\s+(\S+)/gm);
  return [...new Set([...found].map(([, hash = "", value = ""]) => `${hash} ${value}`.toLowerCase()))].sort().join(",");
}

/** The ICE generation of a description: its username fragments, in a fixed order (RFC 8839, section 5.4). */
export function iceGeneration(sdp: string): string[] {
  return [...new Set([...sdp.matchAll(/^a=ice-ufrag:\s*(\S+)/gm)].map(([, ufrag = ""]) => ufrag))].sort();
}

/**
 * Names the stream of each sending section, by mid. Browsers write the names themselves, but Chromium goes back to
 * older ones when an offer that followed `setStreams` is rolled back; the receiver needs the present ones to tell the
 * tracks apart.
 */
export function nameStreams(sdp: string, streamIds: ReadonlyMap<string, string>): string {
  const [session = "", ...sections] = sdp.split(/^(?=m=)/m);
  const named = sections.map((section) => {
    const [read] = mediaSections(section);
    const streamId = streamIds.get(read?.mid ?? "");
    if (read === undefined || !read.isSending || streamId === undefined) {
      return section;
    }
    const msid = ["a=msid:", streamId, ...read.trackIds.slice(0, 1).map((trackId) => ` ${trackId}`)].join("");
    return section.replace(/^a=msid:.*\r\n/gm, "").replace(/^a=mid:.*\r\n/m, (line) => `${line}${msid}\r\n`);
  });
  return session + named.join("");
}
