import type { DataMessage, RemoteParticipant, Room } from "@antiphon/client";
import { HAND_ATTRIBUTE, nextTicket } from "../model/hand";
import type { Person } from "../model/call-state";
import {
  decodeReaction,
  encodeReaction,
  type Reaction,
  REACTION_TOPIC,
  SenderLimits,
} from "../model/reactions";

/** A moderator asks somebody to take the hand down: the protocol lets nobody change another's attributes. */
const LOWER_HAND_TOPIC = "antiphon.lowerHand";

/** The part of a {@link Room} that carries gestures. */
export type GestureRoom = Pick<Room, "sendData" | "on"> & {
  readonly localParticipant: Pick<Room["localParticipant"], "sid" | "setAttributes">;
};

/** What the page is told. */
export interface GestureListener {
  onReaction(sid: string, reaction: Reaction): void;
  /** A moderator took one's own hand down. */
  onHandLowered(): void;
}

/** What people say without words: hands and reactions. */
export class Gestures {
  readonly #room: GestureRoom;
  readonly #listener: GestureListener;
  readonly #limits = new SenderLimits();
  readonly #now: () => number;

  constructor(room: GestureRoom, listener: GestureListener, now: () => number) {
    this.#room = room;
    this.#listener = listener;
    this.#now = now;
    room.on("data", (message, participant) => this.#receive(message, participant));
  }

  /** Raises or lowers one's own hand. */
  setHand(isUp: boolean, people: readonly Person[]): Promise<void> {
    return this.#room.localParticipant.setAttributes({ [HAND_ATTRIBUTE]: isUp ? String(nextTicket(people)) : "" });
  }

  /** Moderators: asks somebody's page to take the hand down. */
  lowerHandOf(sid: string): Promise<void> {
    return this.#room.sendData(new Uint8Array(), { topic: LOWER_HAND_TOPIC, to: [sid] });
  }

  /** Shows a reaction to everyone, oneself included. More than fingers can mean are dropped. */
  react(reaction: Reaction): void {
    const { sid } = this.#room.localParticipant;
    if (!this.#limits.allows(sid, this.#now())) return;
    this.#listener.onReaction(sid, reaction);
    // Lossy: where there is no connection it is gone, as a clap in an empty hall.
    this.#room.sendData(encodeReaction(reaction), { topic: REACTION_TOPIC, lossy: true }).catch(() => undefined);
  }

  #receive({ topic, payload, from }: DataMessage, participant: RemoteParticipant | undefined): void {
    if (participant === undefined) return;
    if (topic === REACTION_TOPIC) {
      const reaction = decodeReaction(payload);
      if (reaction !== null && this.#limits.allows(from, this.#now())) this.#listener.onReaction(from, reaction);
    } else if (topic === LOWER_HAND_TOPIC && participant.role === "moderator") {
      this.#listener.onHandLowered();
    }
  }
}
