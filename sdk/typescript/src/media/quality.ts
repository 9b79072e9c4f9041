/**
 * How well media gets through between two participants.
 *
 * | | loss | round trip | jitter | picture frozen |
 * |---|---|---|---|---|
 * | `excellent` | below 2 % | below 200 ms | below 30 ms | below 3 % of the time |
 * | `good` | below 8 % | below 500 ms | below 80 ms | below 15 % |
 * | `poor` | more of any | | | |
 * | `lost` | no connection: it broke, or none could be made | | | |
 *
 * Loss is that of the worse direction, over the last six seconds. A worse verdict counts once it was reached twice in a
 * row (after 4 s), a better one three times (6 s) and by a fifth better than its threshold, so that the verdict does
 * not flap; `lost` counts at once.
 */
export type ConnectionQuality = "excellent" | "good" | "poor" | "lost";

/** One look at a connection's statistics. What is counted is counted from the connection's beginning. */
export interface LinkSample {
  readonly atMs: number;
  readonly connectionState: RTCPeerConnectionState;
  readonly received: PacketCount;
  /** What the other end reported of what was sent to it. */
  readonly sent: PacketCount;
  readonly roundTripTimeMs: number | undefined;
  readonly jitterMs: number | undefined;
  /** Time that received pictures stood still (https://www.w3.org/TR/webrtc-stats/, totalFreezesDuration). */
  readonly frozenMs: number;
}

/** Packets of one direction. `total` are those that were received, or sent. */
export interface PacketCount {
  readonly total: number;
  readonly lost: number;
}

/** What is known of a connection, from one sample to the next. */
export interface LinkVerdict {
  /** `undefined` before there is enough to go by. */
  readonly quality: ConnectionQuality | undefined;
  readonly samples: readonly LinkSample[];
  /** How often in a row another verdict than `quality` was reached. */
  readonly worse: number;
  readonly better: number;
}

/** Before the first sample. */
export const UNJUDGED: LinkVerdict = { quality: undefined, samples: [], worse: 0, better: 0 };

/** Samples that are looked at together, and the time between two of them. */
const WINDOW_SAMPLES = 4;
export const SAMPLE_INTERVAL_MS = 2_000;

const WORSE_IN_A_ROW = 2;
const BETTER_IN_A_ROW = 3;
/** To be better, figures have to be below this part of their threshold. */
const MARGIN = 0.8;
/** Fewer packets say nothing about loss. */
const MIN_PACKETS = 20;

/** Upper bounds: of `excellent`, and of `good`. */
const THRESHOLDS = {
  loss: [0.02, 0.08],
  roundTripTimeMs: [200, 500],
  jitterMs: [30, 80],
  frozen: [0.03, 0.15],
} as const;

type Figures = { readonly [Name in keyof typeof THRESHOLDS]: number | undefined };

const RANK: Readonly<Record<ConnectionQuality, number>> = { excellent: 0, good: 1, poor: 2, lost: 3 };
const BY_RANK = ["excellent", "good", "poor", "lost"] as const;

/** The next verdict. */
export function judge(before: LinkVerdict, sample: LinkSample): LinkVerdict {
  switch (sample.connectionState) {
    case "disconnected":
    case "failed":
    case "closed":
      return { ...UNJUDGED, quality: "lost" };
    case "new":
    case "connecting":
      // What was lost is lost until there is a connection again.
      return { ...UNJUDGED, quality: before.quality };
    case "connected":
      break;
  }
  const last = before.samples.at(-1);
  // Counters that went back are those of a connection that was rebuilt.
  const known = last !== undefined && isOlder(last, sample) ? before.samples : [];
  const samples = [...known, sample].slice(-WINDOW_SAMPLES);
  const figures = measure(samples);
  if (figures === undefined) {
    return { ...before, samples };
  }
  const { quality } = before;
  if (quality === undefined || quality === "lost") {
    return { quality: grade(figures, 1), samples, worse: 0, better: 0 };
  }
  const [strict, lenient] = [grade(figures, MARGIN), grade(figures, 1)];
  const worse = RANK[lenient] > RANK[quality] ? before.worse + 1 : 0;
  const better = RANK[strict] < RANK[quality] ? before.better + 1 : 0;
  if (worse >= WORSE_IN_A_ROW) {
    return { quality: lenient, samples, worse: 0, better: 0 };
  }
  if (better >= BETTER_IN_A_ROW) {
    return { quality: strict, samples, worse: 0, better: 0 };
  }
  return { quality, samples, worse, better };
}

/**
 * One's own quality, from those of the connections to all others: what at least half of them reach. One bad connection
 * among many is the other's; `undefined` where there is none.
 */
export function ownQuality(links: readonly (ConnectionQuality | undefined)[]): ConnectionQuality | undefined {
  const ranks = links.flatMap((quality) => (quality === undefined ? [] : [RANK[quality]])).sort((a, b) => a - b);
  const median = ranks[Math.floor((ranks.length - 1) / 2)];
  return median === undefined ? undefined : BY_RANK[median];
}

function isOlder(one: LinkSample, other: LinkSample): boolean {
  return one.received.total <= other.received.total && one.sent.total <= other.sent.total;
}

/** What a window of samples says; `undefined` where it is too short. */
function measure(samples: readonly LinkSample[]): Figures | undefined {
  const [first, before, last] = [samples[0], samples.at(-2), samples.at(-1)];
  if (first === undefined || before === undefined || last === undefined) {
    return undefined;
  }
  const received = lossRatio(first.received, last.received, { isTotalWithLost: false });
  const sent = lossRatio(first.sent, last.sent, { isTotalWithLost: true });
  const intervalMs = last.atMs - before.atMs;
  const frozenMs = Math.max(0, last.frozenMs - before.frozenMs);
  const figures = {
    loss: received === undefined ? sent : Math.max(received, sent ?? 0),
    roundTripTimeMs: median(samples.map(({ roundTripTimeMs }) => roundTripTimeMs)),
    jitterMs: median(samples.map(({ jitterMs }) => jitterMs)),
    // One that is longer than the interval was a pause of the sender, or shows in the losses.
    frozen: intervalMs <= 0 || frozenMs > intervalMs ? undefined : frozenMs / intervalMs,
  };
  const isMeasured = figures.loss !== undefined || figures.roundTripTimeMs !== undefined;
  return isMeasured ? figures : undefined;
}

function lossRatio(
  from: PacketCount,
  to: PacketCount,
  { isTotalWithLost }: { readonly isTotalWithLost: boolean },
): number | undefined {
  // Packets that come late are taken back from those lost.
  const lost = Math.max(0, to.lost - from.lost);
  const total = to.total - from.total + (isTotalWithLost ? 0 : lost);
  return total < MIN_PACKETS ? undefined : Math.min(1, lost / total);
}

function median(values: readonly (number | undefined)[]): number | undefined {
  const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}

function grade(figures: Figures, margin: number): "excellent" | "good" | "poor" {
  const names = Object.keys(THRESHOLDS) as (keyof typeof THRESHOLDS)[];
  const isWithin = (bound: 0 | 1) => names.every((name) => (figures[name] ?? 0) < THRESHOLDS[name][bound] * margin);
  return isWithin(0) ? "excellent" : isWithin(1) ? "good" : "poor";
}
