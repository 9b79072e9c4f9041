import type { TrackSource } from "./models.js";

/** The part of `navigator.mediaDevices` that is used. */
export type MediaDevicesLike = Pick<MediaDevices, "getUserMedia" | "getDisplayMedia">;

/** Opens the microphone. What the browser refuses with (`NotAllowedError`, `NotFoundError`, …) goes to the caller. */
export async function captureMicrophone(
  devices: MediaDevicesLike,
  constraints: MediaTrackConstraints,
): Promise<MediaStreamTrack> {
  return firstTrack(await devices.getUserMedia({ audio: constraints }), "audio");
}

/** Opens the camera. */
export async function captureCamera(
  devices: MediaDevicesLike,
  constraints: MediaTrackConstraints,
): Promise<MediaStreamTrack> {
  return firstTrack(await devices.getUserMedia({ video: constraints }), "video");
}

/** Asks for a screen, window or tab; with `audio`, for its sound too, which the browser may not give. */
export async function captureScreen(
  devices: MediaDevicesLike,
  { audio, video }: { readonly audio: boolean; readonly video: MediaTrackConstraints },
): Promise<{ readonly source: TrackSource; readonly track: MediaStreamTrack }[]> {
  const stream = await devices.getDisplayMedia({ audio, video });
  return stream
    .getTracks()
    .map((track) => ({ source: track.kind === "audio" ? "screenShareAudio" : "screenShare", track }));
}

function firstTrack(stream: MediaStream, kind: string): MediaStreamTrack {
  const track = stream.getTracks().find((candidate) => candidate.kind === kind);
  if (track === undefined) {
    throw new DOMException(`The browser gave no ${kind} track.`, "NotFoundError");
  }
  return track;
}
