import type { MediaDevicesLike } from "./capture.js";

/** What a device is for. */
export type DeviceKind = "microphone" | "camera" | "speaker";

/** A device of this computer. */
export interface Device {
  /** What it is for. */
  readonly kind: DeviceKind;
  /** For `room.setDevice`. Empty before the page may use such devices; another one on another site. */
  readonly id: string;
  /** Its name, for people. Empty before the page may use such devices. */
  readonly label: string;
}

const KINDS: Readonly<Record<MediaDeviceKind, DeviceKind>> = {
  audioinput: "microphone",
  videoinput: "camera",
  audiooutput: "speaker",
};

/** The devices that there are; none where the browser tells none. */
export async function listDevices(devices: MediaDevicesLike): Promise<Device[]> {
  const found = (await devices.enumerateDevices?.()) ?? [];
  return found.map(({ kind, deviceId, label }) => ({ kind: KINDS[kind], id: deviceId, label }));
}

/** Tells when devices are plugged in or out, once for each real change. */
export class DeviceWatch {
  readonly #devices: MediaDevicesLike;
  readonly #onChanged: (devices: readonly Device[]) => void;
  #known: string | undefined;
  #isStopped = false;

  constructor(devices: MediaDevicesLike, onChanged: (devices: readonly Device[]) => void) {
    this.#devices = devices;
    this.#onChanged = onChanged;
    devices.addEventListener?.("devicechange", this.#look);
    // What is there now is no change.
    void this.#look();
  }

  stop(): void {
    this.#isStopped = true;
    this.#devices.removeEventListener?.("devicechange", this.#look);
  }

  /** Browsers fire several events for one headset, and fire them also where nothing is different. */
  readonly #look = async (): Promise<void> => {
    // A browser that tells nothing now tells more at its next event.
    const devices = await listDevices(this.#devices).catch(() => []);
    const now = JSON.stringify(devices);
    if (this.#isStopped || now === this.#known) {
      return;
    }
    const isFirst = this.#known === undefined;
    this.#known = now;
    if (!isFirst) {
      this.#onChanged(devices);
    }
  };
}
