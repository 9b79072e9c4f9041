/** An access token, or a function that asks the application's server for one. */
export type TokenSource = string | (() => string | Promise<string>);

/** Holds the token for the next connection. */
export class TokenHolder {
  readonly #source: TokenSource;
  #held: string | undefined;

  constructor(source: TokenSource) {
    this.#source = source;
  }

  /** Whether asking again can give another token. */
  get isRenewable(): boolean {
    return typeof this.#source === "function";
  }

  /** The server gave a fresh one. */
  replace(token: string): void {
    this.#held = token;
  }

  /** The token to connect with; with `renew`, one that was not used before. */
  async take(renew: boolean): Promise<string> {
    if (typeof this.#source === "string") {
      return this.#held ?? this.#source;
    }
    if (renew || this.#held === undefined) {
      this.#held = await this.#source();
    }
    return this.#held;
  }
}
