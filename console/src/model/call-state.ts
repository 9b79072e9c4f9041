import type { Quality } from "./quality";

/** A track of somebody in the call, as the page shows it. */
export interface TrackState {
  readonly trackId: string;
  readonly muted: boolean;
  /** What to render; null until media has arrived. */
  readonly media: MediaStreamTrack | null;
}

/** Somebody in the call, oneself included. */
export interface Person {
  readonly sid: string;
  readonly identity: string;
  readonly name: string;
  readonly isLocal: boolean;
  readonly isModerator: boolean;
  /** Its connection to the server stands; false while it is trying to come back. */
  readonly isConnected: boolean;
  readonly isSpeaking: boolean;
  /** How well its media gets through; null where nothing was measured yet. */
  readonly quality: Quality | null;
  /** The ticket of its raised hand, see `readHand`; null while it is down. */
  readonly hand: number | null;
  readonly microphone: TrackState | null;
  readonly camera: TrackState | null;
  readonly screen: TrackState | null;
  readonly screenAudio: TrackState | null;
}

/** A message in the chat. */
export interface ChatEntry {
  readonly id: string;
  readonly sid: string;
  readonly identity: string;
  readonly name: string;
  readonly text: string;
  readonly sentAtMs: number;
  readonly isOwn: boolean;
  readonly isPrivate: boolean;
}

/** Where the call's connection to the server stands. */
export type Connection =
  | { readonly phase: "joining" }
  /** In the lobby. */
  | { readonly phase: "waiting" }
  | { readonly phase: "live" }
  | {
      readonly phase: "reconnecting";
      /** 1 for the first try. */
      readonly attempt: number;
      /** When the next try starts, in milliseconds since the Unix epoch; null while one is under way. */
      readonly retryAtMs: number | null;
      /** The server asked for it: nothing is wrong. */
      readonly isPlanned: boolean;
      /** It is the call that is to be continued, not the wait in the lobby. */
      readonly isInside: boolean;
    };

/** How a call came to its end. */
export type EndingKind =
  | "left"
  | "kicked"
  | "replaced"
  | "roomEnded"
  | "refused"
  | "tokenExpired"
  | "timedOut"
  /** Given up after many tries. */
  | "lost"
  | "failed";

/** The end of a call, or of the attempt to join one. */
export interface Ending {
  readonly kind: EndingKind;
  /** The protocol's error code, where there is one. */
  readonly code?: string;
  /** What a moderator or the server said about it; may be empty. */
  readonly message: string;
}

/** Something that the person has to be told once. */
export interface Announcement {
  readonly text: string;
}

/** Everything that the call page shows. Each change makes a new object; unchanged parts are shared. */
export interface CallState {
  readonly connection: Connection;
  readonly room: {
    readonly name: string;
    /** Nobody joins but moderators. */
    readonly isLocked: boolean;
    /** Newcomers wait until a moderator lets them in. */
    readonly hasLobby: boolean;
  };
  /** Oneself first, then the others in the order in which they joined. */
  readonly people: readonly Person[];
  /** Who waits in the lobby; empty for everyone but moderators. */
  readonly lobby: readonly Person[];
  readonly chat: readonly ChatEntry[];
  /** The newest thing that the person has to be told; a new object for each. */
  readonly announcement: Announcement | null;
  /** Set once, at the end. */
  readonly ending: Ending | null;
}

/** Whether anything can be heard of a person. */
export function isAudible(person: Person): boolean {
  return person.microphone !== null && !person.microphone.muted;
}

/** Whether anything can be seen of a person but its initials. */
export function isVisible(person: Person): boolean {
  return person.camera !== null && !person.camera.muted;
}
