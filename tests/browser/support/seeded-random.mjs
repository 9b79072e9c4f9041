import { randomInt } from "node:crypto";

/** A seed to print: given by `SEED`, else drawn. */
export function chooseSeed() {
  return process.env.SEED === undefined ? randomInt(2 ** 32) : Number(process.env.SEED) >>> 0;
}

/** Numbers that a seed decides (mulberry32). */
export class SeededRandom {
  #state;

  /** @param {number} seed */
  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** A number in [0, 1). */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number in [from, to). */
  between(from, to) {
    return from + Math.floor(this.next() * (to - from));
  }

  /** One of `choices`. */
  pick(choices) {
    return choices[this.between(0, choices.length)];
  }
}
