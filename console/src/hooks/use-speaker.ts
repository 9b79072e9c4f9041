import { useCallback, useState } from "react";
import { rememberDevice, rememberedDevice } from "../session/memory";
import { useDevices } from "./use-devices";

/** The id of the speaker that sound goes to, empty for the system's choice; and how to choose another one. */
export function useSpeaker(): [string, (deviceId: string) => void] {
  const [{ speaker: speakers }] = useDevices();
  const [chosen, setChosen] = useState(() => rememberedDevice("speaker"));

  const choose = useCallback((deviceId: string) => {
    rememberDevice("speaker", deviceId);
    setChosen(deviceId);
  }, []);

  // One that was unplugged is not forgotten: its turn comes again once it is back.
  return [speakers.some(({ id }) => id === chosen) ? chosen : "", choose];
}
