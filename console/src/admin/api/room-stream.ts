import { EventStreamReader, type StreamMessage } from "../model/event-stream";
import type { AdminApi } from "./admin-api";
import { problemOf } from "./problem";

/** Where the stream of a room's events stands. */
export type StreamStatus = "connecting" | "live" | "broken";

/** What a follower is told. */
export interface RoomFollower {
  onEvent(message: StreamMessage): void;
  onStatus(status: StreamStatus): void;
}

/** Resolves after so many milliseconds, or when it is aborted. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>;

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 15_000;
/** The server writes something every few seconds: this long without a byte, and the connection is dead. */
const SILENCE_MS = 60_000;

/**
 * Follows a room's events until the returned function is called. A stream that ends is opened again behind the last event that came, after
 * longer and longer pauses while nothing comes. A token that is not accepted ends it.
 */
export function followRoom(api: AdminApi, room: string, follower: RoomFollower, wait: Wait = waitFor): () => void {
  const end = new AbortController();
  void follow(api, room, follower, wait, end.signal);
  return () => end.abort();
}

async function follow(api: AdminApi, room: string, follower: RoomFollower, wait: Wait, signal: AbortSignal): Promise<void> {
  let lastId = "";
  let failures = 0;
  follower.onStatus("connecting");
  while (!signal.aborted) {
    const reader = new EventStreamReader(lastId);
    try {
      const chunks = await openStream(api, room, lastId, signal);
      follower.onStatus("live");
      for await (const chunk of chunks) {
        failures = 0;
        for (const message of reader.read(chunk)) follower.onEvent(message);
      }
    } catch (error) {
      // Too long a message, a broken connection, a refusal: the next try tells. But no token gets better by itself.
      if (problemOf(error).isAboutToken) failures = Number.POSITIVE_INFINITY;
    }
    if (signal.aborted) return;
    follower.onStatus("broken");
    if (failures === Number.POSITIVE_INFINITY) return;
    lastId = reader.lastId;
    await wait(Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** failures), signal);
    failures += 1;
  }
}

/** The pieces of a stream, until it ends or falls silent. */
async function openStream(api: AdminApi, room: string, lastId: string, signal: AbortSignal): Promise<AsyncGenerator<string>> {
  const silence = new AbortController();
  const { body } = await api.openEvents(room, lastId, AbortSignal.any([signal, silence.signal]));
  return pieces(body, silence);
}

async function* pieces(body: ReadableStream<Uint8Array<ArrayBuffer>> | null, silence: AbortController): AsyncGenerator<string> {
  if (body === null) return;
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    for (;;) {
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
      const { done, value } = await reader.read();
      clearTimeout(timer);
      if (done) return;
      yield value;
    }
  } finally {
    clearTimeout(timer);
    reader.cancel().catch(() => undefined);
  }
}

function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
