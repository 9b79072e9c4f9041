import { paintedCamera } from "./painter";

declare global {
  interface Window {
    /** Which of the painted people sits in front of the camera; set before this script runs. */
    paintedSitter?: number;
  }
}

/**
 * Puts a painted person in front of this browser's camera, and gives its devices the names of real ones. For
 * screenshots: the microphone's sound stays as it is.
 */
const { mediaDevices } = navigator;
const capture = mediaDevices.getUserMedia.bind(mediaDevices);

mediaDevices.getUserMedia = async (constraints = {}) => {
  const { audio, video } = constraints;
  const stream = audio === undefined || audio === false ? new MediaStream() : await capture({ audio });
  if (video !== undefined && video !== false) stream.addTrack(paintedCamera(window.paintedSitter ?? 0));
  return stream;
};

mediaDevices.enumerateDevices = () =>
  Promise.resolve([device("audioinput", "Built-in microphone"), device("videoinput", "Built-in camera")]);

function device(kind: MediaDeviceKind, label: string): MediaDeviceInfo {
  const description = { kind, label, deviceId: kind, groupId: "built-in" };
  return { ...description, toJSON: () => description };
}
