import { type Allowance, type RateLimit, take } from "./rate-limit";

/** What somebody can say without words. Only these are sent and shown: a stranger's bytes never reach the screen. */
export const REACTIONS = [
  { id: "yes", emoji: "👍", words: "Thumbs up" },
  { id: "applause", emoji: "👏", words: "Applause" },
  { id: "heart", emoji: "❤️", words: "Heart" },
  { id: "laugh", emoji: "😂", words: "Laughing" },
  { id: "wow", emoji: "😮", words: "Surprised" },
  { id: "celebrate", emoji: "🎉", words: "Celebrating" },
] as const;

/** One of {@link REACTIONS}. */
export type Reaction = (typeof REACTIONS)[number];

/** The topic of the lossy data that carries a reaction's id. */
export const REACTION_TOPIC = "antiphon.reaction";

/** How often one's own go out: as fast as fingers that mean it. */
export const REACTION_RATE: RateLimit = { burst: 5, perSecond: 2 };

/** A reaction on the screen. */
export interface ShownReaction {
  readonly key: number;
  readonly sid: string;
  readonly name: string;
  readonly reaction: Reaction;
  /** Where it rises, in parts of the width from 0 to 1. */
  readonly place: number;
}

/** Beyond this the oldest give way: a crowd's applause stays a picture and does not become a curtain. */
export const MOST_SHOWN = 20;

const LONGEST_ID = 16;

/** The bytes of a reaction. */
export function encodeReaction({ id }: Reaction): Uint8Array {
  return new TextEncoder().encode(id);
}

/** The reaction that the bytes stand for, or null where they stand for none. */
export function decodeReaction(payload: Uint8Array): Reaction | null {
  if (payload.length > LONGEST_ID) return null;
  const id = new TextDecoder().decode(payload);
  return REACTIONS.find((reaction) => reaction.id === id) ?? null;
}

/** Adds one to those on the screen. */
export function show(shown: readonly ShownReaction[], next: ShownReaction): readonly ShownReaction[] {
  return [...shown, next].slice(-MOST_SHOWN);
}

/** Limits what each sender gets onto the screen, since another client may keep to no limit. */
export class SenderLimits {
  /** The senders remembered; the oldest are forgotten first, and begin with a full allowance again. */
  static readonly MOST_SENDERS = 256;
  readonly #allowances = new Map<string, Allowance>();

  /** Whether one more from `sid` is to be shown. */
  allows(sid: string, nowMs: number): boolean {
    const { isAllowed, allowance } = take(REACTION_RATE, this.#allowances.get(sid) ?? null, nowMs);
    this.#allowances.delete(sid);
    this.#allowances.set(sid, allowance);
    for (const oldest of this.#allowances.keys()) {
      if (this.#allowances.size <= SenderLimits.MOST_SENDERS) break;
      this.#allowances.delete(oldest);
    }
    return isAllowed;
  }
}
