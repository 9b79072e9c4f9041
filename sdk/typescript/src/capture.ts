import { deviceError, type DeviceWord, unsupported } from "./device-errors.js";
import type { TrackSource } from "./models.js";

/** The part of `navigator.mediaDevices` that is used. Without the latter three no devices are listed or watched. */
export type MediaDevicesLike = Pick<MediaDevices, "getUserMedia" | "getDisplayMedia"> &
  Partial<Pick<MediaDevices, "enumerateDevices" | "addEventListener" | "removeEventListener">>;

/** Opens the microphone. What the browser refuses with is the `cause` of an `AntiphonError`, here and below. */
export async function captureMicrophone(
  devices: MediaDevicesLike,
  constraints: MediaTrackConstraints,
): Promise<MediaStreamTrack> {
  return firstTrack(await opened(devices.getUserMedia({ audio: constraints }), "microphone"), "audio");
}

/** Opens the camera. */
export async function captureCamera(
  devices: MediaDevicesLike,
  constraints: MediaTrackConstraints,
): Promise<MediaStreamTrack> {
  return firstTrack(await opened(devices.getUserMedia({ video: constraints }), "camera"), "video");
}

/** Asks for a screen, window or tab; with `audio`, for its sound too, which the browser may not give. */
export async function captureScreen(
  devices: MediaDevicesLike,
  { audio, video }: { readonly audio: boolean; readonly video: MediaTrackConstraints },
): Promise<{ readonly source: TrackSource; readonly track: MediaStreamTrack }[]> {
  if (!("getDisplayMedia" in devices)) {
    // Phones' browsers.
    throw unsupported("share the screen");
  }
  const stream = await opened(devices.getDisplayMedia({ audio, video }), "screen");
  return stream
    .getTracks()
    .map((track) => ({ source: track.kind === "audio" ? "screenShareAudio" : "screenShare", track }));
}

async function opened(opening: Promise<MediaStream>, device: DeviceWord): Promise<MediaStream> {
  try {
    return await opening;
  } catch (error) {
    throw deviceError(error, device);
  }
}

function firstTrack(stream: MediaStream, kind: "audio" | "video"): MediaStreamTrack {
  const track = stream.getTracks().find((candidate) => candidate.kind === kind);
  if (track === undefined) {
    const cause = new DOMException(`The browser gave no ${kind} track.`, "NotFoundError");
    throw deviceError(cause, kind === "audio" ? "microphone" : "camera");
  }
  return track;
}
