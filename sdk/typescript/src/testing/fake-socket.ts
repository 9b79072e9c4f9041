import { create, toJsonString } from "@bufbuild/protobuf";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { fromJsonString } from "@bufbuild/protobuf";

import { type ClientFrame, ClientFrameSchema, ServerFrameSchema } from "../gen/antiphon/v1/signal_pb.js";
import type { WebSocketLike } from "../session/socket.js";

/** A server frame as a test writes it. */
export type ServerInit = MessageInitShape<typeof ServerFrameSchema>;

/** The server's end and the client's end of one WebSocket, as strict as a browser's. */
export class FakeSocket implements WebSocketLike {
  binaryType = "blob";
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readonly url: string;
  readonly protocols: readonly string[];
  /** What the client sent. */
  readonly sent: ClientFrame[] = [];
  onsent: ((frame: ClientFrame) => void) | undefined;
  state: "connecting" | "open" | "closed" = "connecting";
  #taken = 0;

  constructor(url: string, protocols: readonly string[]) {
    this.url = url;
    this.protocols = protocols;
  }

  send(data: string | Uint8Array): void {
    if (this.state === "connecting") {
      throw new DOMException("still connecting", "InvalidStateError");
    }
    if (this.state === "open") {
      const frame = fromJsonString(ClientFrameSchema, data as string);
      this.sent.push(frame);
      this.onsent?.(frame);
    }
  }

  close(code?: number): void {
    if (code !== undefined && code !== 1000 && (code < 3000 || code > 4999)) {
      throw new DOMException("this code is not the page's", "InvalidAccessError");
    }
    this.state = "closed";
  }

  /** The server accepts. */
  open(): void {
    this.state = "open";
    this.onopen?.();
  }

  /** The server sends. */
  receive(frame: ServerInit): void {
    if (this.state === "open") {
      this.onmessage?.({ data: toJsonString(ServerFrameSchema, create(ServerFrameSchema, frame)) });
    }
  }

  /** The connection breaks, or the server closes it. */
  drop(code = 1006): void {
    this.state = "closed";
    this.onclose?.({ code });
  }

  /** What was sent since the last call. */
  take(): ClientFrame[] {
    const taken = this.sent.slice(this.#taken);
    this.#taken = this.sent.length;
    return taken;
  }
}

/** Every socket that a session opened. */
export class FakeSockets {
  readonly all: FakeSocket[] = [];
  onopened: ((socket: FakeSocket) => void) | undefined;

  readonly factory = (url: string, protocols: string[]): FakeSocket => {
    const socket = new FakeSocket(url, protocols);
    this.all.push(socket);
    this.onopened?.(socket);
    return socket;
  };

  /** The newest. */
  get last(): FakeSocket {
    const socket = this.all.at(-1);
    if (socket === undefined) {
      throw new Error("no socket was opened");
    }
    return socket;
  }
}
