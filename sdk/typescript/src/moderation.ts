import { type ParticipantRole, type TopologyMode, wireRole, wireTopology } from "./models.js";
import type { ClientKind } from "./session/frames.js";

/** What of a room can be changed. What is left out stays as it is. */
export interface RoomUpdate {
  /** The application's own text about the room. */
  readonly metadata?: string;
  /** Nobody joins but moderators. */
  readonly locked?: boolean;
  /** Newcomers wait to be admitted; switching it off admits everyone who waits. */
  readonly lobby?: boolean;
  /** 0: no limit. */
  readonly maxParticipants?: number;
  /** How media travels. */
  readonly topology?: TopologyMode;
}

/** What moderators do. */
export class Moderation {
  readonly #request: (kind: ClientKind) => Promise<void>;

  constructor(request: (kind: ClientKind) => Promise<void>) {
    this.#request = request;
  }

  kick(
    sid: string,
    { reason = "", allowRejoin = false }: { readonly reason?: string; readonly allowRejoin?: boolean },
  ): Promise<void> {
    return this.#request({ case: "kick", value: { sid, reason, allowRejoin } });
  }

  mute(sid: string, trackId = ""): Promise<void> {
    return this.#request({ case: "mute", value: { sid, trackId } });
  }

  admit(sid: string): Promise<void> {
    return this.#request({ case: "admit", value: { sid } });
  }

  refuse(sid: string, reason = ""): Promise<void> {
    return this.#request({ case: "refuse", value: { sid, reason } });
  }

  setRole(sid: string, role: ParticipantRole): Promise<void> {
    return this.#request({ case: "setRole", value: { sid, role: wireRole(role) } });
  }

  update({ topology, ...change }: RoomUpdate): Promise<void> {
    const value = topology === undefined ? change : { ...change, topology: wireTopology(topology) };
    return this.#request({ case: "updateRoom", value });
  }

  endRoom(reason = ""): Promise<void> {
    return this.#request({ case: "endRoom", value: { reason } });
  }
}
