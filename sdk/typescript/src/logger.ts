/**
 * Receives one line per transition of a room's, connection's or peer's life. Never a token, an SDP body or an address.
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
