import type { Connection } from "./call-state";

/** What the banner above the call says. */
export interface BannerWords {
  readonly title: string;
  readonly detail: string;
  /** Offer a button that tries at once. */
  readonly offersRetry: boolean;
}

/** The banner for a connection at a time, or null when there is nothing to say. */
export function bannerWords(connection: Connection, nowMs: number, isOnline: boolean): BannerWords | null {
  switch (connection.phase) {
    case "joining":
    case "waiting":
    case "live":
      return null;
    case "reconnecting": {
      if (!isOnline) {
        return {
          title: "You are offline",
          detail: "The call continues by itself once your device has a network again.",
          offersRetry: true,
        };
      }
      if (connection.isPlanned) {
        return { title: "Moving to another server", detail: "Sound and pictures stay on.", offersRetry: false };
      }
      const when = `${nextTry(connection.retryAtMs, nowMs)}${attempts(connection.attempt)}`;
      return {
        title: "Connection lost",
        detail: `${when} Sound and pictures may stay on; messages wait.`,
        offersRetry: connection.retryAtMs !== null && connection.retryAtMs - nowMs > 1_000,
      };
    }
  }
}

function nextTry(retryAtMs: number | null, nowMs: number): string {
  if (retryAtMs === null || retryAtMs <= nowMs) return "Reconnecting now";
  const seconds = Math.ceil((retryAtMs - nowMs) / 1_000);
  return `Trying again in ${seconds} s`;
}

function attempts(attempt: number): string {
  return attempt > 1 ? ` (attempt ${attempt}).` : ".";
}
