import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";

import { LimitsSchema } from "../gen/antiphon/v1/models_pb.js";
import { Left_Reason, Snapshot_Reason } from "../gen/antiphon/v1/signal_pb.js";
import type { ServerInit } from "../testing/fake-socket.js";
import { chat, Driver, error, resumed } from "../testing/session-driver.js";

describe("the end", () => {
  it.each([
    [Left_Reason.KICKED, "kicked"],
    [Left_Reason.DUPLICATE_IDENTITY, "duplicate_identity"],
    [Left_Reason.ROOM_ENDED, "room_ended"],
    [Left_Reason.REFUSED, "refused"],
  ])("left with reason %s is final", (reason, expected) => {
    const driver = new Driver().joined().receive(1, { kind: { case: "left", value: { reason, message: "because" } } });
    expect(driver.events()).toMatchObject([{ type: "Ended", reason: expected, message: "because" }]);
    driver.wait(600_000);
    expect(driver.take()).toEqual([]);
  });

  it("an expired session joins anew with a new token, where there is one", () => {
    const frame: ServerInit = { kind: { case: "left", value: { reason: Left_Reason.TOKEN_EXPIRED } } };
    const driver = new Driver().joined().wait(5_000);
    driver
      .do((core, now) => core.closed(1, 1006, now))
      .do((core, now) => core.opened(2, now))
      .receive(2, resumed());
    for (let minutes = 0; minutes < 60; minutes += 1) {
      driver
        .wait(20_000)
        .receive(2, { kind: { case: "pong", value: {} } })
        .wait(20_000)
        .receive(2, { kind: { case: "pong", value: {} } });
    }
    driver.take();
    driver.receive(2, frame);
    // That it was interrupted long ago does not count against it now.
    expect(driver.take().slice(-3)).toMatchObject([
      { event: { type: "Lost" } },
      { event: { type: "Interrupted", reason: "refused", attempt: 1, retryInMs: 0 } },
      { type: "Dial", renewToken: true },
    ]);
    // No socket opened: the next attempt needs another token still.
    driver.do((core, now) => core.closed(3, 1006, now)).wait(1_000);
    expect(driver.take().slice(-2)).toMatchObject([
      { event: { type: "Interrupted", attempt: 2 } },
      { type: "Dial", renewToken: true },
    ]);
    driver.do((core, now) => core.opened(4, now)).do((core, now) => core.closed(4, 1006, now));
    driver.wait(1_000);
    expect(driver.take().at(-1)).toMatchObject({ type: "Dial", renewToken: false });
    expect(new Driver({ renewable: false }).joined().receive(1, frame).events()).toMatchObject([
      { type: "Ended", reason: "token_expired" },
    ]);
  });

  it.each([
    [4012, "superseded"],
    [4010, "unknown"],
  ])("close code %i is final", (code, reason) => {
    const driver = new Driver().joined().do((core, now) => core.closed(1, code, now));
    expect(driver.events()).toMatchObject([{ type: "Ended", reason }]);
  });

  it("leave is numbered, goes behind everything unsent, and ends with left", () => {
    const driver = new Driver().joined({
      kind: {
        case: "joined",
        value: { sid: "me", resumeToken: "t", limits: create(LimitsSchema, { messagesPerSecond: 1, burst: 2 }) },
      },
    });
    driver.do((core, now) => ["a", "b", "c"].forEach((text) => core.send(chat(text), now)));
    driver.do((core, now) => core.leave(now));
    expect(driver.frames().map(({ frame }) => [frame.seq, frame.kind.case])).toEqual([
      [1, "chat"],
      [2, "chat"],
      [3, "chat"],
      [4, "leave"],
    ]);
    driver.receive(1, { ackSeq: 4, kind: { case: "left", value: { reason: Left_Reason.CLIENT_LEFT } } });
    const commands = driver.take();
    expect(commands.filter(({ type }) => type === "Settle")).toHaveLength(4);
    expect(commands.at(-1)).toMatchObject({ event: { type: "Ended", reason: "client_left" } });
  });

  it("leave does not wait longer than a second", () => {
    const driver = new Driver().joined().do((core, now) => core.leave(now));
    driver.take();
    driver.wait(999);
    expect(driver.take()).toEqual([]);
    driver.wait(1);
    expect(driver.take()).toMatchObject([
      { type: "HangUp", connection: 1 },
      { type: "Settle", ticket: { seq: 1 }, outcome: { error: { code: "disconnected" } } },
      { event: { type: "Ended", reason: "client_left" } },
    ]);
  });

  it("a new session that is taken back at once is not asked for in a tight loop", () => {
    const driver = new Driver().joined().wait(5_000);
    const waits: number[] = [];
    for (let connection = 1; connection <= 4; connection += 1) {
      driver.take();
      driver.receive(connection, { kind: { case: "left", value: { reason: Left_Reason.TOKEN_EXPIRED } } });
      waits.push(...driver.events().flatMap((event) => (event.type === "Interrupted" ? [event.retryInMs] : [])));
      driver
        .wait(waits.at(-1) ?? 0)
        .do((core, now) => core.opened(connection + 1, now))
        .receive(connection + 1, { kind: { case: "joined", value: { sid: "me", resumeToken: "t" } } });
    }
    expect(waits).toEqual([0, 150, 300, 600]);
  });

  it("leave goes out even when as much as may be is pending", () => {
    const driver = new Driver().joined().do((core, now) => core.closed(1, 1006, now));
    for (let count = 0; count < 1_024; count += 1) {
      driver.core.send(chat("x"), driver.now);
    }
    driver.do((core, now) => core.opened(2, now)).receive(2, resumed());
    driver.take();
    driver.do((core, now) => core.leave(now));
    expect(driver.frames().at(-1)).toMatchObject({ frame: { seq: 1_025, kind: { case: "leave" } } });
  });

  it.each([
    [
      "answered",
      (driver: Driver) =>
        driver
          .receive(2, resumed({ lastSeq: 0 }))
          .receive(2, error("rate_limited"))
          .receive(2, { ackSeq: 2, kind: { case: "left", value: { reason: Left_Reason.CLIENT_LEFT } } }),
    ],
    ["refused", (driver: Driver) => driver.receive(2, error("resume_failed"))],
    ["cut off", (driver: Driver) => driver.do((core, now) => core.closed(2, 1006, now))],
  ])("leave behind a resume that is under way goes out, and nothing is dialled afterwards: %s", (_, happen) => {
    const driver = new Driver().joined();
    driver.do((core, now) => core.send(chat("unsettled"), now));
    driver.do((core, now) => core.closed(1, 1006, now)).do((core, now) => core.opened(2, now));
    driver.take();
    driver.do((core, now) => core.leave(now)).do((core, now) => core.nudge(now));
    expect(driver.frames().map(({ connection, frame }) => [connection, frame.seq, frame.kind.case])).toEqual([
      [2, 1, "chat"],
      [2, 2, "leave"],
    ]);
    happen(driver);
    expect(driver.events()).toMatchObject([{ type: "Ended", reason: "client_left" }]);
    driver.wait(600_000);
    expect([driver.take(), driver.core.deadline(driver.now)]).toEqual([[], undefined]);
  });

  it("leave behind the resume of a planned move closes both sockets", () => {
    const driver = new Driver().joined();
    driver.receive(1, { kind: { case: "goAway", value: { retryAfterMs: 0 } } }).wait(0);
    driver.do((core, now) => core.opened(2, now)).take();
    driver.do((core, now) => core.leave(now));
    expect(driver.take()).toMatchObject([
      { type: "HangUp", connection: 1 },
      { type: "Transmit", connection: 2, frame: { kind: { case: "leave" } } },
    ]);
  });

  it("leave while reconnecting ends at once", () => {
    const driver = new Driver()
      .joined()
      .wait(5_000)
      .do((core, now) => core.closed(1, 1006, now));
    driver.take();
    driver.do((core, now) => core.leave(now));
    expect(driver.take()).toMatchObject([
      { type: "HangUp", connection: 2 },
      { event: { type: "Ended", reason: "client_left" } },
    ]);
  });

  it("leave behind a join that is under way takes it back", () => {
    const driver = new Driver().do((core, now) => core.start(now)).do((core, now) => core.opened(1, now));
    driver.take();
    driver.do((core, now) => core.leave(now));
    expect(driver.frames()).toMatchObject([{ frame: { seq: 1, kind: { case: "leave" } } }]);
    driver
      .receive(1, { kind: { case: "joined", value: { sid: "me" } } })
      .receive(1, { kind: { case: "left", value: {} } });
    expect(driver.events()).toMatchObject([{ type: "Ended", reason: "client_left" }]);
  });
});

describe("frames", () => {
  it("a duplicate is not delivered, but its cursor counts", () => {
    const driver = new Driver().joined();
    driver.receive(1, { cursor: "1.2.0", kind: { case: "offer", value: { from: "a", seq: 3 } } });
    driver.receive(1, { cursor: "1.3.0", kind: { case: "offer", value: { from: "a", seq: 3 } } });
    expect(driver.take().filter(({ type }) => type === "Deliver")).toHaveLength(1);
    driver.wait(200);
    expect(driver.frames()).toMatchObject([{ frame: { ackCursor: "1.3.0" } }]);
  });

  it("an unknown kind is passed over, and acknowledged", () => {
    const driver = new Driver().joined().receive(1, { cursor: "1.2.0" });
    expect(driver.take()).toEqual([]);
    driver.wait(200);
    expect(driver.frames()).toMatchObject([{ frame: { ackCursor: "1.2.0" } }]);
  });

  it("an error that answers nothing of ours is for the room", () => {
    const driver = new Driver().joined().receive(1, error("rate_limited"));
    expect(driver.take()).toMatchObject([{ type: "Deliver", kind: { case: "error" } }]);
  });

  it("when the server lost history, what was unsettled goes out again behind the snapshot", () => {
    const driver = new Driver().joined().do((core, now) => core.send(chat("a"), now));
    driver.take();
    driver.receive(1, {
      cursor: "2.0.0",
      kind: { case: "snapshot", value: { reason: Snapshot_Reason.EPOCH_CHANGED, snapshot: {} } },
    });
    expect(driver.take()).toMatchObject([
      { type: "Deliver", kind: { case: "snapshot" } },
      { type: "Transmit", frame: { seq: 1 } },
    ]);
  });

  it("the outbox is bounded", () => {
    const driver = new Driver().joined().do((core, now) => core.closed(1, 1006, now));
    for (let count = 0; count < 1_024; count += 1) {
      driver.core.send(chat("x"), driver.now);
    }
    expect(() => driver.core.send(chat("x"), driver.now)).toThrowError(
      expect.objectContaining({ code: "buffer_full" }),
    );
  });
});
