/** An acknowledgement stands alone after so many frames … */
const ACK_FRAMES = 32;
/** … or so much time, unless something else is sent before. */
const ACK_DELAY_MS = 200;

/** The position in what the server sent, and when it is to be acknowledged. */
export class Cursor {
  #value = "";
  #unacknowledged = 0;
  #dueAt: number | undefined;

  /** The newest position; empty before the first. */
  get value(): string {
    return this.#value;
  }

  /** When an `ack` has to go if nothing else does. */
  get dueAt(): number | undefined {
    return this.#dueAt;
  }

  /** A frame with a cursor was processed. */
  advance(cursor: string, now: number): void {
    this.#value = cursor;
    this.#unacknowledged += 1;
    this.#dueAt ??= now + ACK_DELAY_MS;
    if (this.#unacknowledged >= ACK_FRAMES) {
      this.#dueAt = now;
    }
  }

  /** The cursor to put on a frame that is sent now; empty when the server knows it. */
  take(): string {
    if (this.#unacknowledged === 0) {
      return "";
    }
    this.#unacknowledged = 0;
    this.#dueAt = undefined;
    return this.#value;
  }

  /** A new session. */
  reset(): void {
    this.#value = "";
    this.#unacknowledged = 0;
    this.#dueAt = undefined;
  }
}
