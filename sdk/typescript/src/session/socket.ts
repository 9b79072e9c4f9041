/** The part of the W3C's `WebSocket` that a session needs. */
export interface WebSocketLike {
  binaryType: string;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(data: string | Uint8Array<ArrayBuffer>): void;
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
