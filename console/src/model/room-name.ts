const MOODS = (
  "amber bright calm clear eager gentle golden happy " + "kind lively lucky mellow quiet silver sunny warm"
).split(" ");
const PLACES = (
  "alcove atrium bridge cellar choir cloister garden harbor " +
  "lantern meadow orchard pavilion terrace tower valley willow"
).split(" ");

/** The longest room name that the form accepts. */
export const MAX_ROOM_NAME = 64;

/** A name that can be read out over the phone, such as `quiet-garden-42`. `random` is as `Math.random`. */
export function friendlyRoomName(random: () => number): string {
  const number = 10 + Math.floor(random() * 90);
  return `${pick(MOODS, random)}-${pick(PLACES, random)}-${number}`;
}

/** What a person typed, as a room name: trimmed, lower case, words joined by hyphens. Empty where nothing remains. */
export function normalizeRoomName(typed: string): string {
  return typed
    .normalize("NFC")
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}._-]+/gu, "-")
    .replace(/-{2,}/g, "-")
    .replace(/^-|-$/g, "")
    .slice(0, MAX_ROOM_NAME);
}

function pick(words: readonly string[], random: () => number): string {
  return words[Math.floor(random() * words.length)] ?? "room";
}
