import type { Person } from "./call-state";

/** One tile on the stage. */
export interface Tile {
  readonly key: string;
  readonly person: Person;
  readonly shows: "camera" | "screen";
}

/** What the stage shows. */
export interface Stage {
  /** The screen that is shared, in large; null when nobody shares. */
  readonly spotlight: Tile | null;
  readonly tiles: readonly Tile[];
  /** People who have no tile because there are too many; they are heard all the same. */
  readonly overflow: readonly Person[];
}

/** More than this do not fit a screen readably. */
export const MOST_TILES = 16;

/**
 * Who is seen where. With too many people, those who can be seen or heard come first and the last tile stands for the
 * rest.
 */
export function arrangeStage(people: readonly Person[]): Stage {
  const screens = people.filter((person) => person.screen !== null && !person.screen.muted);
  // Somebody else's screen before one's own: a picture of the page one looks at helps nobody.
  const sharer = screens.find((person) => !person.isLocal) ?? screens[0];
  const spotlight: Tile | null = sharer === undefined ? null : screenTile(sharer);
  const others = screens.filter((person) => person !== sharer).map(screenTile);
  const room = MOST_TILES - others.length;

  if (people.length <= room) return { spotlight, tiles: [...others, ...people.map(cameraTile)], overflow: [] };
  const ranked = people
    .map((person, index) => ({ person, index }))
    .sort((a, b) => rank(a.person) - rank(b.person) || a.index - b.index);
  const seen = new Set(ranked.slice(0, Math.max(1, room - 1)).map(({ person }) => person));
  return {
    spotlight,
    tiles: [...others, ...people.filter((person) => seen.has(person)).map(cameraTile)],
    overflow: people.filter((person) => !seen.has(person)),
  };
}

function cameraTile(person: Person): Tile {
  return { key: `${person.sid}/camera`, person, shows: "camera" };
}

function screenTile(person: Person): Tile {
  return { key: `${person.sid}/screen`, person, shows: "screen" };
}

function rank(person: Person): number {
  if (person.isLocal) return 0;
  if (person.camera !== null && !person.camera.muted) return 1;
  if (person.microphone !== null && !person.microphone.muted) return 2;
  return 3;
}
