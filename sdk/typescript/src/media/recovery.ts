import type { Clock } from "../clock.js";

/** A connection that is `disconnected` may come back by itself; but browsers call it so only after seconds without a packet. */
const DISCONNECTED_PATIENCE_MS = 1_000;
/** Looks without anything new, half a second apart, after which media has stopped; and again while it stays so. */
const STALLED_AFTER_LOOKS: readonly number[] = [2, 10, 26];
/** How many looks more the polite end gives the other one. */
const POLITE_LOOKS = 6;
/** Where both ends have agreed, the first checks of a path begin within so long, or an end has found no candidate at all. */
const NO_PATH_PATIENCE_MS = 5_000;
/** Checks of a path that go nowhere end by themselves sooner (ICE), a DTLS handshake that gets no answer never does. */
const CONNECTING_PATIENCE_MS = 30_000;
/** How much longer the polite end waits: usually the impolite one has offered by then. */
const POLITE_PATIENCE_MS = 3_000;
/** A cure has so long to connect; the time doubles with each further one. */
const CURE_PATIENCE_MS = 6_000;
const MAX_PATIENCE_MS = 48_000;
/** So many ICE restarts are tried before the connection is rebuilt, and so often it is rebuilt. */
const MAX_ICE_RESTARTS = 3;
const MAX_REBUILDS = 5;
/** A connection that lived shorter than this cures nothing: the next failure goes on where the last one was. */
const STABLE_MS = 10_000;

/** What is done about a connection that does not work. */
export interface Cures {
  /** The connection is still not there. */
  isNeeded(): boolean;
  /** Some path was checked at least: both ends have found candidates. */
  hasBegun(): boolean;
  /** Looks for another path, for the same connection. */
  restartIce(): void;
  /** Puts a new connection in the place of this one. */
  rebuild(): void;
  /** Everything was tried. Another trouble, or `suspect`, begins anew. */
  giveUp(): void;
}

/** What is known of a connection that changed its state. */
export interface ConnectionStates {
  readonly connectionState: RTCPeerConnectionState;
  readonly iceConnectionState: RTCIceConnectionState;
}

/**
 * Decides when a peer connection gets an ICE restart, and when a new one has to take its place: after a DTLS failure,
 * which is final for a connection (https://www.w3.org/TR/webrtc/#rtcdtlstransportstate-enum), at once; else after ICE
 * restarts that did not help.
 */
export class Recovery {
  readonly #clock: Clock;
  readonly #isPolite: boolean;
  readonly #cures: Cures;
  #cancel: (() => void) | undefined;
  #iceRestarts = 0;
  #rebuilds = 0;
  /** An ICE restart cannot help. */
  #isBeyondIce = false;
  #connectedAt: number | undefined;
  /** What is planned is for a connection whose checks have not begun. */
  #awaitsPath = false;

  constructor(clock: Clock, isPolite: boolean, cures: Cures) {
    this.#clock = clock;
    this.#isPolite = isPolite;
    this.#cures = cures;
  }

  /** The connection's state changed. */
  observe({ connectionState, iceConnectionState }: ConnectionStates): void {
    switch (connectionState) {
      case "connected":
        this.#unschedule();
        this.#connectedAt ??= this.#clock.now();
        return;
      case "closed":
        this.stop();
        return;
      case "disconnected":
        this.#settleAccount();
        this.#schedule(DISCONNECTED_PATIENCE_MS);
        return;
      case "failed":
        this.#settleAccount();
        this.#isBeyondIce ||= iceConnectionState === "connected" || iceConnectionState === "completed";
        this.#schedule(this.#tries === 0 ? 0 : this.#patience());
        return;
      case "connecting":
        if (this.#cancel === undefined || this.#awaitsPath) {
          this.#schedule(CONNECTING_PATIENCE_MS);
        }
        return;
      case "new":
        return;
    }
  }

  /**
   * Both ends have agreed on what to send. A browser that gathers nothing, as Chromium now and then does after a rollback, stays `new`
   * for ever: nothing changes that could be observed.
   */
  negotiated(): void {
    if (this.#cancel === undefined && this.#connectedAt === undefined) {
      this.#schedule(NO_PATH_PATIENCE_MS);
      this.#awaitsPath = true;
    }
  }

  /** Something may have been lost, or there is a new chance: tries from the beginning unless a connection comes about. */
  suspect(): void {
    this.#forget();
    this.#schedule(0);
  }

  /**
   * Nothing came over a connection that says it works, so many looks in a row: looks for another path beside the present
   * one, which goes on if it can.
   */
  sawNothing(emptyLooks: number): void {
    if (STALLED_AFTER_LOOKS.includes(emptyLooks - (this.#isPolite ? POLITE_LOOKS : 0))) {
      this.#cures.restartIce();
    }
  }

  /** The other end has rebuilt the connection: this end follows it, and gives it time. */
  rebuiltByPeer(): void {
    this.#connectedAt = undefined;
    this.#rebuilds += 1;
    this.#isBeyondIce = true;
    this.#schedule(this.#patience());
  }

  /** Nothing is planned any more. */
  stop(): void {
    this.#unschedule();
    this.#forget();
  }

  get #tries(): number {
    return this.#iceRestarts + this.#rebuilds;
  }

  #settleAccount(): void {
    if (this.#connectedAt !== undefined && this.#clock.now() - this.#connectedAt >= STABLE_MS) {
      this.#forget();
    }
    this.#connectedAt = undefined;
  }

  #forget(): void {
    this.#iceRestarts = 0;
    this.#rebuilds = 0;
    this.#isBeyondIce = false;
    this.#connectedAt = undefined;
  }

  #unschedule(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#awaitsPath = false;
  }

  #schedule(delayMs: number): void {
    this.#unschedule();
    const extra = this.#isPolite ? POLITE_PATIENCE_MS : 0;
    this.#cancel = this.#clock.after(delayMs + extra, () => {
      this.#cancel = undefined;
      this.#awaitsPath = false;
      if (this.#cures.isNeeded()) {
        this.#cure();
      }
    });
  }

  #cure(): void {
    // It has gathered anew once, and found nothing.
    this.#isBeyondIce ||= this.#iceRestarts > 0 && !this.#cures.hasBegun();
    if (!this.#isBeyondIce && this.#iceRestarts < MAX_ICE_RESTARTS) {
      this.#iceRestarts += 1;
      this.#schedule(this.#patience());
      this.#cures.restartIce();
    } else if (this.#rebuilds < MAX_REBUILDS) {
      this.#rebuilds += 1;
      // Restarts of a connection that is new would do the same once more.
      this.#isBeyondIce = true;
      this.#schedule(this.#patience());
      this.#cures.rebuild();
    } else {
      this.#cures.giveUp();
    }
  }

  #patience(): number {
    return Math.min(MAX_PATIENCE_MS, CURE_PATIENCE_MS * 2 ** Math.max(0, this.#tries - 1));
  }
}
