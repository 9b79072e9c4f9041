import { beforeEach, describe, expect, it, vi } from "vitest";

import { Left_Reason } from "./gen/antiphon/v1/signal_pb.js";
import { settle } from "./testing/fake-clock.js";
import { FakeMediaStream } from "./testing/fake-media.js";
import { Stage } from "./testing/stage.js";

vi.stubGlobal("MediaStream", FakeMediaStream);

let stage: Stage;
beforeEach(() => {
  stage = new Stage("aaaa", "bbbb", "cccc", "dddd", "eeee", "ffff");
});

describe("chat and data", () => {
  it("a private message reaches its recipient and is in both logs once", async () => {
    const [ada, bob] = [await stage.joined("ada"), await stage.joined("bob")];
    const cleo = await stage.joined("cleo");
    const message = await ada.room.sendChat("psst", { to: "bbbb" });
    await stage.settle();
    expect(message).toMatchObject({ text: "psst", to: "bbbb", sid: "aaaa", id: "aaaa-1" });
    expect([ada, bob, cleo].map(({ room }) => room.chat.map(({ text }) => text))).toEqual([["psst"], ["psst"], []]);
  });

  it("a refused message rejects and is not in the chat", async () => {
    const ada = await stage.joined("ada");
    stage.server.intercept = ({ kind, seq }) =>
      kind.case === "chat"
        ? { kind: { case: "error", value: { code: "rate_limited", seq, retryAfterMs: 900 } } }
        : undefined;
    await expect(ada.room.sendChat("too fast")).rejects.toMatchObject({ code: "rate_limited", retryAfterMs: 900 });
    expect(ada.room.chat).toEqual([]);
  });

  it("messages that the server cannot take now are taken later, each once and in order", async () => {
    const [ada, bob] = [await stage.joined("ada"), await stage.joined("bob")];
    let refusals = 0;
    stage.server.intercept = ({ kind, seq }) => {
      if (kind.case !== "chat" || refusals === 2) {
        return undefined;
      }
      refusals += 1;
      return { kind: { case: "error", value: { code: "unavailable", seq, retryAfterMs: 1_000 } } };
    };
    const sending = ["one", "two", "three"].map((text) => ada.room.sendChat(text));
    await stage.settle(1_000);
    await stage.settle(1_000);
    await stage.settle();
    expect((await Promise.all(sending)).map(({ text, seq }) => [text, seq])).toEqual([
      ["one", 1],
      ["two", 2],
      ["three", 3],
    ]);
    expect(bob.room.chat.map(({ text }) => text)).toEqual(["one", "two", "three"]);
    expect([refusals, ada.room.state, ada.take()]).toEqual([
      2,
      "connected",
      ["connected", "participantJoined", "chat", "chat", "chat"],
    ]);
  });

  it("a message whose fate was settled out of sight does not wait for ever", async () => {
    const ada = await stage.joined("ada");
    stage.server.intercept = ({ kind }) => {
      if (kind.case !== "chat") {
        return undefined;
      }
      stage.server.cut("aaaa");
      stage.server.forgetLog("aaaa");
      return "ignore";
    };
    const sending = ada.room.sendChat("refused, but who knows");
    sending.catch(() => {});
    await stage.settle(9_999);
    await stage.settle(1);
    await expect(sending).rejects.toMatchObject({ code: "timed_out" });
  });

  it("a refusal that a broken connection delayed still rejects its message", async () => {
    const ada = await stage.joined("ada");
    stage.server.intercept = ({ kind, seq }) => {
      if (kind.case !== "chat") {
        return undefined;
      }
      stage.server.cut("aaaa");
      stage.server.tell("aaaa", { kind: { case: "error", value: { code: "permission_denied", seq } } });
      return "ignore";
    };
    const sending = ada.room.sendChat("refused out of sight");
    sending.catch(() => {});
    await stage.settle();
    await expect(sending).rejects.toMatchObject({ code: "permission_denied" });
    expect([ada.room.chat, ada.take()]).toEqual([[], ["connected", "reconnecting", "reconnected"]]);
  });

  it("a message whose session is lost while its room is being left does not wait for ever", async () => {
    const ada = await stage.joined("ada");
    ada.room.on("reconnecting", ({ reason }) => {
      // The session is lost by then; its message learns of that a moment later.
      if (reason === "refused") {
        void ada.room.leave();
      }
    });
    stage.server.intercept = ({ kind }) => (kind.case === "chat" ? "ignore" : undefined);
    const sending = ada.room.sendChat("too late");
    sending.catch(() => {});
    await settle();
    stage.server.remove("aaaa", Left_Reason.RESUME_TIMEOUT);
    await stage.settle(1_000);
    await expect(sending).rejects.toMatchObject({ code: "disconnected" });
    await ada.join("ada");
    await stage.settle(60_000);
    expect(stage.server.chat).toEqual([]);
  });

  it("a message written while there is no session is not mistaken for one of the session before", async () => {
    const ada = await stage.joined("ada");
    await ada.room.sendChat("the first of the first session");
    let again: Promise<unknown> | undefined;
    ada.room.on("reconnecting", () => {
      again ??= ada.room.sendChat("the first of the second session");
    });
    stage.server.remove("aaaa", Left_Reason.RESUME_TIMEOUT);
    stage.server.intercept = ({ kind }) => {
      if (kind.case !== "chat") {
        return undefined;
      }
      stage.server.intercept = undefined;
      stage.server.remove("bbbb", Left_Reason.RESUME_TIMEOUT);
      return "ignore";
    };
    await stage.settle(2_000);
    await stage.settle();
    await expect(again).resolves.toMatchObject({ sid: "cccc", text: "the first of the second session" });
    expect(stage.server.chat.map(({ text }) => text)).toEqual([
      "the first of the first session",
      "the first of the second session",
    ]);
  });

  it("two messages of two sessions under one number both come back", async () => {
    const ada = await stage.joined("ada");
    stage.server.intercept = ({ kind }) => (kind.case === "chat" ? "ignore" : undefined);
    const sending = [ada.room.sendChat("one")];
    ada.room.on("reconnecting", () => {
      stage.server.intercept = undefined;
      sending.push(ada.room.sendChat("two"));
    });
    await settle();
    stage.server.remove("aaaa", Left_Reason.RESUME_TIMEOUT);
    await stage.settle(1_000);
    await stage.settle();
    expect((await Promise.all(sending)).map(({ text }) => text)).toEqual(["one", "two"]);
    expect(stage.server.chat.map(({ text }) => text).sort()).toEqual(["one", "two"]);
  });

  it("where the room began anew, a message that had gone out rejects, and one that had not goes out", async () => {
    const ada = await stage.joined("ada");
    stage.server.intercept = ({ kind }) => (kind.case === "chat" ? "ignore" : undefined);
    const gone = ada.room.sendChat("gone out");
    gone.catch(() => {});
    await stage.settle();
    stage.server.intercept = undefined;
    stage.server.isDown = true;
    stage.server.forgetRoom();
    const kept = ada.room.sendChat("kept");
    stage.server.isDown = false;
    await stage.settle(5_000);
    await expect(gone).rejects.toMatchObject({ code: "resume_failed" });
    await expect(kept).resolves.toMatchObject({ text: "kept" });
    expect(stage.server.chat.map(({ text }) => text)).toEqual(["kept"]);
  });

  it("a message that was refused out of sight is not sent again behind a later one", async () => {
    const ada = await stage.joined("ada");
    stage.server.intercept = ({ kind }) => (kind.case === "chat" && kind.value.text === "refused" ? "ignore" : undefined);
    const sending = [ada.room.sendChat("refused"), ada.room.sendChat("taken")];
    sending.forEach((one) => void one.catch(() => {}));
    await settle();
    stage.server.intercept = undefined;
    stage.server.remove("aaaa", Left_Reason.RESUME_TIMEOUT);
    await stage.settle(5_000);
    await expect(sending[1]).resolves.toMatchObject({ text: "taken" });
    // It was settled before that one, and is not in the history.
    await expect(sending[0]).rejects.toMatchObject({ code: "resume_failed" });
    expect(stage.server.chat.map(({ text }) => text)).toEqual(["taken"]);
  });

  it("a message that was taken and did not come back waits for no longer than its room or session", async () => {
    const acknowledgeOnly = () => {
      stage.server.intercept = ({ kind, seq }) => {
        if (kind.case !== "chat") {
          return undefined;
        }
        stage.server.intercept = undefined;
        return { ackSeq: seq, kind: { case: "ack", value: {} } };
      };
    };
    const ada = await stage.joined("ada");
    acknowledgeOnly();
    const again = ada.room.sendChat("again");
    await stage.settle();
    stage.server.restart();
    await stage.settle(1_000);
    await expect(again).resolves.toMatchObject({ sid: "bbbb", text: "again" });
    acknowledgeOnly();
    const never = ada.room.sendChat("never");
    never.catch(() => {});
    await stage.settle();
    stage.server.remove("bbbb", Left_Reason.KICKED);
    await expect(never).rejects.toMatchObject({ code: "disconnected" });
  });

  it("a message that the server took is in the chat even if it does not come back", async () => {
    const ada = await stage.joined("ada");
    stage.server.intercept = ({ kind, seq }) =>
      kind.case === "chat" ? { ackSeq: seq, kind: { case: "ack", value: {} } } : undefined;
    const sending = ada.room.sendChat("taken");
    await stage.settle(10_000);
    await expect(sending).resolves.toMatchObject({ text: "taken", sid: "aaaa" });
    expect(ada.room.chat.map(({ text }) => text)).toEqual(["taken"]);
  });

  it("a deleted message disappears", async () => {
    const ada = await stage.joined("ada");
    const { id } = await ada.room.sendChat("oops");
    stage.server.tell("aaaa", { kind: { case: "chatDeleted", value: { id, by: "aaaa" } } });
    expect([ada.room.chat, ada.last("chatDeleted")]).toEqual([[], [id]]);
  });

  it("data carries bytes, topic and sender", async () => {
    const [ada, bob] = [await stage.joined("ada"), await stage.joined("bob")];
    await ada.room.sendData(new Uint8Array([1, 2, 255]), { topic: "draw" });
    await stage.settle();
    expect(bob.last("data")).toEqual([
      { payload: new Uint8Array([1, 2, 255]), topic: "draw", from: "aaaa", lossy: false },
      bob.remote("aaaa"),
    ]);
  });

  it("lossy data is not kept for later", async () => {
    const ada = await stage.joined("ada");
    stage.server.isDown = true;
    stage.server.cut("aaaa");
    await ada.room.sendData(new Uint8Array([1]), { lossy: true });
    stage.server.isDown = false;
    await stage.settle(1_000);
    await stage.settle();
    expect(stage.server.sockets.at(-1)?.sent.map(({ kind }) => kind.case)).not.toContain("data");
  });
});
