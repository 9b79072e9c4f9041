/** What a server refuses with; docs/protocol.md lists the codes. */
export type ProtocolErrorCode =
  | "malformed"
  | "unsupported"
  | "invalid_argument"
  | "too_large"
  | "sequence_gap"
  | "unauthenticated"
  | "token_expired"
  | "permission_denied"
  | "forged_sender"
  | "not_found"
  | "already_joined"
  | "not_joined"
  | "room_full"
  | "room_locked"
  | "room_ended"
  | "identity_taken"
  | "banned"
  | "waiting"
  | "resume_failed"
  | "rate_limited"
  | "quota_exceeded"
  | "recipient_busy"
  | "slow_consumer"
  | "timed_out"
  | "origin_denied"
  | "unavailable"
  | "internal";

/** What goes wrong on this side of the wire. */
export type ClientErrorCode =
  /** The server could not be reached, or the connection broke before it answered. */
  | "connection_failed"
  /** The room was left, or given up, while this was under way. */
  | "disconnected"
  /** An `AbortSignal` fired. */
  | "aborted"
  /** Too much waits for the server's acknowledgement. */
  | "buffer_full"
  /** No media connection to a participant could be made. */
  | "media_unreachable"
  /** The person, the browser or the system does not allow the device. `cause` is the browser's own error, here and below. */
  | "device_denied"
  /** There is no such device. */
  | "device_not_found"
  /** Another program has the device, or the system does not give it. */
  | "device_in_use"
  /** The device did not work for another reason. */
  | "device_failed"
  /** The application opened the device itself: `LocalTrack.replaceTrack` is the way to change it. */
  | "device_not_captured"
  /** The page was loaded over plain http, where browsers open no devices. */
  | "insecure_context"
  /** The browser lacks something. */
  | "unsupported_browser"
  /** The browser plays no sound before the person has clicked. */
  | "audio_blocked";

/** Codes of later servers are strings too. */
export type ErrorCode = ProtocolErrorCode | ClientErrorCode | (string & {});

/** What accompanies an error's code. */
export interface AntiphonErrorDetails {
  /** Trying again makes sense after so many milliseconds. */
  retryAfterMs?: number | undefined;
  /** The field or kind at fault. */
  field?: string | undefined;
  /** The server's own words. */
  serverMessage?: string | undefined;
  /** What led to it. */
  cause?: unknown;
}

/** Something was refused or could not be done. `message` says what to do about it. */
export class AntiphonError extends Error {
  /** `AntiphonError`, or `JoinError`. */
  override readonly name: string = "AntiphonError";
  /** What went wrong, for programs. */
  readonly code: ErrorCode;
  /** Trying again makes sense after so many milliseconds; `undefined` where it does not. */
  readonly retryAfterMs: number | undefined;
  /** The field or kind at fault, where there is one. */
  readonly field: string | undefined;
  /** The server's own words, without the cure; empty where they are not the server's. */
  readonly serverMessage: string;

  constructor(code: ErrorCode, message: string, details: AntiphonErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.retryAfterMs = details.retryAfterMs;
    this.field = details.field;
    this.serverMessage = details.serverMessage ?? "";
  }
}

/** `Room.join` did not succeed. */
export class JoinError extends AntiphonError {
  /** `JoinError`. */
  override readonly name = "JoinError";
}

const CURES: Readonly<Record<ProtocolErrorCode, string>> = {
  malformed: "Client and server may be of different versions: update the client.",
  unsupported: "The server does not know this kind of message: update the server, or do without.",
  invalid_argument: "Check the value.",
  too_large: "Send less at once; `room.limits` has the sizes.",
  sequence_gap: "Reconnect.",
  unauthenticated: "Ask for a new token; check that the server knows the key and secret it is signed with, its `iss`, `aud` and clock.",
  token_expired: "Ask for a new token; pass a function to `join` so that this happens by itself.",
  permission_denied: "The token's grants or the participant's role do not allow it.",
  forged_sender: "Leave `from` empty.",
  not_found: "It may have left or been removed in the meantime.",
  already_joined: "Use one `Room` per session.",
  not_joined: "Call `join` first.",
  room_full: "Wait until somebody leaves, or raise `maxParticipants`.",
  room_locked: "Ask a moderator to unlock the room.",
  room_ended: "Join again to begin a new one.",
  identity_taken: "Leave with the other device first, or use another identity.",
  banned: "This identity was removed from the room.",
  waiting: "Wait until a moderator lets you in.",
  resume_failed: "The session is over: join again.",
  rate_limited: "Send less often.",
  quota_exceeded: "Wait until rooms or sessions of this API key's tenant end, or raise what `field` names on the server.",
  recipient_busy: "The recipient reads too slowly: try again later.",
  slow_consumer: "This client reads too slowly: receive less.",
  timed_out: "Check the connection.",
  origin_denied: "Add this page's origin to the server's list.",
  unavailable: "Try again later.",
  internal: "Try again later; the server's log has the cause.",
};

/** A sentence that says what was refused, and one that says what to do. */
export function messageWithCure(code: string, message: string): string {
  const cure = (CURES as Readonly<Record<string, string>>)[code];
  if (cure === undefined) {
    return message === "" ? code : message;
  }
  const text = message === "" ? code : message;
  return `${/[.!?]$/.test(text) ? text : `${text}.`} ${cure}`;
}

/** Several new peer connections to one participant failed. */
export function mediaUnreachable(identity: string): AntiphonError {
  return new AntiphonError(
    "media_unreachable",
    `No sound or picture can be exchanged with ${identity}: no network path was found. Check that a TURN server is ` +
      "configured and can be reached over TCP or TLS too; it is tried again when either network changes.",
  );
}
