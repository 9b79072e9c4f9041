/**
 * Receives one line for each transition of a room's, a connection's or a device's life: a fixed message, and what varies
 * in `fields`. Never a token, an SDP body or an address.
 *
 * | message | fields |
 * |---|---|
 * | `connecting`, `waiting`, `connected`, `reconnecting`, `disconnected` | `sid`; where there are some, `reason`, `code`, `participants`, `recovered` |
 * | `token renewed` | `sid`; `expiresIn`, in seconds |
 * | `no fresh token` (a warning) | `sid`, `cause`: `getToken` failed; it is asked again while there is time |
 * | `session lost` | `sid`: the server forgot it, and a new one is joined |
 * | `peer connection` | `sid`, `state`: as `RTCPeerConnection.connectionState` |
 * | `ICE restart` | `sid` |
 * | `peer connection rebuilt` | `sid`, `by` |
 * | `peer unreachable` (a warning) | `sid` |
 * | `connection quality` | `sid`, `quality` |
 * | `device lost` | `source`, `isReplaced` |
 * | `audio blocked`, `audio plays` | |
 */
export interface Logger {
  /** Details of interest to whoever looks for a fault. */
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** A transition: connected, reconnecting, … */
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** Something failed and was gone round. */
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** A fault of the application's own: a listener threw. */
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Everything to the browser's console. */
export const consoleLogger: Logger = {
  debug: (message, fields) => console.debug(`antiphon: ${message}`, fields ?? ""),
  info: (message, fields) => console.info(`antiphon: ${message}`, fields ?? ""),
  warn: (message, fields) => console.warn(`antiphon: ${message}`, fields ?? ""),
  error: (message, fields) => console.error(`antiphon: ${message}`, fields ?? ""),
};

/** The default: only what somebody should look at. */
export const quietLogger: Logger = { ...consoleLogger, debug: () => {}, info: () => {} };
