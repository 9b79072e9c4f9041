import { describe, expect, it, vi } from "vitest";
import { REACTION_RATE, REACTION_TOPIC, REACTIONS } from "../model/reactions";
import { somebody } from "../testing/somebody";
import { type GestureListener, type GestureRoom, Gestures } from "./gestures";

function stage() {
  let receive: (message: object, participant: object | undefined) => void = () => undefined;
  const sendData = vi.fn(() => Promise.resolve());
  const setAttributes = vi.fn(() => Promise.resolve());
  const listener = { onReaction: vi.fn(), onHandLowered: vi.fn() } satisfies GestureListener;
  const room = {
    sendData,
    localParticipant: { sid: "me", setAttributes },
    on: (_: string, listen: typeof receive) => (receive = listen),
  };
  const gestures = new Gestures(room as unknown as GestureRoom, listener, () => 0);
  const data = (topic: string, payload: Uint8Array, role = "speaker") =>
    receive({ topic, payload, from: "ada", lossy: true }, { role });
  return { gestures, listener, sendData, setAttributes, data, receive: () => receive };
}

const HEART = new TextEncoder().encode("heart");

describe("Gestures", () => {
  it("raises a hand behind those that are up, and lowers it by removing the attribute", async () => {
    const { gestures, setAttributes } = stage();
    await gestures.setHand(true, [somebody("ada", { hand: 2 })]);
    await gestures.setHand(false, []);
    expect(setAttributes.mock.calls).toEqual([[{ hand: "3" }], [{ hand: "" }]]);
  });

  it("shows one's own reaction at once and sends it lossy", () => {
    const { gestures, listener, sendData } = stage();
    gestures.react(REACTIONS[2]);
    expect(listener.onReaction).toHaveBeenCalledWith("me", REACTIONS[2]);
    expect(sendData).toHaveBeenCalledWith(HEART, { topic: REACTION_TOPIC, lossy: true });
  });

  it("sends no more than the rate, and shows no more of somebody who does", () => {
    const { gestures, listener, sendData, data } = stage();
    for (let i = 0; i < 30; i += 1) gestures.react(REACTIONS[0]);
    expect(sendData).toHaveBeenCalledTimes(REACTION_RATE.burst);
    listener.onReaction.mockClear();
    for (let i = 0; i < 30; i += 1) data(REACTION_TOPIC, HEART);
    expect(listener.onReaction).toHaveBeenCalledTimes(REACTION_RATE.burst);
  });

  it("ignores what is no reaction, and senders who are not in the room", () => {
    const { listener, data, receive } = stage();
    data(REACTION_TOPIC, new TextEncoder().encode("<img>"));
    data("somebody.elses", HEART);
    receive()({ topic: REACTION_TOPIC, payload: HEART, from: "ghost", lossy: true }, undefined);
    expect(listener.onReaction).not.toHaveBeenCalled();
  });

  it("lets moderators lower a hand, and nobody else", () => {
    const { listener, data } = stage();
    data("antiphon.lowerHand", new Uint8Array(), "speaker");
    expect(listener.onHandLowered).not.toHaveBeenCalled();
    data("antiphon.lowerHand", new Uint8Array(), "moderator");
    expect(listener.onHandLowered).toHaveBeenCalledOnce();
  });
});
