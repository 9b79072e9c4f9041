import type { MessageInitShape } from "@bufbuild/protobuf";

import type { ClientFrameSchema, Error as WireError, ServerFrame } from "../gen/antiphon/v1/signal_pb.js";
import { AntiphonError, JoinError, messageWithCure } from "../errors.js";

/** What a client frame says, as it is given to be sent. */
export type ClientKind = Exclude<NonNullable<MessageInitShape<typeof ClientFrameSchema>["kind"]>, { case: undefined }>;

/** What a server frame says. */
export type ServerKind = Exclude<ServerFrame["kind"], { case: undefined }>;

/** A client frame that is to be sent. */
export interface OutgoingFrame {
  /** 0: not numbered. */
  readonly seq: number;
  readonly ackCursor: string;
  readonly kind: ClientKind;
}

/** A server's error as an exception. */
export function antiphonError(error: WireError): AntiphonError {
  return new AntiphonError(error.code, messageWithCure(error.code, error.message), details(error));
}

/** A server's answer to `join` as an exception. */
export function joinError(error: WireError): JoinError {
  return new JoinError(error.code, messageWithCure(error.code, error.message), details(error));
}

function details(error: WireError) {
  return {
    retryAfterMs: error.retryAfterMs,
    field: error.field === "" ? undefined : error.field,
    serverMessage: error.message,
  };
}
