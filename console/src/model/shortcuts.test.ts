import { describe, expect, it } from "vitest";
import { ariaKeysOf, type Keystroke, keysOf, SHORTCUTS, shortcutOf } from "./shortcuts";

function stroke(key: string, changes: Partial<Keystroke> = {}): Keystroke {
  return {
    key,
    code: "",
    ctrlKey: true,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    repeat: false,
    getModifierState: () => false,
    ...changes,
  };
}

describe("shortcutOf", () => {
  it("finds each by its keys, with Ctrl or Cmd", () => {
    for (const { name, key, alt } of SHORTCUTS) {
      expect(shortcutOf(stroke(key, { altKey: alt }))).toBe(name);
      expect(shortcutOf(stroke(key, { altKey: alt, ctrlKey: false, metaKey: true }))).toBe(name);
    }
  });

  it("leaves letters without a modifier, held keys and other combinations alone", () => {
    expect(shortcutOf(stroke("d", { ctrlKey: false }))).toBeNull();
    expect(shortcutOf(stroke("d", { repeat: true }))).toBeNull();
    expect(shortcutOf(stroke("d", { shiftKey: true }))).toBeNull();
    expect(shortcutOf(stroke("d", { altKey: true }))).toBeNull();
    expect(shortcutOf(stroke("c"))).toBeNull();
  });

  it("does not take AltGr, which writes letters, for Ctrl+Alt", () => {
    const polish = stroke("ć", { code: "KeyC", altKey: true, getModifierState: (name) => name === "AltGraph" });
    expect(shortcutOf(polish)).toBeNull();
  });

  it("takes Cmd+Option on a Mac, where Firefox reports Option as AltGraph", () => {
    const firefox = stroke("˙", { code: "KeyH", altKey: true, ctrlKey: false, metaKey: true });
    expect(shortcutOf({ ...firefox, getModifierState: (name) => name === "AltGraph" })).toBe("hand");
  });

  it("goes by the key's place where the key writes no Latin letter", () => {
    expect(shortcutOf(stroke("в", { code: "KeyD" }))).toBe("microphone");
    expect(shortcutOf(stroke("˙", { code: "KeyH", altKey: true, ctrlKey: false, metaKey: true }))).toBe("hand");
  });
});

describe("keysOf", () => {
  it("writes them as each system does", () => {
    expect([keysOf("microphone", false), keysOf("hand", false)]).toEqual(["Ctrl+D", "Ctrl+Alt+H"]);
    expect([keysOf("microphone", true), keysOf("hand", true)]).toEqual(["⌘D", "⌘⌥H"]);
    expect(ariaKeysOf("hand")).toBe("Control+Alt+H Meta+Alt+H");
  });
});
