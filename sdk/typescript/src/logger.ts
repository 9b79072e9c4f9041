/**
 * Receives one line per transition of a room's, connection's or peer's life. Never a token, an SDP body or an address.
 */
export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
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
