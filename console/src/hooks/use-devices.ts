import { useCallback, useEffect, useState } from "react";
import { type Device, listDevices, type ListedKind } from "../media/capture";

type Devices = Readonly<Record<ListedKind, readonly Device[]>>;

/**
 * The devices there are, kept up to date while some are plugged in and out; and a function that looks again, because
 * browsers tell the names only once a permission was given.
 */
export function useDevices(): [Devices, () => void] {
  const [devices, setDevices] = useState<Devices>({ microphone: [], camera: [], speaker: [] });
  const refresh = useCallback(() => void listDevices().then(setDevices), []);

  useEffect(() => {
    refresh();
    const sources = navigator.mediaDevices as MediaDevices | undefined;
    sources?.addEventListener("devicechange", refresh);
    return () => sources?.removeEventListener("devicechange", refresh);
  }, [refresh]);

  return [devices, refresh];
}
