import type { Person } from "./call-state";

/** One tile on the stage. */
export interface Tile {
  readonly key: string;
  readonly person: Person;
  readonly shows: "camera" | "screen";
}

/** Everyone alike, or one in large. */
export type Layout = "grid" | "spotlight";

/** How somebody wants to see the call. */
export interface View {
  readonly layout: Layout;
  /** The tile that was chosen for the spotlight; it goes before everything else for as long as it is there. */
  readonly pinned: string | null;
  /** The sid of who spoke last; in the spotlight where the layout has one and nothing else is to be seen. */
  readonly speaker: string | null;
  /** The sids of those who have tiles, in order; from {@link chooseSeen}. */
  readonly seen: readonly string[];
}

/** What the stage shows. */
export interface Stage {
  /** The tile in large: the chosen one, a shared screen, or who speaks; null where all are alike. */
  readonly spotlight: Tile | null;
  readonly tiles: readonly Tile[];
  /** People who have no tile because there are too many; they are heard all the same. */
  readonly overflow: readonly Person[];
}

/** More than this do not fit a screen readably. */
export const MOST_TILES = 16;

/** Who is seen where. */
export function arrangeStage(people: readonly Person[], view: View): Stage {
  const byId = new Map(people.map((person) => [person.sid, person]));
  const seen = view.seen.flatMap((sid) => byId.get(sid) ?? []);
  const screens = people.filter(sharesScreen).map(screenTile);
  const all = [...screens, ...seen.map(cameraTile)];
  const spotlight = chooseSpotlight(all, people, view);
  return {
    spotlight,
    tiles: all.filter((tile) => tile.key !== spotlight?.key),
    overflow: people.filter((person) => !view.seen.includes(person.sid)),
  };
}

/**
 * The sids of those who have a tile. Up to {@link MOST_TILES} that is everyone, in the order in which they joined.
 * Beyond, whoever is seen stays seen and stays in place: who begins to speak takes the place of the one who is missed
 * least.
 *
 * @param before what this function gave last
 * @param recent who spoke, the latest first
 */
export function chooseSeen(
  people: readonly Person[],
  before: readonly string[],
  recent: readonly string[],
): readonly string[] {
  const room = MOST_TILES - people.filter(sharesScreen).length;
  if (people.length <= room) return same(before, people.map(({ sid }) => sid));
  // One place stands for the rest.
  const places = Math.max(1, room - 1);
  const byId = new Map(people.map((person) => [person.sid, person]));
  const rank = (sid: string) => rankOf(byId.get(sid), recent);

  const staying = before.filter((sid) => byId.has(sid));
  const leastFirst = [...staying].sort((a, b) => rank(b) - rank(a));
  const crowdedOut = new Set(leastFirst.slice(0, Math.max(0, staying.length - places)));
  const seen = staying.filter((sid) => !crowdedOut.has(sid));
  const others = people.map(({ sid }) => sid).filter((sid) => !seen.includes(sid));
  others.sort((a, b) => rank(a) - rank(b));
  seen.push(...others.splice(0, places - seen.length));

  const unseenSpeakers = others.filter((sid) => byId.get(sid)?.isSpeaking);
  for (const speaker of unseenSpeakers) {
    const least = [...seen].sort((a, b) => rank(b) - rank(a)).find((sid) => isReplaceable(byId.get(sid)));
    if (least === undefined) break;
    seen[seen.indexOf(least)] = speaker;
  }
  return same(before, seen);
}

/** Adds who speaks now to those who spoke, the latest first. Nobody moves who speaks on. */
export function rememberSpeakers(recent: readonly string[], people: readonly Person[]): readonly string[] {
  const begun = people.filter((person) => person.isSpeaking && !person.isLocal && !recent.slice(0, 1).includes(person.sid));
  const present = recent.filter((sid) => people.some((person) => person.sid === sid));
  const speaksOn = people.some((person) => person.sid === present[0] && person.isSpeaking);
  // Interjections do not take the spotlight from somebody who goes on speaking.
  const first = speaksOn ? present.slice(0, 1) : [];
  const news = begun.map(({ sid }) => sid);
  const rest = present.filter((sid) => !first.includes(sid) && !news.includes(sid));
  return same(recent, [...first, ...news, ...rest]);
}

function chooseSpotlight(tiles: readonly Tile[], people: readonly Person[], view: View): Tile | null {
  const chosen = tiles.find((tile) => tile.key === view.pinned);
  if (chosen !== undefined) return chosen;
  const screens = tiles.filter((tile) => tile.shows === "screen");
  // Somebody else's screen before one's own: a picture of the page one looks at helps nobody.
  const screen = screens.find((tile) => !tile.person.isLocal) ?? screens[0];
  if (screen !== undefined) return screen;
  if (view.layout === "grid" || people.length < 2) return null;
  const cameras = tiles.filter((tile) => !tile.person.isLocal);
  return cameras.find((tile) => tile.person.sid === view.speaker) ?? cameras[0] ?? null;
}

/** A person's tile with the camera's picture. */
export function cameraTile(person: Person): Tile {
  return { key: `${person.sid}/camera`, person, shows: "camera" };
}

function screenTile(person: Person): Tile {
  return { key: `${person.sid}/screen`, person, shows: "screen" };
}

function sharesScreen(person: Person): boolean {
  return person.screen !== null && !person.screen.muted;
}

function isReplaceable(person: Person | undefined): boolean {
  return person !== undefined && !person.isLocal && !person.isSpeaking;
}

/** Lower is missed more. */
function rankOf(person: Person | undefined, recent: readonly string[]): number {
  if (person === undefined) return Number.MAX_SAFE_INTEGER;
  if (person.isLocal) return 0;
  const spoke = recent.indexOf(person.sid);
  if (spoke >= 0) return 1 + spoke;
  const silent = 1 + recent.length;
  if (person.camera !== null && !person.camera.muted) return silent;
  if (person.microphone !== null && !person.microphone.muted) return silent + 1;
  return silent + 2;
}

/** The old list where nothing changed, so that nothing renders again. */
function same(before: readonly string[], after: readonly string[]): readonly string[] {
  return before.length === after.length && before.every((sid, index) => sid === after[index]) ? before : after;
}
