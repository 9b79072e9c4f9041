import { afterEach, describe, expect, it } from "vitest";
import { adminApi } from "./admin-api";
import { followRoom, type StreamStatus } from "./room-stream";

interface Request {
  readonly lastId: string | null;
  /** The answer's body: `close` ends it. */
  readonly body: ReadableStreamDefaultController<Uint8Array>;
}

const encoder = new TextEncoder();
let stop: () => void = () => undefined;
afterEach(() => stop());

/** Follows a room at a server that answers by hand; `statuses` are the ones of refusals that come first. */
function follow(...statuses: readonly number[]) {
  const requests: Request[] = [];
  const events: string[] = [];
  const states: StreamStatus[] = [];
  const delays: number[] = [];
  const refusals = [...statuses];
  let told: () => void = () => undefined;
  const fetcher: typeof fetch = async (_, init = {}) => {
    const status = refusals.shift();
    if (status !== undefined) {
      return Response.json({ code: status === 401 ? "token_expired" : "unavailable", detail: "no" }, { status });
    }
    const lastId = new Headers(init.headers).get("last-event-id");
    return new Response(new ReadableStream<Uint8Array>({ start: (body) => void requests.push({ lastId, body }) }));
  };
  const follower = {
    onEvent({ event, data }: { event: string; data: string }) {
      events.push(`${event} ${data}`);
      told();
    },
    onStatus(status: StreamStatus) {
      states.push(status);
      told();
    },
  };
  stop = followRoom(adminApi("http://x/", "t", fetcher), "choir", follower, async (ms) => void delays.push(ms));

  /** Waits until something is so: it is looked at after each thing that the follower is told. */
  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => (told = resolve));
  }
  const send = (index: number, text: string) => requests[index]?.body.enqueue(encoder.encode(text));
  return { requests, events, states, delays, until, send };
}

describe("followRoom", () => {
  it("tells events as they come", async () => {
    const { events, states, until, send } = follow();
    await until(() => states.at(-1) === "live");
    send(0, "event: chat\nda");
    send(0, 'ta: {"a":"ü"}\n\nevent: snapshot\ndata: 1\n\n');
    await until(() => events.length === 2);
    expect(events).toEqual(['chat {"a":"ü"}', "snapshot 1"]);
  });

  it("opens a stream that ended behind the last event that came", async () => {
    const { requests, states, events, until, send } = follow();
    await until(() => states.at(-1) === "live");
    send(0, "id: 1.7\nevent: chat\ndata: a\n\n");
    await until(() => events.length === 1);
    requests[0]?.body.close();
    await until(() => requests.length === 2);
    expect(requests.map(({ lastId }) => lastId)).toEqual([null, "1.7"]);
  });

  it("waits longer and longer while nothing comes, and shortly again after something came", async () => {
    const { delays, states, requests, until, send, events } = follow(503, 503, 503, 503, 503, 503);
    await until(() => states.at(-1) === "live");
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
    send(0, "data: a\n\n");
    await until(() => events.length === 1);
    requests[0]?.body.close();
    await until(() => requests.length === 2);
    expect(delays.at(-1)).toBe(1_000);
  });

  it("gives up where the token is no good", async () => {
    const { states, delays, until } = follow(401);
    await until(() => states.at(-1) === "broken");
    expect([states, delays]).toEqual([["connecting", "broken"], []]);
  });
});
