import type { Clock } from "../clock.js";

/** Media that flows brings something in far less. */
export const LOOK_INTERVAL_MS = 500;

/** A connection whose media is watched. */
export interface WatchedFlow {
  readonly sid: string;
  readonly connection: RTCPeerConnection | undefined;
  /** The other end says that it sends something that never pauses by itself: sound, or a camera's pictures. */
  readonly isExpected: boolean;
}

interface Flow {
  readonly connection: RTCPeerConnection;
  readonly newest: number;
  readonly emptyLooks: number;
}

/**
 * Sees that media stopped coming over a connection that still says `connected`. Browsers call a path `disconnected` some
 * five seconds after its last packet; what was played last is known at once, and costs nothing to read.
 */
export class StallWatch {
  readonly #clock: Clock;
  readonly #flows: () => Iterable<WatchedFlow>;
  readonly #onEmpty: (sid: string, emptyLooks: number) => void;
  #known = new Map<string, Flow>();
  #cancel: () => void = () => {};

  /** `onEmpty` is called at every look at which nothing new had come since the one before, with how many in a row that makes. */
  constructor(clock: Clock, flows: () => Iterable<WatchedFlow>, onEmpty: (sid: string, emptyLooks: number) => void) {
    this.#clock = clock;
    this.#flows = flows;
    this.#onEmpty = onEmpty;
  }

  start(): void {
    this.stop();
    this.#plan();
  }

  stop(): void {
    this.#cancel();
    this.#known = new Map();
  }

  #plan(): void {
    this.#cancel = this.#clock.after(LOOK_INTERVAL_MS, () => {
      this.#plan();
      this.#look();
    });
  }

  #look(): void {
    const before = this.#known;
    this.#known = new Map();
    for (const { sid, connection, isExpected } of this.#flows()) {
      if (connection?.connectionState !== "connected" || !isExpected) {
        continue;
      }
      const newest = newestPacket(connection);
      const known = before.get(sid);
      // What never flowed has not stopped: perhaps nobody plays it, which is when a browser counts it.
      const hasStopped = known?.connection === connection && known.newest === newest && newest > 0;
      const emptyLooks = hasStopped ? known.emptyLooks + 1 : 0;
      this.#known.set(sid, { connection, newest, emptyLooks });
      if (emptyLooks > 0) {
        this.#onEmpty(sid, emptyLooks);
      }
    }
  }
}

/** When the packet came that was played last, on the browser's clock; 0 where none was. */
function newestPacket(connection: RTCPeerConnection): number {
  const sources = connection.getReceivers().flatMap((receiver) => receiver.getSynchronizationSources());
  return sources.reduce((newest, { timestamp }) => Math.max(newest, timestamp), 0);
}
