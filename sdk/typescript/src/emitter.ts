/** Is called with what an event brings. */
export type Listener<Arguments extends readonly unknown[]> = (...values: Arguments) => void;

/** Typed events. A listener that throws stops neither the others nor the emitter. */
export class Emitter<Events extends { [Name in keyof Events]: readonly unknown[] }> {
  readonly #listeners = new Map<keyof Events, Set<Listener<never>>>();
  readonly #onListenerError: (error: unknown, event: keyof Events) => void;

  constructor(onListenerError: (error: unknown, event: keyof Events) => void) {
    this.#onListenerError = onListenerError;
  }

  /** Calls `listener` at each `event`. Returns a function that takes it back. */
  on<Name extends keyof Events>(event: Name, listener: Listener<Events[Name]>): () => void {
    let listeners = this.#listeners.get(event);
    if (listeners === undefined) {
      listeners = new Set();
      this.#listeners.set(event, listeners);
    }
    listeners.add(listener as Listener<never>);
    return () => this.off(event, listener);
  }

  /** Calls `listener` at the next `event` only. Returns a function that takes it back. */
  once<Name extends keyof Events>(event: Name, listener: Listener<Events[Name]>): () => void {
    const off = this.on(event, (...values) => {
      off();
      listener(...values);
    });
    return off;
  }

  /** Takes a listener back that `on` was given. */
  off<Name extends keyof Events>(event: Name, listener: Listener<Events[Name]>): void {
    this.#listeners.get(event)?.delete(listener as Listener<never>);
  }

  protected emit<Name extends keyof Events>(event: Name, ...values: Events[Name]): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) {
      try {
        (listener as unknown as Listener<Events[Name]>)(...values);
      } catch (error) {
        this.#onListenerError(error, event);
      }
    }
  }
}
