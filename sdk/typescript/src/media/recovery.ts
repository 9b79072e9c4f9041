import type { Clock } from "../clock.js";

/** A connection that is `disconnected` often comes back by itself. */
const DISCONNECTED_PATIENCE_MS = 4_000;
/** How much longer the polite end waits: usually the impolite one has offered by then. */
const POLITE_PATIENCE_MS = 3_000;
/** An ICE restart has so long to connect; the time doubles with each further one. */
const RESTART_PATIENCE_MS = 6_000;
const MAX_PATIENCE_MS = 48_000;

/** Decides when a peer connection needs an ICE restart. */
export class Recovery {
  readonly #clock: Clock;
  readonly #isPolite: boolean;
  readonly #restart: () => boolean;
  #cancel: () => void = () => {};
  #restarts = 0;

  /** `restart` says whether there was anything to cure. */
  constructor(clock: Clock, isPolite: boolean, restart: () => boolean) {
    this.#clock = clock;
    this.#isPolite = isPolite;
    this.#restart = restart;
  }

  /** The connection's state changed. */
  observe(state: RTCPeerConnectionState): void {
    switch (state) {
      case "connected":
      case "closed":
        this.stop();
        return;
      case "disconnected":
        this.#schedule(DISCONNECTED_PATIENCE_MS);
        return;
      case "failed":
        this.#schedule(this.#restarts === 0 ? 0 : this.#patience());
        return;
      case "new":
      case "connecting":
        return;
    }
  }

  /** Something may have been lost: restarts soon unless a connection comes about before. */
  suspect(): void {
    this.#schedule(0);
  }

  /** Nothing is planned any more. */
  stop(): void {
    this.#cancel();
    this.#cancel = () => {};
    this.#restarts = 0;
  }

  #schedule(delayMs: number): void {
    this.#cancel();
    const extra = this.#isPolite ? POLITE_PATIENCE_MS : 0;
    this.#cancel = this.#clock.after(delayMs + extra, () => {
      if (this.#restart()) {
        this.#restarts += 1;
        this.#schedule(this.#patience());
      }
    });
  }

  #patience(): number {
    return Math.min(MAX_PATIENCE_MS, RESTART_PATIENCE_MS * 2 ** Math.max(0, this.#restarts - 1));
  }
}
