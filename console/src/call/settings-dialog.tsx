import { DeviceSelect } from "../components/device-select";
import { Dialog } from "../components/dialog";
import { LevelMeter } from "../components/level-meter";
import { useDevices } from "../hooks/use-devices";
import { INPUT_KINDS, type InputKind } from "../media/capture";
import type { Person } from "../model/call-state";
import { rememberedDevice } from "../session/memory";

interface SettingsDialogProps {
  readonly me: Person | undefined;
  onChoose(kind: InputKind, deviceId: string): void;
  onClose(): void;
}

/** Changes microphone and camera during the call. */
export function SettingsDialog({ me, onChoose, onClose }: SettingsDialogProps) {
  const [devices] = useDevices();
  const microphone = me?.microphone ?? null;
  const level = microphone === null || microphone.muted ? null : microphone.media;
  return (
    <Dialog title="Microphone and camera" closeWords="Done" onClose={onClose} testId="settings-dialog">
      {INPUT_KINDS.map((kind) => (
        <DeviceSelect
          key={kind}
          kind={kind}
          devices={devices[kind]}
          chosen={me?.[kind]?.media?.getSettings().deviceId ?? rememberedDevice(kind)}
          onChoose={(deviceId) => onChoose(kind, deviceId)}
          meter={kind === "microphone" ? <LevelMeter track={level} /> : null}
        />
      ))}
    </Dialog>
  );
}
