import type { Words } from "./words";

/** What a call can capture. */
export type DeviceKind = "microphone" | "camera" | "screen";

/** Why a device cannot be used. */
export type DeviceTrouble =
  /** The person, or an earlier answer of theirs, said no. */
  | "denied"
  /** The operating system keeps the browser from it. */
  | "blockedBySystem"
  /** The question was closed without an answer. */
  | "dismissed"
  | "missing"
  /** Another program holds it. */
  | "busy"
  /** The remembered device is not there, or cannot do what was asked. */
  | "unsuitable"
  /** Plain http away from localhost: the browser offers no devices at all. */
  | "insecure"
  /** The page is embedded, or a policy forbids capture. */
  | "forbidden"
  | "unknown";

/** Sorts what `getUserMedia` or `getDisplayMedia` threw (Media Capture and Streams §10). */
export function classifyDeviceError(error: unknown): DeviceTrouble {
  const { name, message } = asError(error);
  switch (name) {
    case "NotAllowedError":
    case "PermissionDeniedError":
      if (/dismissed/i.test(message)) return "dismissed";
      if (/system/i.test(message)) return "blockedBySystem";
      if (/policy|disallowed/i.test(message)) return "forbidden";
      return "denied";
    case "NotFoundError":
    case "DevicesNotFoundError":
      return "missing";
    case "NotReadableError":
    case "TrackStartError":
    case "AbortError":
      return "busy";
    case "OverconstrainedError":
      return "unsuitable";
    case "SecurityError":
      return "forbidden";
    default:
      return "unknown";
  }
}

/** What happened to a device, or to both at once, and how to put it right. */
export function deviceWords(subject: DeviceKind | "both", trouble: DeviceTrouble): Words {
  if (subject === "screen") return screenWords(trouble);
  const { The, the, a, are, setting, no } = NOUNS[subject];
  switch (trouble) {
    case "denied":
      return {
        title: `${The} ${are} blocked for this page`,
        detail: "The browser was told not to allow it.",
        remedies: [
          "Open the site settings: the icon at the left of the address bar.",
          `Set ${setting} to “Allow”.`,
          "Come back here and try again.",
        ],
      };
    case "dismissed":
      return {
        title: `The browser’s question about ${the} was closed`,
        detail: "Nothing is blocked.",
        remedies: ["Try again, and choose “Allow” when the browser asks."],
      };
    case "blockedBySystem":
      return {
        title: `Your computer keeps the browser from ${the}`,
        detail: "The permission is missing in the system’s settings, not in the browser’s.",
        remedies: [
          `Open the privacy settings of your system and find ${setting}.`,
          "Allow this browser, then restart it if the system asks for that.",
        ],
      };
    case "missing":
      return {
        title: `No ${no} found`,
        detail: "You can be in the call without: you see, hear and chat.",
        remedies: [`Connect ${a}, then try again.`],
      };
    case "busy":
      return {
        title: `${The} ${are} in use or not answering`,
        detail: "Most often another program or tab is the reason.",
        remedies: [`Close other programs that use ${the}, then try again.`],
      };
    case "unsuitable":
      return {
        title: `${The} you chose ${are} not available`,
        detail: "Something may have been unplugged.",
        remedies: ["Choose another one from the list."],
      };
    case "insecure":
      return {
        title: "This address is not secure, so the browser offers no camera or microphone",
        detail: "Browsers allow them only over https, or on localhost.",
        remedies: [
          "On the machine that runs the server, open it as http://localhost.",
          "From elsewhere, start the server with “antiphon --https” and open the https address.",
          "Or join now without devices: you can see, hear and chat.",
        ],
        areAlternatives: true,
      };
    case "forbidden":
      return {
        title: `This page may not use ${the}`,
        detail: "A policy of the browser, or of the page that embeds this one, forbids it.",
        remedies: ["Open this page in a tab of its own, or ask whoever looks after this browser."],
      };
    case "unknown":
      return {
        title: `${The} could not be started`,
        detail: "The browser did not say why.",
        remedies: [`Unplug ${the} and plug in again, or restart the browser.`],
      };
  }
}

/** The grammar of the sentences above. */
const NOUNS = {
  microphone: {
    The: "The microphone",
    the: "the microphone",
    a: "a microphone",
    are: "is",
    setting: "Microphone",
    no: "microphone",
  },
  camera: { The: "The camera", the: "the camera", a: "a camera", are: "is", setting: "Camera", no: "camera" },
  both: {
    The: "Camera and microphone",
    the: "camera and microphone",
    a: "a camera or a microphone",
    are: "are",
    setting: "Camera and Microphone",
    no: "camera and no microphone",
  },
} as const;

function screenWords(trouble: DeviceTrouble): Words {
  switch (trouble) {
    case "denied":
    case "dismissed":
      return {
        title: "Screen sharing was not started",
        detail: "Nothing was chosen, or the browser said no.",
        remedies: [],
      };
    case "blockedBySystem":
      return {
        title: "Your computer keeps the browser from recording the screen",
        detail: "The permission is missing in the system’s settings.",
        remedies: ["Allow this browser under Screen Recording in the system’s privacy settings, then restart it."],
      };
    case "insecure":
      return {
        title: "Screens can be shared from secure addresses only",
        detail: "This page was opened over plain http.",
        remedies: ["Open it over https, or on localhost."],
      };
    case "missing":
    case "busy":
    case "unsuitable":
    case "forbidden":
    case "unknown":
      return {
        title: "Screen sharing could not be started",
        detail: "This browser or device may not support it.",
        remedies: [],
      };
  }
}

function asError(error: unknown): { name: string; message: string } {
  if (typeof error !== "object" || error === null) return { name: "", message: "" };
  const { name, message } = error as { name?: unknown; message?: unknown };
  return { name: typeof name === "string" ? name : "", message: typeof message === "string" ? message : "" };
}
