import type { Clock } from "../clock.js";
import type { IceServers } from "../gen/antiphon/v1/signal_pb.js";

/** Whoever waits for fresh servers goes on with those that are there after so long. */
const RENEWAL_PATIENCE_MS = 500;
/** Servers that came so recently are fresh. */
const FRESH_MS = 1_000;

interface Renewal {
  readonly done: Promise<void>;
  readonly end: () => void;
}

/** The ICE servers that the server gave, and how fresh ones are come by. */
export class IceServerList {
  readonly #clock: Clock;
  readonly #ask: () => void;
  #servers: readonly RTCIceServer[] = [];
  /** They are made for this client: asked again, the server may give others. */
  #isRenewable = false;
  #takenAt = 0;
  #renewal: Renewal | undefined;

  /** `ask` asks the server, which answers by pushing them, to be given to `take`. */
  constructor(clock: Clock, ask: () => void) {
    this.#clock = clock;
    this.#ask = ask;
  }

  get servers(): readonly RTCIceServer[] {
    return this.#servers;
  }

  take({ iceServers, refreshAfter }: IceServers): void {
    this.#servers = iceServers.map(({ urls, username, credential }) => ({
      urls,
      ...(username === undefined ? {} : { username }),
      ...(credential === undefined ? {} : { credential }),
    }));
    this.#isRenewable = refreshAfter > 0;
    this.#takenAt = this.#clock.now();
    this.#renewal?.end();
  }

  /** Resolves once there are fresh servers, or none come in half a second. */
  async renew(): Promise<void> {
    if (!this.#isRenewable || this.#clock.now() - this.#takenAt < FRESH_MS) {
      return;
    }
    if (this.#renewal === undefined) {
      this.#renewal = this.#begin();
      this.#ask();
    }
    await this.#renewal.done;
  }

  #begin(): Renewal {
    let resolve = () => {};
    const done = new Promise<void>((resolved) => {
      resolve = resolved;
    });
    const end = () => {
      cancel();
      this.#renewal = undefined;
      resolve();
    };
    const cancel = this.#clock.after(RENEWAL_PATIENCE_MS, end);
    return { done, end };
  }
}

/**
 * Whether a relayed path can stay: the TURN server that it goes through, and the credentials it was allocated with, are
 * among `servers`. Where the browser does not tell the `url`, all of those before have to be.
 */
export function isRelayKept(
  url: string | undefined,
  before: readonly RTCIceServer[],
  servers: readonly RTCIceServer[],
): boolean {
  const offered = new Set(relays(servers).map(identity));
  const used = relays(before);
  const candidates = used.filter((relay) => relay.url === url);
  return (candidates.length > 0 ? candidates : used).every((relay) => offered.has(identity(relay)));
}

interface Relay {
  readonly url: string;
  readonly username: string | undefined;
  readonly credential: string | undefined;
}

function relays(servers: readonly RTCIceServer[]): Relay[] {
  return servers.flatMap(({ urls, username, credential }) =>
    [urls].flat().flatMap((url) => (/^turns?:/i.test(url) ? [{ url, username, credential }] : [])),
  );
}

function identity({ url, username, credential }: Relay): string {
  return JSON.stringify([url, username, credential]);
}
