import type { AntiphonError, JoinError } from "../errors.js";
import type { Joined, Resumed } from "../gen/antiphon/v1/signal_pb.js";
import type { DisconnectReason } from "../models.js";
import type { OutgoingFrame, ServerKind } from "./frames.js";
import type { Ticket } from "./outbox.js";
import type { ReconnectReason } from "./reconnect-policy.js";

/** What the session core wants done, in this order. */
export type Command =
  /** Open a socket. With `renewToken`, under a token that was not used before. */
  | { readonly type: "Dial"; readonly connection: number; readonly renewToken: boolean }
  | { readonly type: "HangUp"; readonly connection: number }
  | { readonly type: "Transmit"; readonly connection: number; readonly frame: OutgoingFrame }
  /** A frame for the room. */
  | { readonly type: "Deliver"; readonly kind: ServerKind }
  /** The server has settled a frame: accepted, or refused with `error`. */
  | { readonly type: "Settle"; readonly ticket: Ticket; readonly outcome: Outcome }
  | { readonly type: "Report"; readonly event: SessionEvent };

/** What became of a numbered frame. */
export type Outcome =
  | { readonly type: "accepted" }
  /** Settled while there was no connection: an error about it may have been lost. */
  | { readonly type: "settledUnseen" }
  | { readonly type: "refused"; readonly error: AntiphonError };

/** What happens to the session as a whole. */
export type SessionEvent =
  /** A session began; `again`: in place of one that was lost. */
  | { readonly type: "Joined"; readonly joined: Joined; readonly again: boolean }
  /** The first join failed. */
  | { readonly type: "Refused"; readonly error: JoinError }
  /** There is no connection; the next attempt is planned. */
  | ({ readonly type: "Interrupted" } & Interruption)
  | { readonly type: "Resumed"; readonly resumed: Resumed }
  /** The server does not know the session any more; a new one is being joined. */
  | { readonly type: "Lost" }
  | Ended;

/** The room was left for good. */
export interface Ended {
  readonly type: "Ended";
  readonly reason: DisconnectReason;
  readonly message: string;
  readonly error: AntiphonError | undefined;
}

/** Why there is no connection, and when the next attempt is due. */
export interface Interruption {
  /** Why there is no connection. */
  readonly reason: ReconnectReason;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Milliseconds until the next attempt. */
  readonly retryInMs: number;
}
