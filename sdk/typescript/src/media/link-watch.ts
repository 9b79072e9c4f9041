import type { Clock } from "../clock.js";
import { type ConnectionQuality, judge, type LinkVerdict, SAMPLE_INTERVAL_MS, UNJUDGED } from "./quality.js";
import { linkSample } from "./stats.js";

/** A connection that is watched. */
export interface WatchedLink {
  readonly sid: string;
  readonly connection: RTCPeerConnection | undefined;
}

/** Looks at the statistics of every connection now and then, and tells how good each is. */
export class LinkWatch {
  readonly #clock: Clock;
  readonly #links: () => Iterable<WatchedLink>;
  readonly #onQuality: (qualities: ReadonlyMap<string, ConnectionQuality | undefined>) => void;
  #verdicts = new Map<string, LinkVerdict>();
  #cancel: (() => void) | undefined;

  /** `onQuality` is called after each look. */
  constructor(
    clock: Clock,
    links: () => Iterable<WatchedLink>,
    onQuality: (qualities: ReadonlyMap<string, ConnectionQuality | undefined>) => void,
  ) {
    this.#clock = clock;
    this.#links = links;
    this.#onQuality = onQuality;
  }

  start(): void {
    this.stop();
    this.#plan();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#verdicts = new Map();
  }

  #plan(): void {
    const cancel = this.#clock.after(SAMPLE_INTERVAL_MS, () => {
      void this.#look().then(() => {
        // Not stopped, and not started anew, in the meantime.
        if (this.#cancel === cancel) {
          this.#plan();
        }
      });
    });
    this.#cancel = cancel;
  }

  async #look(): Promise<void> {
    const cancel = this.#cancel;
    const looked = await Promise.all(
      [...this.#links()].map(async ({ sid, connection }): Promise<[string, LinkVerdict]> => {
        const before = this.#verdicts.get(sid) ?? UNJUDGED;
        return [sid, connection === undefined ? before : await this.#sample(before, connection)];
      }),
    );
    if (this.#cancel !== cancel) {
      return;
    }
    this.#verdicts = new Map(looked);
    this.#onQuality(new Map(looked.map(([sid, { quality }]) => [sid, quality])));
  }

  async #sample(before: LinkVerdict, connection: RTCPeerConnection): Promise<LinkVerdict> {
    try {
      return judge(before, linkSample(connection, await connection.getStats(), this.#clock.now()));
    } catch {
      // A connection that was closed meanwhile has no statistics.
      return before;
    }
  }
}
