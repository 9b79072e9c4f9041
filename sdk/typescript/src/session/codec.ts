import { create, fromBinary, fromJsonString, type JsonValue, toBinary, toJson } from "@bufbuild/protobuf";
import { configureTextEncoding, getTextEncoding } from "@bufbuild/protobuf/wire";

import { ClientFrameSchema, type ServerFrame, ServerFrameSchema } from "../gen/antiphon/v1/signal_pb.js";
import type { OutgoingFrame } from "./frames.js";

// By default a byte-order mark at the beginning of a string is lost in the binary form, and kept in JSON.
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });
configureTextEncoding({
  ...getTextEncoding(),
  decodeUtf8: (bytes, isStrict) => (isStrict ? strict : lenient).decode(bytes),
});

/** How frames are written: JSON in text messages, or protobuf in binary ones. */
export type Format = "json" | "proto";

/** The WebSocket subprotocol that asks for `format`. */
export function subprotocol(format: Format): string {
  return `antiphon.v1.${format}`;
}

/** Writes a client's frame. */
export function encodeClient(format: Format, frame: OutgoingFrame): string | Uint8Array<ArrayBuffer> {
  const message = create(ClientFrameSchema, frame);
  return format === "json"
    ? JSON.stringify(wellFormed(toJson(ClientFrameSchema, message)))
    : (toBinary(ClientFrameSchema, message) as Uint8Array<ArrayBuffer>);
}

/** The size of an encoded frame, as the server counts it. */
export function encodedBytes(encoded: string | Uint8Array): number {
  return typeof encoded === "string" ? utf8Bytes(encoded) : encoded.byteLength;
}

/** Reads a server's frame. Unknown fields are ignored; an unknown kind leaves `kind` empty. */
export function decodeServer(data: string | ArrayBuffer): ServerFrame {
  return typeof data === "string"
    ? fromJsonString(ServerFrameSchema, data, { ignoreUnknownFields: true })
    : fromBinary(ServerFrameSchema, new Uint8Array(data));
}

/** JSON can hold half of a surrogate pair, UTF-8 cannot: it becomes U+FFFD, as in the binary form. */
function wellFormed(json: JsonValue): JsonValue {
  if (typeof json === "string") {
    return wellFormedText(json);
  }
  if (Array.isArray(json)) {
    return json.map(wellFormed);
  }
  return json !== null && typeof json === "object"
    ? Object.fromEntries(Object.entries(json).map(([key, value]) => [wellFormedText(key), wellFormed(value)]))
    : json;
}

function wellFormedText(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\uFFFD");
}

/** The bytes that `text` takes in UTF-8. */
function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).byteLength;
}
