import type { Attempts } from "./attempts.js";

/** A socket that is being opened. */
export interface Dialing {
  readonly connection: number;
  readonly deadline: number;
  /** `join` or `resume` went out. */
  readonly greeted: boolean;
}

/** `goAway`: the connection is to move, at a time or by a socket that is being opened beside it. */
export type Move = { readonly attempts: Attempts } & ({ readonly at: number } | { readonly dialing: Dialing });

/** Where a session stands with its connections. */
export type Phase =
  | { readonly name: "idle" }
  /** Nothing is live. `lingering`: the old socket of a planned move, kept until the new one is in its place. */
  | { readonly name: "reaching"; readonly dialing: Dialing; readonly lingering: number | undefined }
  /** Waits for the next attempt; `notBefore` is what the server asked for. */
  | { readonly name: "resting"; readonly until: number; readonly notBefore: number }
  | Live
  /** `leave` went out. `isEntering`: behind a `join` or `resume` that has no answer yet. */
  | { readonly name: "leaving"; readonly connection: number; readonly until: number; readonly isEntering: boolean }
  | { readonly name: "ended" };

/** Joined or resumed, over this connection. */
export interface Live {
  readonly name: "live";
  readonly connection: number;
  readonly move: Move | undefined;
}

/** When something is due of which the phase knows. */
export function deadlineOf(phase: Phase): number | undefined {
  switch (phase.name) {
    case "idle":
    case "ended":
      return undefined;
    case "reaching":
      return phase.dialing.deadline;
    case "resting":
    case "leaving":
      return phase.until;
    case "live":
      return phase.move === undefined ? undefined : "at" in phase.move ? phase.move.at : phase.move.dialing.deadline;
  }
}

/** The socket that a live session opens beside its own, to move there. */
export function movingTo({ move }: Live): Dialing | undefined {
  return move !== undefined && "dialing" in move ? move.dialing : undefined;
}

/** Every socket that there is. */
export function connectionsOf(phase: Phase): number[] {
  const present =
    phase.name === "live"
      ? [phase.connection, movingTo(phase)?.connection]
      : phase.name === "reaching"
        ? [phase.dialing.connection, phase.lingering]
        : phase.name === "leaving"
          ? [phase.connection]
          : [];
  return present.filter((connection) => connection !== undefined);
}
