/** What the keyboard can do in a call. */
export type ShortcutName = "microphone" | "camera" | "hand" | "chat" | "people" | "layout" | "help";

interface Shortcut {
  readonly name: ShortcutName;
  /** The letter or sign, in lower case. */
  readonly key: string;
  /** With Alt beside Ctrl, where browsers use Ctrl alone. */
  readonly alt: boolean;
  readonly words: string;
}

/** All of them, in the order of the help. Each has a modifier: speech input and stray keys set nothing off (WCAG 2.1.4). */
export const SHORTCUTS: readonly Shortcut[] = [
  { name: "microphone", key: "d", alt: false, words: "Microphone on or off" },
  { name: "camera", key: "e", alt: false, words: "Camera on or off" },
  { name: "hand", key: "h", alt: true, words: "Raise or lower your hand" },
  { name: "chat", key: "c", alt: true, words: "Open or close the chat" },
  { name: "people", key: "p", alt: true, words: "Show or hide the people" },
  { name: "layout", key: "l", alt: true, words: "Everyone alike, or one in large" },
  { name: "help", key: "/", alt: false, words: "Show this help" },
];

/** The parts of a `KeyboardEvent` that decide. */
export interface Keystroke {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
  readonly repeat: boolean;
  getModifierState(key: string): boolean;
}

/** Which shortcut a keystroke is, if one. Ctrl, or Cmd on a Mac. */
export function shortcutOf(stroke: Keystroke): ShortcutName | null {
  if (!(stroke.ctrlKey || stroke.metaKey) || stroke.repeat) return null;
  // AltGr counts as Ctrl+Alt on Windows, and writes letters in half of Europe. Firefox on a Mac calls every Option so.
  if (!stroke.metaKey && stroke.getModifierState("AltGraph")) return null;
  const key = letterOf(stroke);
  const found = SHORTCUTS.find((shortcut) => shortcut.key === key && shortcut.alt === stroke.altKey);
  // Some keyboards have the slash above another sign.
  return found === undefined || (stroke.shiftKey && key !== "/") ? null : found.name;
}

/** The keys as they are written beside a button, for example `Ctrl+Alt+H`. */
export function keysOf(name: ShortcutName, isMac: boolean): string {
  const shortcut = SHORTCUTS.find((one) => one.name === name);
  if (shortcut === undefined) return "";
  const modifiers = isMac ? (shortcut.alt ? "⌘⌥" : "⌘") : shortcut.alt ? "Ctrl+Alt+" : "Ctrl+";
  return `${modifiers}${shortcut.key.toUpperCase()}`;
}

/** The keys for `aria-keyshortcuts`. */
export function ariaKeysOf(name: ShortcutName): string {
  const shortcut = SHORTCUTS.find((one) => one.name === name);
  if (shortcut === undefined) return "";
  const rest = `${shortcut.alt ? "Alt+" : ""}${shortcut.key.toUpperCase()}`;
  return `Control+${rest} Meta+${rest}`;
}

/** Alt makes other signs of letters on a Mac, and some keyboards have no Latin ones: then the key's place decides. */
function letterOf({ key, code }: Keystroke): string {
  const typed = key.toLowerCase();
  if (/^[a-z/]$/.test(typed)) return typed;
  return code === "Slash" ? "/" : (/^Key([A-Z])$/.exec(code)?.[1]?.toLowerCase() ?? "");
}
