/** What the REST API of rooms answers with, as far as the admin view shows it (docs/openapi.json). */

/** A room. */
export interface Room {
  readonly name: string;
  readonly locked: boolean;
  /** Newcomers wait to be admitted. */
  readonly lobby: boolean;
  /** 0: no limit of the room's own. */
  readonly maxParticipants: number;
  readonly topology: { readonly active: string };
  readonly createdAtMs: number;
}

/** A room in the list of rooms. */
export interface ListedRoom extends Room {
  readonly participantCount: number;
  readonly waitingCount: number;
}

/** A session of somebody who is in a room, or waits in its lobby. */
export interface Participant {
  readonly sid: string;
  readonly identity: string;
  readonly name: string;
  readonly state: "WAITING" | "CONNECTED" | "DISCONNECTED";
  readonly role: "VIEWER" | "SPEAKER" | "MODERATOR";
  readonly tracks: readonly Track[];
  readonly joinedAtMs: number;
}

/** A track that a participant announces. */
export interface Track {
  readonly trackId: string;
  readonly kind: "AUDIO" | "VIDEO";
  readonly source: "MICROPHONE" | "CAMERA" | "SCREEN_SHARE" | "SCREEN_SHARE_AUDIO";
  readonly muted: boolean;
}

/** An identity that may not come back. */
export interface Ban {
  readonly identity: string;
  readonly untilMs: number;
}

/** A part of a long list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Leads to the next page; absent on the last one. */
  readonly nextCursor?: string | undefined;
}

/** What people call somebody. */
export function displayName({ name, identity }: { readonly name: string; readonly identity: string }): string {
  return name === "" ? identity : name;
}
