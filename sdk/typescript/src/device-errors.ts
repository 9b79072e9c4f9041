import { AntiphonError, type ClientErrorCode } from "./errors.js";

/** What was to be opened, in a message. */
export type DeviceWord = "microphone" | "camera" | "screen" | "speaker";

type DeviceCode = Extract<
  ClientErrorCode,
  "device_denied" | "device_not_found" | "device_in_use" | "device_failed" | "insecure_context" | "unsupported_browser"
>;

const CURES: Readonly<Record<DeviceCode, string>> = {
  device_denied:
    "Ask the person to allow it in the browser's settings of this site, and in the system's; in a frame, add it to the `allow` attribute.",
  device_not_found: "Plug one in, or choose another: `room.listDevices()` has those that are there.",
  device_in_use: "Close the other program or tab that uses it, and try again.",
  device_failed: "`cause` has what the browser said. Try again, or choose another device.",
  insecure_context: "Browsers open devices on secure pages only: serve this one over https, or from localhost.",
  unsupported_browser: "Use a current version of Chromium, Firefox or Safari.",
};

/** What the browser refuses a device with (https://www.w3.org/TR/mediacapture-streams/#dom-mediadevices-getusermedia). */
export function deviceError(cause: unknown, device: DeviceWord): AntiphonError {
  if (cause instanceof AntiphonError) {
    return cause;
  }
  const code = codeOf(cause);
  return new AntiphonError(code, `${SAYINGS[code](device)} ${CURES[code]}`, { cause });
}

/** The page has no devices at all. */
export function noDevices(isSecureContext: boolean | undefined): AntiphonError {
  const code = isSecureContext === false ? "insecure_context" : "unsupported_browser";
  return new AntiphonError(code, `${SAYINGS[code]("microphone")} ${CURES[code]}`);
}

/** The browser lacks something that cannot be done without. */
export function unsupported(what: string): AntiphonError {
  return new AntiphonError("unsupported_browser", `This browser cannot ${what}. ${CURES.unsupported_browser}`);
}

const SAYINGS: Readonly<Record<DeviceCode, (device: DeviceWord) => string>> = {
  device_denied: (device) => `The ${device} may not be used.`,
  device_not_found: (device) => `There is no ${device} as it was asked for.`,
  device_in_use: (device) => `The ${device} is in use, or the system does not give it.`,
  device_failed: (device) => `The ${device} could not be used.`,
  insecure_context: () => "This page was not loaded securely.",
  unsupported_browser: () => "This browser has no media devices.",
};

function codeOf(cause: unknown): DeviceCode {
  switch (cause instanceof Error ? cause.name : "") {
    case "NotAllowedError":
    case "SecurityError":
      return "device_denied";
    case "NotFoundError":
    case "OverconstrainedError":
      return "device_not_found";
    case "NotReadableError":
    case "AbortError":
      return "device_in_use";
    default:
      return "device_failed";
  }
}
