import { existsSync, readdirSync, readFileSync } from "node:fs";

import { type DescMessage, fromBinary, fromJsonString, toBinary, toJson } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";

import { ClientFrameSchema, ServerFrameSchema } from "./gen/antiphon/v1/signal_pb.js";
import { WebhookEventSchema } from "./gen/antiphon/v1/webhook_pb.js";
// Sets the text encoding up.
import "./session/codec.js";

// The format of the vectors: crates/protocol/vectors/README.md.
interface Vector {
  readonly name: string;
  readonly message: "ClientFrame" | "ServerFrame" | "WebhookEvent";
  readonly json?: unknown;
  readonly jsonText?: string;
  readonly canonicalJson?: unknown;
  readonly binaryBase64?: string;
  readonly error?: "json" | "proto";
}

const DIRECTORY = new URL("../../../crates/protocol/vectors/", import.meta.url);
const SCHEMAS: Readonly<Record<Vector["message"], DescMessage>> = {
  ClientFrame: ClientFrameSchema,
  ServerFrame: ServerFrameSchema,
  WebhookEvent: WebhookEventSchema,
};

const files = existsSync(DIRECTORY) ? readdirSync(DIRECTORY).filter((file) => file.endsWith(".json")) : [];

it("the vectors are where the Rust side keeps them", () => {
  expect(files).not.toEqual([]);
});

describe.each(files)("%s", (file) => {
  const vectors = JSON.parse(readFileSync(new URL(file, DIRECTORY), "utf8")) as Vector[];

  it.each(vectors)("$name", (vector) => {
    const schema = SCHEMAS[vector.message];
    const read = (text: string) => fromJsonString(schema, text, { ignoreUnknownFields: true });
    const write = (base64: string) => toJson(schema, fromBinary(schema, Buffer.from(base64, "base64")));
    const text = vector.jsonText ?? (vector.json === undefined ? undefined : JSON.stringify(vector.json));

    if (vector.error === "json") {
      expect(() => read(text ?? "")).toThrow();
      return;
    }
    if (vector.error === "proto") {
      expect(() => write(vector.binaryBase64 ?? "")).toThrow();
      return;
    }
    const canonical = vector.canonicalJson ?? vector.json;
    expect(canonical).toBeDefined();
    if (text !== undefined) {
      expect(Buffer.from(toBinary(schema, read(text))).toString("base64")).toBe(vector.binaryBase64);
    }
    expect(write(vector.binaryBase64 ?? "")).toEqual(canonical);
    expect(toJson(schema, read(JSON.stringify(canonical)))).toEqual(canonical);
  });
});
