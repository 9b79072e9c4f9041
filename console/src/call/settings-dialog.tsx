import { useState } from "react";
import { DeviceSelect } from "../components/device-select";
import { Dialog } from "../components/dialog";
import { RouteIcon } from "../components/icons";
import { LevelMeter } from "../components/level-meter";
import { SpeakerSelect } from "../components/speaker-select";
import { Switch } from "../components/switch";
import { useDevices } from "../hooks/use-devices";
import { INPUT_KINDS, type InputKind } from "../media/capture";
import type { Person } from "../model/call-state";
import { rememberedDevice, remembersOnlyByRelay } from "../session/memory";

interface SettingsDialogProps {
  readonly me: Person | undefined;
  /** The id of the speaker in use; empty for the system's choice. */
  readonly speaker: string;
  onChoose(kind: InputKind, deviceId: string): void;
  onSpeaker(deviceId: string): void;
  onOnlyByRelay(isOnly: boolean): void;
  onClose(): void;
}

/** Changes microphone, camera and speaker during the call, and the way that sound and pictures take. */
export function SettingsDialog({ me, speaker, onChoose, onSpeaker, onOnlyByRelay, onClose }: SettingsDialogProps) {
  const [devices] = useDevices();
  const [isOnlyByRelay, setOnlyByRelay] = useState(remembersOnlyByRelay);
  const microphone = me?.microphone ?? null;
  const level = microphone === null || microphone.muted ? null : microphone.media;
  return (
    <Dialog title="Audio and video" closeWords="Done" onClose={onClose} testId="settings-dialog">
      {INPUT_KINDS.map((kind) => (
        <DeviceSelect
          key={kind}
          kind={kind}
          devices={devices[kind]}
          chosen={me?.[kind]?.media?.getSettings().deviceId ?? rememberedDevice(kind)}
          onChoose={(deviceId) => onChoose(kind, deviceId)}
          aside={kind === "microphone" ? <LevelMeter track={level} /> : null}
        />
      ))}
      <SpeakerSelect speaker={speaker} onChoose={onSpeaker} />
      <Switch
        label="Relay only"
        detail="Sound and pictures go through a relay server, so that the others do not learn your address"
        icon={<RouteIcon />}
        isOn={isOnlyByRelay}
        testId="relay-switch"
        onChange={(isOnly) => {
          setOnlyByRelay(isOnly);
          onOnlyByRelay(isOnly);
        }}
      />
    </Dialog>
  );
}
