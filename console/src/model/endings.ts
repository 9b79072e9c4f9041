import type { DisconnectReason } from "@antiphon/client";
import type { Ending, EndingKind } from "./call-state";

const KINDS: Readonly<Record<DisconnectReason, EndingKind>> = {
  client_left: "left",
  kicked: "kicked",
  duplicate_identity: "replaced",
  superseded: "replaced",
  room_ended: "roomEnded",
  refused: "refused",
  token_expired: "tokenExpired",
  unauthenticated: "tokenExpired",
  resume_timeout: "timedOut",
  connection_lost: "lost",
  join_refused: "failed",
  unknown: "lost",
};

/** Reasons whose message is a person's or a rule's own words, and worth repeating. Others' are for logs. */
const SPOKEN: ReadonlySet<DisconnectReason> = new Set(["kicked", "room_ended", "refused"]);

/** The end of a call that had begun. */
export function endingAfter(
  reason: DisconnectReason,
  message: string,
  error: { readonly code: string } | undefined,
): Ending {
  return {
    // A newer server may end sessions for reasons of its own.
    kind: (KINDS as Readonly<Record<string, EndingKind>>)[reason] ?? "lost",
    message: SPOKEN.has(reason) ? message : "",
    ...(error === undefined ? {} : { code: error.code }),
  };
}

/** The end of an attempt to join. */
export function endingOfJoin(error: unknown): Ending {
  const { code, serverMessage, cause } = fields(error);
  // The SDK wraps what `getToken` threw; its own code is nearer to the reason.
  const inner = cause === undefined ? {} : fields(cause);
  if (code === "disconnected" || code === "aborted") return { kind: "left", message: "" };
  const named = inner.code ?? code;
  return {
    kind: "failed",
    message: serverMessage ?? (inner.code === undefined ? "" : (inner.message ?? "")),
    ...(named === undefined ? {} : { code: named }),
  };
}

interface ErrorFields {
  readonly code?: string;
  readonly message?: string;
  readonly serverMessage?: string;
  readonly cause?: unknown;
}

function fields(error: unknown): ErrorFields {
  if (typeof error !== "object" || error === null) return {};
  const { code, message, serverMessage, cause } = error as Record<keyof ErrorFields, unknown>;
  return {
    ...(typeof code === "string" ? { code } : {}),
    ...(typeof message === "string" ? { message } : {}),
    ...(typeof serverMessage === "string" && serverMessage !== "" ? { serverMessage } : {}),
    ...(cause === undefined ? {} : { cause }),
  };
}
