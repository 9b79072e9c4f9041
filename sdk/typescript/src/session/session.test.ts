import { describe, expect, it } from "vitest";

import { FakeClock, settle } from "../testing/fake-clock.js";
import { FakeSockets } from "../testing/fake-socket.js";
import type { SessionEvent } from "./commands.js";
import type { ServerKind } from "./frames.js";
import { exponentialBackoff } from "./reconnect-policy.js";
import { Session } from "./session.js";
import { connectUrl } from "./socket.js";
import { TokenHolder, type TokenSource } from "./token.js";

const SECRET = "eyJhbGciOiJIUzI1NiJ9.c2VjcmV0.c2lnbmF0dXJl";

function start(token: TokenSource = SECRET, url = "https://example.test") {
  const clock = new FakeClock();
  const sockets = new FakeSockets();
  const events: SessionEvent[] = [];
  const frames: ServerKind[] = [];
  const lines: unknown[] = [];
  const log = (...line: unknown[]) => lines.push(line);
  const session = new Session({
    url,
    token: new TokenHolder(token),
    format: "json",
    policy: exponentialBackoff({ random: () => 0.5 }),
    webSocket: sockets.factory,
    clock,
    logger: { debug: log, info: log, warn: log, error: log },
    greeting: () => ({ case: "join", value: {} }),
    onEvent: (event) => events.push(event),
    onFrame: (kind) => frames.push(kind),
  });
  session.start();
  return { clock, sockets, events, frames, lines, session };
}

async function joined(token?: TokenSource) {
  const started = start(token);
  await settle();
  started.sockets.last.open();
  started.sockets.last.receive({
    cursor: "1",
    kind: { case: "joined", value: { sid: "me", resumeToken: "resume-secret" } },
  });
  started.sockets.last.take();
  return started;
}

describe("connecting", () => {
  it.each([
    ["https://example.test", "wss://example.test/v1/connect"],
    ["http://127.0.0.1:7880/", "ws://127.0.0.1:7880/v1/connect"],
    ["wss://example.test/rooms?tenant=a#top", "wss://example.test/rooms/v1/connect?tenant=a"],
    ["ws://[::1]:7880", "ws://[::1]:7880/v1/connect"],
  ])("%s → %s", (base, url) => {
    expect(connectUrl(base)).toBe(url);
  });

  it("names the format and the token as subprotocols", async () => {
    const { sockets } = start();
    await settle();
    expect(sockets.last.protocols).toEqual(["antiphon.v1.json", `antiphon.token.${SECRET}`]);
  });

  it("a getToken that fails refuses the join, and says so", async () => {
    const cause = new Error("the application's server is down");
    const { events, sockets } = start(() => Promise.reject(cause));
    await settle();
    expect(sockets.all).toEqual([]);
    expect(events).toMatchObject([{ type: "Refused", error: { code: "connection_failed", cause } }]);
  });

  it("leaving while the token is being fetched opens no socket", async () => {
    let give: (token: string) => void = () => {};
    const { sockets, session, events } = start(() => new Promise((resolve) => (give = resolve)));
    session.leave();
    give(SECRET);
    await settle();
    expect(sockets.all).toEqual([]);
    expect(events).toMatchObject([{ type: "Ended", reason: "client_left" }]);
  });
});

describe("tokens", () => {
  it("getToken is asked once, and again when the server wants another one", async () => {
    let asked = 0;
    const { sockets, clock } = await joined(() => `token-${(asked += 1)}`);
    await clock.advance(5_000);
    sockets.last.drop();
    await settle();
    expect(sockets.last.protocols[1]).toBe("antiphon.token.token-1");
    sockets.last.open();
    sockets.last.receive({ kind: { case: "error", value: { code: "token_expired" } } });
    await settle();
    expect(sockets.last.protocols[1]).toBe("antiphon.token.token-2");
    expect(asked).toBe(2);
  });

  it("a token that the server pushed is used for the next connection", async () => {
    const { sockets, frames } = await joined("first");
    sockets.last.receive({ kind: { case: "accessToken", value: { token: "pushed", expiresIn: 3_600 } } });
    sockets.last.drop();
    await settle();
    expect(sockets.last.protocols[1]).toBe("antiphon.token.pushed");
    expect(frames).toEqual([]);
  });

  it("a token that ends is replaced over the open connection, and used for the next one", async () => {
    let asked = 0;
    const { sockets, frames, lines } = await joined(() => `token-${(asked += 1)}`);
    sockets.last.receive({ kind: { case: "tokenExpiring", value: { expiresIn: 60 } } });
    await settle();
    expect(sockets.last.take()).toMatchObject([
      { seq: 0, kind: { case: "refreshToken", value: { token: "token-2" } } },
    ]);
    sockets.last.receive({ kind: { case: "tokenRefreshed", value: { expiresIn: 900 } } });
    expect(lines).toContainEqual(["token renewed", { sid: "me", expiresIn: 900 }]);
    sockets.last.drop();
    await settle();
    expect(sockets.last.protocols[1]).toBe("antiphon.token.token-2");
    expect([asked, frames]).toEqual([2, []]);
  });

  it("getToken is asked once at a time, and again when it failed", async () => {
    const answers: { give: (token: string) => void; fail: (cause: Error) => void }[] = [];
    const pending = () => new Promise<string>((give, fail) => answers.push({ give, fail }));
    let first = true;
    const { sockets, lines } = await joined(() => (first ? ((first = false), "first") : pending()));
    const expiring = { kind: { case: "tokenExpiring", value: { expiresIn: 60 } } } as const;
    sockets.last.receive(expiring);
    sockets.last.receive(expiring);
    await settle();
    expect(answers.length).toBe(1);
    answers[0]?.fail(new TypeError(`no ${SECRET}`));
    await settle();
    expect(lines).toContainEqual(["no fresh token", { sid: "me", cause: "TypeError" }]);
    expect(sockets.last.take()).toEqual([]);
    sockets.last.receive(expiring);
    await settle();
    answers[1]?.give("second");
    await settle();
    expect(sockets.last.take()).toMatchObject([{ kind: { case: "refreshToken", value: { token: "second" } } }]);
  });

  it("a fresh token that comes when the connection is gone is for the next one", async () => {
    let give: (token: string) => void = () => {};
    let first = true;
    const later = () => new Promise<string>((resolve) => (give = resolve));
    const { sockets, clock } = await joined(() => (first ? ((first = false), "first") : later()));
    sockets.last.receive({ kind: { case: "tokenExpiring", value: { expiresIn: 60 } } });
    await settle();
    const before = sockets.last;
    before.drop();
    give("second");
    await settle();
    await clock.advance(5_000);
    expect(before.take()).toEqual([]);
    expect(sockets.last).not.toBe(before);
    sockets.last.drop();
    await clock.advance(30_000);
    expect(sockets.last.protocols[1]).toBe("antiphon.token.second");
  });

  it("a token that cannot be renewed is not", async () => {
    const { sockets } = await joined("fixed");
    sockets.last.receive({ kind: { case: "tokenExpiring", value: { expiresIn: 60 } } });
    await settle();
    expect(sockets.last.take()).toEqual([]);
  });

  it("no token reaches the log", async () => {
    const { sockets, lines, clock } = await joined(() => SECRET);
    sockets.last.onmessage?.({ data: `{"accessToken":${SECRET}` });
    sockets.last.drop();
    await clock.advance(30_000);
    expect(JSON.stringify(lines)).not.toContain(SECRET);
    expect(JSON.stringify(lines)).not.toContain("resume-secret");
    expect(lines.length).toBeGreaterThan(0);
  });
});

describe("promises", () => {
  it("resolve with the acknowledgement and reject with the refusal", async () => {
    const { sockets, session } = await joined();
    const [first, second] = [
      session.send({ case: "chat", value: { text: "a" } }),
      session.send({ case: "chat", value: { text: "b" } }),
    ];
    sockets.last.receive({ ackSeq: 1, kind: { case: "ack", value: {} } });
    sockets.last.receive({ kind: { case: "error", value: { code: "permission_denied", message: "no chat", seq: 2 } } });
    await expect(first.settled).resolves.toBe("accepted");
    await expect(second.settled).rejects.toMatchObject({
      code: "permission_denied",
      message: expect.stringMatching(/^no chat\. .+\.$/),
    });
  });

  it("none stays pending when the room is left", async () => {
    const { session, clock, sockets } = await joined();
    const sent = session.send({ case: "chat", value: { text: "a" } });
    session.leave();
    expect(sockets.last.take().map(({ kind }) => kind.case)).toEqual(["chat", "leave"]);
    await clock.advance(1_000);
    await expect(sent.settled).rejects.toMatchObject({ code: "disconnected" });
    expect(clock.pending).toBe(0);
    expect(sockets.last.state).toBe("closed");
  });

  it("a frame above the server's limit is refused here: it would only close the connection, again and again", async () => {
    const { session, sockets } = await joined();
    session.limit({ maxMessageBytes: 1_000, maxSdpBytes: 4_000 });
    expect(() => session.send({ case: "chat", value: { text: "x".repeat(1_000) } })).toThrowError(
      expect.objectContaining({ code: "too_large" }),
    );
    expect(() => session.send({ case: "offer", value: { sdp: "x".repeat(2_000) } })).not.toThrow();
    expect(() => session.send({ case: "offer", value: { sdp: "x".repeat(4_000) } })).toThrowError(
      expect.objectContaining({ code: "too_large" }),
    );
    // Bytes of UTF-8, not characters.
    expect(() => session.send({ case: "chat", value: { text: "ü".repeat(500) } })).toThrow();
    expect(sockets.last.take().map(({ seq }) => seq)).toEqual([1]);
  });
});

describe("the socket", () => {
  it("that was given up is closed and not heard", async () => {
    const { sockets, clock, frames } = await joined();
    const [first] = sockets.all;
    first?.receive({ cursor: "2", kind: { case: "error", value: { code: "sequence_gap", seq: 7 } } });
    expect(first?.state).toBe("closed");
    first?.onmessage?.({ data: '{"pong":{}}' });
    await clock.advance(0);
    expect(sockets.all).toHaveLength(2);
    expect(frames).toEqual([]);
  });

  it("a frame that cannot be read is reported and does not end the connection", async () => {
    const { sockets, lines, frames } = await joined();
    sockets.last.onmessage?.({ data: "{" });
    sockets.last.receive({ kind: { case: "error", value: { code: "internal" } } });
    expect(lines).toHaveLength(1);
    expect(frames).toHaveLength(1);
  });

  it("acknowledges by itself, in time", async () => {
    const { sockets, clock } = await joined();
    sockets.last.receive({ cursor: "2", kind: { case: "pong", value: {} } });
    await clock.advance(199);
    expect(sockets.last.take()).toEqual([]);
    await clock.advance(1);
    expect(sockets.last.take()).toMatchObject([{ seq: 0, ackCursor: "2", kind: { case: "ack" } }]);
  });

  it("a listener may send and leave from within an event", async () => {
    const { sockets, session, events } = await joined();
    let isSent = false;
    events.push = ((event: SessionEvent) => {
      if (event.type === "Resumed" && !isSent) {
        isSent = true;
        session.send({ case: "chat", value: { text: "from within" } });
        session.leave();
      }
      return 0;
    }) as typeof events.push;
    sockets.last.drop();
    await settle();
    sockets.last.open();
    sockets.last.receive({ kind: { case: "resumed", value: { recovered: true, resumeToken: "t" } } });
    expect(sockets.last.take().map(({ seq, kind }) => [seq, kind.case])).toEqual([
      [0, "resume"],
      [1, "chat"],
      [2, "leave"],
    ]);
  });
});
