import { toBinary } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import { fromBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";

import { ClientFrameSchema, ServerFrameSchema } from "../gen/antiphon/v1/signal_pb.js";
import { decodeServer, encodeClient, encodedBytes, subprotocol } from "./codec.js";

const frame = { seq: 7, ackCursor: "1.2.0", kind: { case: "chat" as const, value: { text: "naïve" } } };

describe("codec", () => {
  it("writes JSON as text", () => {
    expect(encodeClient("json", frame)).toBe('{"seq":7,"ackCursor":"1.2.0","chat":{"text":"naïve"}}');
  });

  it("writes protobuf as bytes", () => {
    const encoded = encodeClient("proto", frame) as Uint8Array;
    expect(fromBinary(ClientFrameSchema, encoded)).toMatchObject({ seq: 7, kind: { value: { text: "naïve" } } });
  });

  it("what says something by being zero is written", () => {
    const candidate = { case: "candidate" as const, value: { to: "b", candidate: "", sdpMLineIndex: 0 } };
    expect(encodeClient("json", { seq: 1, ackCursor: "", kind: candidate })).toBe(
      '{"seq":1,"candidate":{"to":"b","candidate":"","sdpMLineIndex":0}}',
    );
  });

  it("reads both, and passes over what it does not know", () => {
    expect(decodeServer('{"pong":{"id":3,"mood":"fine"},"weather":1}').kind).toMatchObject({
      case: "pong",
      value: { id: 3 },
    });
    expect(decodeServer('{"cursor":"4","levitate":{}}')).toMatchObject({ cursor: "4", kind: { case: undefined } });
    const bytes = toBinary(ServerFrameSchema, create(ServerFrameSchema, { kind: { case: "pong", value: { id: 3 } } }));
    expect(decodeServer(bytes.slice().buffer).kind).toMatchObject({ case: "pong", value: { id: 3 } });
  });

  it("half a surrogate pair, which the server could not read, becomes U+FFFD in both forms", () => {
    const value = { name: "a\ud83d", attributes: { "\udc00key": "b\ud83d😀\ud83d" } };
    const broken = { seq: 1, ackCursor: "", kind: { case: "update" as const, value } };
    const expected = { name: "a\ufffd", attributes: { "\ufffdkey": "b\ufffd😀\ufffd" } };
    expect(JSON.parse(encodeClient("json", broken) as string)).toEqual({ seq: 1, update: expected });
    const binary = fromBinary(ClientFrameSchema, encodeClient("proto", broken) as Uint8Array);
    expect(binary.kind.value).toMatchObject(expected);
  });

  it("counts bytes as the server does", () => {
    expect([encodedBytes("aü部😀"), encodedBytes(new Uint8Array(5))]).toEqual([1 + 2 + 3 + 4, 5]);
  });

  it("asks for a format by its subprotocol", () => {
    expect([subprotocol("json"), subprotocol("proto")]).toEqual(["antiphon.v1.json", "antiphon.v1.proto"]);
  });
});
