import type { AntiphonError } from "../errors.js";
import { type Error as WireError, type Left, Left_Reason } from "../gen/antiphon/v1/signal_pb.js";
import { type DisconnectReason, leaveReason } from "../models.js";
import { antiphonError } from "./frames.js";

/** What to do when the server has said no. */
export type Verdict =
  /** It does not know the session any more: join a new one, with `renew` under another token. */
  | { readonly type: "rejoin"; readonly renew: boolean }
  /** Try the same under another token. */
  | { readonly type: "renew" }
  /** Try again later. */
  | { readonly type: "retry"; readonly retryAfterMs: number | undefined; readonly error: AntiphonError }
  | {
      readonly type: "end";
      readonly reason: DisconnectReason;
      readonly message: string;
      readonly error: AntiphonError | undefined;
    };

/** `CloseCode` of the protocol, where a code alone decides. */
const CLOSED_SESSION_ENDED = 4010;
const CLOSED_SUPERSEDED = 4012;

/** Refusals that pass by themselves. */
const PASSING = new Set(["unavailable", "rate_limited", "internal", "timed_out", "slow_consumer"]);

/** Judges the refusal of a `resume`, or of a `join` in place of a session that was lost. */
export function judgeRefusal(
  wire: WireError,
  { isResuming, mayRenew }: { readonly isResuming: boolean; readonly mayRenew: boolean },
): Verdict {
  const { code, message, retryAfterMs } = wire;
  const error = antiphonError(wire);
  const end = (reason: DisconnectReason): Verdict => ({ type: "end", reason, message, error });
  switch (code) {
    case "resume_failed":
      return { type: "rejoin", renew: false };
    case "unauthenticated":
    case "token_expired":
      return mayRenew ? { type: "renew" } : end(code);
    case "identity_taken":
      // The person goes on in another tab, or on another device. Joining again would throw that one out, and so forth.
      return isResuming ? end("duplicate_identity") : end("join_refused");
    default:
      return retryAfterMs !== undefined || PASSING.has(code) ? { type: "retry", retryAfterMs, error } : end("join_refused");
  }
}

/** Judges the end of a session. */
export function judgeLeft({ reason, message }: Left, { isRenewable }: { readonly isRenewable: boolean }): Verdict {
  if (reason === Left_Reason.RESUME_TIMEOUT) {
    return { type: "rejoin", renew: false };
  }
  if (reason === Left_Reason.TOKEN_EXPIRED && isRenewable) {
    return { type: "rejoin", renew: true };
  }
  return { type: "end", reason: leaveReason(reason), message, error: undefined };
}

/** Judges the close of a socket; `undefined` where the session can be resumed. */
export function judgeClose(code: number): (Verdict & { readonly type: "end" }) | undefined {
  switch (code) {
    case CLOSED_SUPERSEDED:
      return { type: "end", reason: "superseded", message: "another connection resumed this session", error: undefined };
    case CLOSED_SESSION_ENDED:
      return { type: "end", reason: "unknown", message: "the server ended the session", error: undefined };
    default:
      return undefined;
  }
}
