/** Notices that a connection is dead: browsers show their pages no WebSocket pings, so the client asks by itself. */
export class Liveness {
  #pingIntervalMs = 0;
  #heardAt = 0;
  #pingedAt: number | undefined;
  #impatient = false;

  /** The server pings after so much silence; 0: it does not, and neither does this client. */
  configure(pingIntervalMs: number): void {
    this.#pingIntervalMs = pingIntervalMs;
  }

  /** Something came. */
  heard(now: number): void {
    this.#heardAt = now;
    this.#pingedAt = undefined;
    this.#impatient = false;
  }

  /** A `ping` is to be sent at once and its answer is due soon: the network changed. */
  probe(): void {
    this.#impatient = true;
  }

  /** When to look again. */
  dueAt(): number | undefined {
    if (this.#pingIntervalMs === 0) {
      return undefined;
    }
    if (this.#pingedAt !== undefined) {
      return this.#pingedAt + this.#patienceMs();
    }
    return this.#impatient ? this.#heardAt : this.#heardAt + 1.5 * this.#pingIntervalMs;
  }

  /** What to do now. A ping always comes before death: a timer that a background page delays proves nothing. */
  check(now: number): "fine" | "ping" | "dead" {
    const dueAt = this.dueAt();
    if (dueAt === undefined || now < dueAt) {
      return "fine";
    }
    if (this.#pingedAt !== undefined) {
      return "dead";
    }
    this.#pingedAt = now;
    return "ping";
  }

  #patienceMs(): number {
    return this.#impatient ? Math.min(3_000, this.#pingIntervalMs / 2) : this.#pingIntervalMs / 2;
  }
}
