/** How many avatar tones the style sheets define (`.tone-0` …). */
export const TONES = 8;

/** One or two letters that stand for a name where there is no picture. */
export function initials(name: string): string {
  const words = name
    .trim()
    .split(/\s+/u)
    .filter((word) => word !== "");
  const first = firstLetter(words[0]);
  const last = words.length > 1 ? firstLetter(words[words.length - 1]) : "";
  return (first + last).toLocaleUpperCase() || "?";
}

/** A stable tone for an identity, so that a person has the same colour on everyone's screen. */
export function toneOf(identity: string): number {
  let hash = 2_166_136_261;
  for (let i = 0; i < identity.length; i += 1) {
    hash = Math.imul(hash ^ identity.charCodeAt(i), 16_777_619);
  }
  return (hash >>> 0) % TONES;
}

function firstLetter(word: string | undefined): string {
  return word === undefined ? "" : (Array.from(word).find((c) => /[\p{L}\p{N}]/u.test(c)) ?? "");
}
