import { describe, expect, it } from "vitest";

import type { ServerInit } from "../testing/fake-socket.js";
import { chat, Driver, error, resumed } from "../testing/session-driver.js";

describe("joining", () => {
  it("dials, greets with join, and is in", () => {
    const driver = new Driver().do((core, now) => core.start(now));
    expect(driver.take()).toEqual([{ type: "Dial", connection: 1, renewToken: false }]);
    driver.do((core, now) => core.opened(1, now));
    expect(driver.frames()).toEqual([
      { connection: 1, frame: { seq: 0, ackCursor: "", kind: { case: "join", value: { room: "rehearsal" } } } },
    ]);
    driver.receive(1, { cursor: "1.1.0", kind: { case: "joined", value: { sid: "me", resumeToken: "t" } } });
    expect(driver.events()).toMatchObject([{ type: "Joined", again: false }]);
    expect(driver.core.sid).toBe("me");
  });

  it.each([
    ["a refusal", (driver: Driver) => driver.receive(1, error("room_full")), "room_full"],
    [
      "a socket that closes",
      (driver: Driver) => driver.do((core, now) => core.closed(1, 1006, now)),
      "connection_failed",
    ],
    ["an answer that does not come", (driver: Driver) => driver.wait(10_000), "connection_failed"],
  ])("%s ends the first join", (_, happen, code) => {
    const driver = new Driver().do((core, now) => core.start(now)).do((core, now) => core.opened(1, now));
    happen(driver);
    expect(driver.events()).toMatchObject([{ type: "Refused", error: { name: "JoinError", code } }]);
    expect(driver.core.deadline(driver.now)).toBeUndefined();
    driver.wait(600_000);
    expect(driver.take()).toEqual([]);
  });

  it("a refusal carries when to try again", () => {
    const driver = new Driver().do((core, now) => core.start(now)).do((core, now) => core.opened(1, now));
    driver.receive(1, error("unavailable", { retryAfterMs: 1_500 }));
    expect(driver.events()).toMatchObject([{ error: { retryAfterMs: 1_500, serverMessage: "no" } }]);
  });

  it("nothing can be sent before", () => {
    expect(() => new Driver().core.send(chat("hi"), 0)).toThrowError(expect.objectContaining({ code: "not_joined" }));
  });
});

describe("a connection that breaks", () => {
  it("is resumed at once, with the newest token and the newest cursor", () => {
    const driver = new Driver().joined();
    driver.receive(1, { cursor: "1.7.2", kind: { case: "pong", value: {} } });
    driver.wait(5_000).take();
    driver.do((core, now) => core.closed(1, 1006, now));
    expect(driver.take()).toEqual([
      { type: "Report", event: { type: "Interrupted", reason: "closed", attempt: 1, retryInMs: 0 } },
      { type: "Dial", connection: 2, renewToken: false },
    ]);
    driver.do((core, now) => core.opened(2, now));
    expect(driver.frames()).toEqual([
      {
        connection: 2,
        frame: { seq: 0, ackCursor: "", kind: { case: "resume", value: { resumeToken: "token-1", cursor: "1.7.2" } } },
      },
    ]);
    driver.receive(2, resumed());
    expect(driver.events()).toMatchObject([{ type: "Resumed", resumed: { recovered: true } }]);
    driver
      .wait(5_000)
      .do((core, now) => core.closed(2, 1006, now))
      .take();
    driver.do((core, now) => core.opened(3, now));
    expect(driver.frames()).toMatchObject([{ frame: { kind: { value: { resumeToken: "token-2" } } } }]);
  });

  it("what was not settled goes out again, what was sent meanwhile after it, each under its own number", () => {
    const driver = new Driver().joined();
    driver.do((core, now) => ["a", "b", "c"].forEach((text) => core.send(chat(text), now))).take();
    driver.wait(2_000).do((core, now) => core.closed(1, 1006, now));
    driver.do((core, now) => core.send(chat("d"), now));
    expect(driver.frames()).toEqual([]);
    driver.do((core, now) => core.opened(2, now)).take();
    driver.receive(2, resumed({ lastSeq: 1 }));
    expect(driver.frames().map(({ frame }) => [frame.seq, frame.kind.value])).toEqual([
      [0, { id: 1 }],
      [2, { text: "b" }],
      [3, { text: "c" }],
      [4, { text: "d" }],
    ]);
    // Behind the replay: a refusal would have come before.
    driver.receive(2, { kind: { case: "pong", value: { id: 1 } } });
    expect(driver.take()).toMatchObject([{ type: "Settle", ticket: { seq: 1 }, outcome: { type: "accepted" } }]);
  });

  it("a refusal in the replay counts, whatever was acknowledged before it", () => {
    const driver = new Driver().joined();
    driver.do((core, now) => ["a", "b"].forEach((text) => core.send(chat(text), now)));
    driver
      .do((core, now) => core.closed(1, 1006, now))
      .do((core, now) => core.opened(2, now))
      .receive(2, resumed({ lastSeq: 2 }))
      .take();
    driver.receive(2, { cursor: "1.2.0", ackSeq: 2, kind: { case: "roomUpdated", value: {} } });
    expect(driver.take().filter(({ type }) => type === "Settle")).toEqual([]);
    driver.receive(2, error("permission_denied", { seq: 1 }));
    driver.receive(2, { kind: { case: "pong", value: { id: 1 } } });
    expect(driver.take()).toMatchObject([
      { type: "Settle", ticket: { seq: 1 }, outcome: { error: { code: "permission_denied" } } },
      { type: "Settle", ticket: { seq: 2 }, outcome: { type: "accepted" } },
    ]);
  });

  it("where frames were lost, nobody knows how the settled ones were settled", () => {
    const driver = new Driver().joined();
    driver.do((core, now) => core.send(chat("a"), now));
    driver
      .do((core, now) => core.closed(1, 1006, now))
      .do((core, now) => core.opened(2, now))
      .take();
    driver.receive(2, resumed({ lastSeq: 1, recovered: false, snapshot: {} }));
    expect(driver.take()).toMatchObject([
      { type: "Settle", ticket: { seq: 1 }, outcome: { type: "settledUnseen" } },
      { type: "Report" },
    ]);
  });

  it("frames of a connection that was given up are not heard", () => {
    const driver = new Driver().joined();
    driver.do((core, now) => core.closed(1, 1006, now)).take();
    driver.receive(1, { cursor: "9.9.9", kind: { case: "chat", value: { sid: "a", seq: 1 } } });
    driver.do((core, now) => core.opened(1, now));
    expect(driver.take()).toEqual([]);
  });

  it("waits longer after each attempt that fails, and begins at once after a success that lasted", () => {
    const driver = new Driver().joined().wait(5_000);
    const delays: number[] = [];
    for (let connection = 1; connection <= 5; connection += 1) {
      driver.take();
      driver.do((core, now) => core.closed(connection, 1006, now));
      delays.push(...driver.events().flatMap((event) => (event.type === "Interrupted" ? [event.retryInMs] : [])));
      driver.wait(delays.at(-1) ?? 0);
    }
    expect(delays).toEqual([0, 150, 300, 600, 1_200]);
    driver
      .do((core, now) => core.opened(6, now))
      .receive(6, resumed())
      .wait(1_000)
      .take();
    driver.do((core, now) => core.closed(6, 1006, now));
    expect(driver.events()).toMatchObject([{ type: "Interrupted", attempt: 1, retryInMs: 0 }]);
  });

  it("a server that hangs up right after each resume is not asked in a tight loop", () => {
    const waits: number[] = [];
    const driver = new Driver().joined().wait(5_000);
    driver.do((core, now) => core.closed(1, 1006, now));
    for (let connection = 2; connection <= 5; connection += 1) {
      driver
        .do((core, now) => core.opened(connection, now))
        .receive(connection, resumed())
        .take();
      driver.do((core, now) => core.closed(connection, 1011, now));
      waits.push(...driver.events().flatMap((event) => (event.type === "Interrupted" ? [event.retryInMs] : [])));
      driver.wait(waits.at(-1) ?? 0);
    }
    expect(waits).toEqual([150, 300, 600, 1_200]);
  });

  it("is given up when the policy gives up: everything pending is refused", () => {
    const driver = new Driver().joined().wait(5_000);
    driver.do((core, now) => core.closed(1, 1006, now)).do((core, now) => core.send(chat("lost"), now));
    for (let connection = 2; connection < 200; connection += 1) {
      driver.do((core, now) => core.closed(connection, 1006, now)).wait(10_000);
    }
    const commands = driver.take();
    expect(commands.at(-1)).toMatchObject({ type: "Report", event: { type: "Ended", reason: "connection_lost" } });
    expect(commands.filter(({ type }) => type === "Settle")).toMatchObject([
      { ticket: { seq: 1 }, outcome: { type: "refused", error: { code: "disconnected" } } },
    ]);
    expect(driver.core.deadline(driver.now)).toBeUndefined();
    expect(() => driver.core.send(chat("x"), driver.now)).toThrow();
  });

  it("a socket that does not open is given up after ten seconds", () => {
    const driver = new Driver()
      .joined()
      .wait(5_000)
      .do((core, now) => core.closed(1, 1006, now));
    driver.take();
    driver.wait(9_999);
    expect(driver.take()).toEqual([]);
    driver.wait(1);
    expect(driver.take()).toMatchObject([
      { type: "HangUp", connection: 2 },
      { type: "Report", event: { reason: "timed_out", attempt: 2 } },
    ]);
  });

  it("the network's return cuts the wait short, but not what the server asked for", () => {
    const waiting = (frame: ServerInit | undefined) => {
      const driver = new Driver()
        .joined()
        .wait(5_000)
        .do((core, now) => core.closed(1, 1006, now));
      if (frame === undefined) {
        driver.do((core, now) => core.closed(2, 1006, now));
      } else {
        driver.do((core, now) => core.opened(2, now)).receive(2, frame);
      }
      driver.take();
      return driver.do((core, now) => core.nudge(now));
    };
    expect(waiting(undefined).take()).toMatchObject([{ type: "Dial", connection: 3 }]);
    const asked = waiting(error("unavailable", { retryAfterMs: 4_000 }));
    expect(asked.take()).toEqual([]);
    asked.wait(3_999);
    expect(asked.take()).toEqual([]);
    asked.wait(1);
    expect(asked.take()).toMatchObject([{ type: "Dial", connection: 3 }]);
  });

  it("a gap in the numbers is cured by resuming", () => {
    const driver = new Driver().joined().wait(5_000);
    driver.take();
    driver.receive(1, error("sequence_gap", { seq: 9 }));
    expect(driver.take()).toMatchObject([
      { type: "HangUp", connection: 1 },
      { type: "Report", event: { type: "Interrupted" } },
      { type: "Dial" },
    ]);
  });
});

describe("a server that cannot reach its rooms", () => {
  it("is sent the same number again when it says, and the gaps behind it are no reason to resume", () => {
    const driver = new Driver().joined();
    driver.do((core, now) => ["a", "b", "c"].forEach((text) => core.send(chat(text), now))).take();
    driver.receive(1, error("unavailable", { seq: 2, retryAfterMs: 800 }));
    driver.receive(1, error("sequence_gap", { seq: 3 }));
    expect(driver.take()).toMatchObject([{ type: "Settle", ticket: { seq: 1 }, outcome: { type: "accepted" } }]);
    driver.wait(799);
    expect(driver.frames().filter(({ frame }) => frame.seq > 0)).toEqual([]);
    driver.wait(1);
    expect(driver.frames()).toMatchObject([{ frame: { seq: 2 } }, { frame: { seq: 3 } }]);
    driver.receive(1, { ackSeq: 3, kind: { case: "ack", value: {} } });
    expect(driver.take()).toMatchObject([
      { type: "Settle", ticket: { seq: 2 }, outcome: { type: "accepted" } },
      { type: "Settle", ticket: { seq: 3 }, outcome: { type: "accepted" } },
    ]);
  });

  it("may say so again and again", () => {
    const driver = new Driver().joined();
    driver.do((core, now) => ["a", "b"].forEach((text) => core.send(chat(text), now))).take();
    for (let time = 0; time < 5; time += 1) {
      driver.receive(1, error("unavailable", { seq: 1, retryAfterMs: 1_000 }));
      driver.receive(1, error("sequence_gap", { seq: 2 })).wait(1_000);
      expect(driver.frames().filter(({ frame }) => frame.seq > 0)).toMatchObject([
        { frame: { seq: 1 } },
        { frame: { seq: 2 } },
      ]);
    }
  });

  it("a gap that nothing explains is still cured by resuming", () => {
    const driver = new Driver().joined().wait(5_000);
    driver.do((core, now) => core.send(chat("a"), now)).take();
    driver.receive(1, error("unavailable", { seq: 1, retryAfterMs: 800 }));
    driver.receive(1, error("sequence_gap", { seq: 9 }));
    expect(driver.take()).toMatchObject([{ type: "HangUp" }, { type: "Report" }, { type: "Dial" }]);
  });
});

describe("silence", () => {
  it("is broken by a ping, and ends the connection if that stays unanswered", () => {
    const driver = new Driver().joined().wait(29_999);
    expect(driver.frames().map(({ frame }) => frame.kind.case)).toEqual(["ack"]);
    driver.wait(1);
    expect(driver.frames()).toMatchObject([{ frame: { seq: 0, kind: { case: "ping", value: { id: 1 } } } }]);
    driver.wait(9_999);
    expect(driver.take()).toEqual([]);
    driver.wait(1);
    expect(driver.take()).toMatchObject([
      { type: "HangUp", connection: 1 },
      { type: "Report", event: { reason: "timed_out" } },
      { type: "Dial" },
    ]);
  });

  it("a pong is a sign of life", () => {
    const driver = new Driver().joined().wait(30_000);
    driver.receive(1, { kind: { case: "pong", value: { id: 1 } } }).take();
    driver.wait(29_999);
    expect(driver.take()).toEqual([]);
  });
});

it("a session that was replaced meanwhile is over: joining again would throw the newer one out", () => {
  const driver = new Driver().joined();
  driver.do((core, now) => core.closed(1, 1006, now)).do((core, now) => core.opened(2, now));
  driver.take();
  driver.receive(2, error("identity_taken")).wait(600_000);
  expect(driver.take()).toMatchObject([
    { type: "HangUp", connection: 2 },
    { type: "Report", event: { type: "Ended", reason: "duplicate_identity", error: { code: "identity_taken" } } },
  ]);
});

describe("a session that is lost", () => {
  const lose = (driver: Driver) =>
    driver
      .do((core, now) => core.closed(1, 1006, now))
      .do((core, now) => core.opened(2, now))
      .receive(2, error("resume_failed"));

  it("refuses what was pending, and joins anew at once", () => {
    const driver = new Driver().joined().wait(5_000);
    driver.do((core, now) => core.send(chat("what became of it?"), now)).take();
    lose(driver);
    const commands = driver.take();
    expect(commands.filter(({ type }) => type === "Settle")).toMatchObject([
      { ticket: { seq: 1 }, outcome: { error: { code: "resume_failed" } } },
    ]);
    expect(commands.slice(-2)).toMatchObject([
      { type: "Report", event: { type: "Lost" } },
      { type: "Dial", connection: 3 },
    ]);
    driver.do((core, now) => core.opened(3, now));
    expect(driver.frames()).toMatchObject([{ connection: 3, frame: { kind: { case: "join" } } }]);
    driver.receive(3, { cursor: "2.1.0", kind: { case: "joined", value: { sid: "me2", resumeToken: "token-9" } } });
    expect(driver.events()).toMatchObject([{ type: "Joined", again: true }]);
    driver.do((core, now) => core.send(chat("first"), now));
    expect(driver.frames()).toMatchObject([{ frame: { seq: 1 } }]);
  });

  it("another session's frames are no duplicates of the lost one's", () => {
    const driver = new Driver().joined().wait(5_000);
    const message: ServerInit = { cursor: "1.2.0", kind: { case: "chat", value: { sid: "a", seq: 1 } } };
    driver.receive(1, message);
    lose(driver).do((core, now) => core.opened(3, now));
    driver.receive(3, { kind: { case: "joined", value: { sid: "me2", resumeToken: "t" } } }).take();
    driver.receive(3, message);
    expect(driver.take()).toMatchObject([{ type: "Deliver", kind: { case: "chat" } }]);
  });

  it("stays tried for as long as the policy says when joining anew fails for now", () => {
    const driver = lose(new Driver().joined().wait(5_000)).do((core, now) => core.opened(3, now));
    driver.take();
    driver.receive(3, error("unavailable", { retryAfterMs: 2_000 }));
    expect(driver.events()).toMatchObject([{ type: "Interrupted", reason: "refused" }]);
    driver.wait(10_000);
    expect(driver.take()).toMatchObject([{ type: "Dial", connection: 4 }]);
  });

  it("ends when joining anew is refused for good", () => {
    const driver = lose(new Driver().joined().wait(5_000)).do((core, now) => core.opened(3, now));
    driver.take();
    driver.receive(3, error("banned"));
    expect(driver.events()).toMatchObject([{ type: "Ended", reason: "join_refused", error: { code: "banned" } }]);
  });
});

describe("a token that is refused", () => {
  const refuse = (driver: Driver, connection: number, code: string) =>
    driver.do((core, now) => core.opened(connection, now)).receive(connection, error(code));

  it.each(["unauthenticated", "token_expired"])("%s: asks for another one and resumes with it", (code) => {
    const driver = new Driver()
      .joined()
      .wait(5_000)
      .do((core, now) => core.closed(1, 1006, now));
    driver.take();
    refuse(driver, 2, code);
    expect(driver.take().at(-1)).toEqual({ type: "Dial", connection: 3, renewToken: true });
    driver.do((core, now) => core.opened(3, now));
    expect(driver.frames()).toMatchObject([{ frame: { kind: { case: "resume" } } }]);
  });

  it("a success in between makes it a first time again", () => {
    const driver = new Driver()
      .joined()
      .wait(5_000)
      .do((core, now) => core.closed(1, 1006, now));
    refuse(driver, 2, "token_expired");
    driver
      .do((core, now) => core.opened(3, now))
      .receive(3, resumed())
      .wait(5_000)
      .do((core, now) => core.closed(3, 1006, now));
    driver.take();
    refuse(driver, 4, "token_expired");
    expect(driver.take().at(-1)).toEqual({ type: "Dial", connection: 5, renewToken: true });
  });

  it("twice in a row is the end", () => {
    const driver = new Driver()
      .joined()
      .wait(5_000)
      .do((core, now) => core.closed(1, 1006, now));
    refuse(driver, 2, "token_expired");
    driver.take();
    refuse(driver, 3, "token_expired");
    expect(driver.events()).toMatchObject([{ type: "Ended", reason: "token_expired" }]);
  });

  it("a token that cannot be renewed is the end", () => {
    const driver = new Driver({ renewable: false })
      .joined()
      .wait(5_000)
      .do((core, now) => core.closed(1, 1006, now));
    driver.take();
    refuse(driver, 2, "unauthenticated");
    expect(driver.events()).toMatchObject([{ type: "Ended", reason: "unauthenticated" }]);
  });
});

describe("goAway", () => {
  const told = (retryAfterMs: number) =>
    new Driver()
      .joined()
      .wait(5_000)
      .receive(1, { kind: { case: "goAway", value: { retryAfterMs } } });

  it("opens the new connection at its time beside the old one, which stays in use until then", () => {
    const driver = told(3_000);
    driver.wait(2_999).take();
    driver.do((core, now) => core.send(chat("still here"), now));
    expect(driver.frames()).toMatchObject([{ connection: 1, frame: { seq: 1 } }]);
    driver.wait(1);
    expect(driver.take()).toEqual([{ type: "Dial", connection: 2, renewToken: false }]);
    driver.receive(1, { cursor: "1.5.0", kind: { case: "chat", value: { sid: "a", seq: 1 } } });
    expect(driver.take()).toMatchObject([{ type: "Deliver" }]);
    driver.do((core, now) => core.opened(2, now));
    expect(driver.frames()).toMatchObject([
      { connection: 2, frame: { kind: { case: "resume", value: { cursor: "1.5.0" } } } },
    ]);
    driver.receive(2, resumed({ lastSeq: 1 }));
    const commands = driver.take();
    expect(commands).toContainEqual({ type: "HangUp", connection: 1 });
    expect(commands.filter(({ type }) => type === "Report")).toMatchObject([{ event: { type: "Resumed" } }]);
  });

  it("once the new connection has presented its cursor the old one is not heard: its frames are replayed", () => {
    const driver = told(0);
    driver
      .wait(0)
      .do((core, now) => core.opened(2, now))
      .take();
    driver.receive(1, { cursor: "1.6.0", kind: { case: "chat", value: { sid: "a", seq: 2 } } });
    expect(driver.take()).toEqual([]);
  });

  it("a server that closes before the time is not asked again until then", () => {
    const driver = told(3_000);
    driver.take();
    driver.wait(1_000).take();
    driver.do((core, now) => core.closed(1, 1001, now));
    expect(driver.events()).toMatchObject([{ type: "Interrupted", reason: "going_away", retryInMs: 2_000 }]);
    driver.do((core, now) => core.nudge(now)).wait(1_999);
    expect(driver.take()).toEqual([]);
    driver.wait(1);
    expect(driver.take()).toMatchObject([{ type: "Dial", connection: 2 }]);
  });

  it("a new connection that fails leaves the old one in use, and is tried again", () => {
    const driver = told(0);
    driver.wait(0).take();
    driver.do((core, now) => core.closed(2, 1006, now));
    expect(driver.take()).toEqual([]);
    driver.do((core, now) => core.send(chat("x"), now));
    expect(driver.frames()).toMatchObject([{ connection: 1 }]);
    driver.wait(1_000);
    expect(driver.take()).toMatchObject([{ type: "Dial", connection: 3 }]);
  });

  it("an outage long ago does not make a move give up", () => {
    const driver = new Driver()
      .joined()
      .wait(5_000)
      .do((core, now) => core.closed(1, 1006, now));
    driver
      .do((core, now) => core.closed(2, 1006, now))
      .wait(1_000)
      .do((core, now) => core.opened(3, now))
      .receive(3, resumed());
    // Longer than the policy tries in all.
    for (let round = 0; round < 5; round += 1) {
      driver.wait(20_000).receive(3, { kind: { case: "pong", value: {} } });
    }
    driver.receive(3, { kind: { case: "goAway", value: { retryAfterMs: 0 } } }).wait(0);
    driver.take();
    driver.do((core, now) => core.closed(4, 1006, now)).wait(0);
    expect(driver.take()).toMatchObject([{ type: "Dial", connection: 5 }]);
  });

  it("an old connection that breaks while the new one is opened counts as an attempt", () => {
    const driver = told(0);
    driver.wait(0).take();
    driver.do((core, now) => core.closed(1, 1006, now));
    expect(driver.events()).toMatchObject([{ type: "Interrupted", reason: "going_away", attempt: 1, retryInMs: 0 }]);
    driver.do((core, now) => core.closed(2, 1006, now));
    expect(driver.events()).toMatchObject([{ type: "Interrupted", attempt: 2, retryInMs: 150 }]);
  });

  it("a token that is refused on the way tells of the interruption", () => {
    const driver = told(0);
    driver
      .wait(0)
      .do((core, now) => core.opened(2, now))
      .take();
    driver.receive(2, error("token_expired"));
    expect(driver.take()).toMatchObject([
      { type: "HangUp", connection: 2 },
      { type: "HangUp", connection: 1 },
      { event: { type: "Interrupted" } },
      { type: "Dial", connection: 3, renewToken: true },
    ]);
  });
});
