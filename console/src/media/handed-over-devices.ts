import { browserDevices } from "./capture";

/** The part of `navigator.mediaDevices` that the SDK uses. */
type Devices = Pick<MediaDevices, "getUserMedia" | "getDisplayMedia" | "enumerateDevices">;

/** The tracks of the pre-join screen. */
export interface HandedOver {
  readonly microphone: MediaStreamTrack | null;
  readonly camera: MediaStreamTrack | null;
}

/**
 * Devices that give out the pre-join screen's tracks first, then ask the browser. So the SDK opens, closes and reopens
 * every device in the same way, and joining neither asks a second time nor lets the camera's light flicker.
 */
export function handOver(tracks: HandedOver): Devices {
  const left = { audio: tracks.microphone, video: tracks.camera };

  function take(kind: "audio" | "video"): MediaStreamTrack | null {
    const track = left[kind];
    left[kind] = null;
    return track?.readyState === "live" ? track : null;
  }

  return {
    async getUserMedia(constraints = {}) {
      const kind = constraints.video === undefined ? "audio" : "video";
      const known = constraints.audio !== undefined && constraints.video !== undefined ? null : take(kind);
      return known === null ? browserDevices().getUserMedia(constraints) : new MediaStream([known]);
    },
    enumerateDevices() {
      return browserDevices().enumerateDevices();
    },
    getDisplayMedia(options) {
      return browserDevices().getDisplayMedia(options);
    },
  };
}
