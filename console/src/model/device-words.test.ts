import { describe, expect, it } from "vitest";
import { classifyDeviceError, deviceWords, type DeviceTrouble } from "./device-words";

const TROUBLES: readonly DeviceTrouble[] = [
  "denied",
  "blockedBySystem",
  "dismissed",
  "missing",
  "busy",
  "unsuitable",
  "insecure",
  "forbidden",
  "unknown",
];

describe("classifyDeviceError", () => {
  it.each([
    ["NotAllowedError", "Permission denied", "denied"],
    ["NotAllowedError", "Permission dismissed", "dismissed"],
    ["NotAllowedError", "Permission denied by system", "blockedBySystem"],
    ["NotAllowedError", "Access to the feature is disallowed by permissions policy", "forbidden"],
    ["NotFoundError", "Requested device not found", "missing"],
    ["NotReadableError", "Could not start video source", "busy"],
    ["AbortError", "Starting videoinput failed", "busy"],
    ["OverconstrainedError", "", "unsuitable"],
    ["SecurityError", "", "forbidden"],
    ["TypeError", "x", "unknown"],
  ])("sorts %s “%s” as %s", (name, message, trouble) => {
    expect(classifyDeviceError(Object.assign(new Error(message), { name }))).toBe(trouble);
  });

  it("does not trip over what is no error at all", () => {
    for (const thrown of [undefined, null, "no", 7, {}]) expect(classifyDeviceError(thrown)).toBe("unknown");
  });
});

describe("deviceWords", () => {
  it("has words for every trouble of every device", () => {
    for (const kind of ["microphone", "camera", "both", "screen"] as const) {
      for (const trouble of TROUBLES) {
        const words = deviceWords(kind, trouble);
        expect(words.title).not.toBe("");
        expect(words.detail).not.toBe("");
      }
    }
  });

  it("tells how to fix whatever keeps a camera or microphone away", () => {
    for (const trouble of TROUBLES) expect(deviceWords("camera", trouble).remedies.length).toBeGreaterThan(0);
  });

  it("speaks of both devices at once in the plural", () => {
    expect(deviceWords("both", "denied").title).toBe("Camera and microphone are blocked for this page");
  });
});
