/** The part of the W3C's `WebSocket` that a session needs. */
export interface WebSocketLike {
  /** Set to `arraybuffer`. */
  binaryType: string;
  /** The handshake is done. */
  onopen: (() => void) | null;
  /** A frame came: a string or an `ArrayBuffer`. */
  onmessage: ((event: { data: unknown }) => void) | null;
  /** It is closed, or could not be opened. */
  onclose: ((event: { code: number }) => void) | null;
  /** Sends a text frame or a binary one. */
  send(data: string | Uint8Array<ArrayBuffer>): void;
  /** Closes it with a code (RFC 6455, section 7.4). */
  close(code?: number): void;
}

/** Opens a socket. The default is `new WebSocket(url, protocols)`. */
export type WebSocketFactory = (url: string, protocols: string[]) => WebSocketLike;

/** The browser's own. */
export const browserWebSocket: WebSocketFactory = (url, protocols) => new WebSocket(url, protocols) as WebSocketLike;

/** `http(s)` or `ws(s)` base address → the address of the signaling socket. */
export function connectUrl(base: string): string {
  const url = new URL(base, globalThis.location?.href);
  url.protocol = url.protocol === "https:" || url.protocol === "wss:" ? "wss:" : "ws:";
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/v1/connect`;
  url.hash = "";
  return url.href;
}
