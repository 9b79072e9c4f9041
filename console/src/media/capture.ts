import { classifyDeviceError, type DeviceTrouble } from "../model/device-words";

/** The devices that the pre-join screen offers. */
export type InputKind = "microphone" | "camera";

/** All of them, in the order in which they are shown. */
export const INPUT_KINDS: readonly InputKind[] = ["microphone", "camera"];

/** What can be chosen from a list. A speaker is not captured, and browsers that cannot choose one list none. */
export type ListedKind = InputKind | "speaker";

/** What became of an attempt to capture. */
export type Captured =
  | { readonly track: MediaStreamTrack; readonly trouble: null }
  | { readonly track: null; readonly trouble: DeviceTrouble };

/** A device to choose from. */
export interface Device {
  readonly id: string;
  readonly label: string;
}

/** Which device to use: one that was chosen now, one that was remembered, or the system's own choice. */
export interface Wish {
  readonly deviceId: string;
  /** The person chose it just now: another one in its place would be a surprise. */
  readonly isExact: boolean;
}

/** No wish: the system chooses. */
export const ANY_DEVICE: Wish = { deviceId: "", isExact: false };

/** Captures one device. Never throws: trouble is an answer. */
export async function capture(kind: InputKind, wish: Wish): Promise<Captured> {
  const constraints = kind === "camera" ? { video: cameraConstraints(wish) } : { audio: microphoneConstraints(wish) };
  try {
    const stream = await browserDevices().getUserMedia(constraints);
    return taken(kind === "camera" ? stream.getVideoTracks()[0] : stream.getAudioTracks()[0]);
  } catch (error) {
    return { track: null, trouble: troubleOf(error) };
  }
}

/** Captures microphone and camera with one question to the person; where that fails, each by itself. */
export async function captureBoth(microphone: Wish, camera: Wish): Promise<Record<InputKind, Captured>> {
  try {
    const stream = await browserDevices().getUserMedia({
      audio: microphoneConstraints(microphone),
      video: cameraConstraints(camera),
    });
    return { microphone: taken(stream.getAudioTracks()[0]), camera: taken(stream.getVideoTracks()[0]) };
  } catch (error) {
    const trouble = troubleOf(error);
    if (trouble === "insecure") return { microphone: failed(trouble), camera: failed(trouble) };
    if (trouble !== "denied" && trouble !== "dismissed") {
      return { microphone: await capture("microphone", microphone), camera: await capture("camera", camera) };
    }
    // Asking again would pester; but one of the two may have been allowed before.
    return {
      microphone: (await isGranted("microphone")) ? await capture("microphone", microphone) : failed(trouble),
      camera: (await isGranted("camera")) ? await capture("camera", camera) : failed(trouble),
    };
  }
}

/** The devices there are. Labels are empty until a permission was given. */
export async function listDevices(): Promise<Record<ListedKind, readonly Device[]>> {
  const none = { microphone: [], camera: [], speaker: [] };
  if (!hasDevices()) return none;
  try {
    const found = await navigator.mediaDevices.enumerateDevices();
    return {
      microphone: ofKind(found, "audioinput", "Microphone"),
      camera: ofKind(found, "videoinput", "Camera"),
      speaker: ofKind(found, "audiooutput", "Speaker"),
    };
  } catch {
    return none;
  }
}

/** Whether the browser offers devices to this page at all. */
export function hasDevices(): boolean {
  // Absent in insecure contexts, whatever the type says.
  return (navigator.mediaDevices as MediaDevices | undefined) !== undefined;
}

/** The browser's devices. Throws {@link InsecureContext} where there are none to be had. */
export function browserDevices(): MediaDevices {
  if (!hasDevices()) throw new InsecureContext();
  return navigator.mediaDevices;
}

/** The browser offers no devices to this page. */
class InsecureContext extends Error {}

/** Why a device did not start. */
export function troubleOf(error: unknown): DeviceTrouble {
  return error instanceof InsecureContext ? "insecure" : classifyDeviceError(error);
}

function taken(track: MediaStreamTrack | undefined): Captured {
  return track === undefined ? failed("missing") : { track, trouble: null };
}

function failed(trouble: DeviceTrouble): Captured {
  return { track: null, trouble };
}

function ofKind(found: readonly MediaDeviceInfo[], kind: MediaDeviceKind, word: string): Device[] {
  return found
    .filter((device) => device.kind === kind && device.deviceId !== "")
    .map((device, index) => ({
      id: device.deviceId,
      label: device.label === "" ? `${word} ${index + 1}` : device.label,
    }));
}

async function isGranted(kind: InputKind): Promise<boolean> {
  try {
    // Firefox before 131 knows no such permission and throws.
    const status = await navigator.permissions.query({ name: kind });
    return status.state === "granted";
  } catch {
    return false;
  }
}

/** What a call wants of a microphone. */
export function microphoneConstraints(wish: Wish): MediaTrackConstraints {
  return { ...device(wish), echoCancellation: true, noiseSuppression: true, autoGainControl: true };
}

/** What a call wants of a camera. */
export function cameraConstraints(wish: Wish): MediaTrackConstraints {
  return { ...device(wish), width: { ideal: 1_280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };
}

function device(wish: Wish): MediaTrackConstraints {
  if (wish.deviceId === "") return {};
  return { deviceId: wish.isExact ? { exact: wish.deviceId } : { ideal: wish.deviceId } };
}
