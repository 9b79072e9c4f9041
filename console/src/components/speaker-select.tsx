import { useState } from "react";
import { useDevices } from "../hooks/use-devices";
import { canChooseSpeaker, playChime } from "../media/speaker";
import { Button } from "./button";
import { DeviceSelect } from "./device-select";

interface SpeakerSelectProps {
  /** The id of the speaker in use; empty for the system's choice. */
  readonly speaker: string;
  onChoose(deviceId: string): void;
}

/** Chooses a speaker and tries it; nothing where the browser leaves that to the system. */
export function SpeakerSelect({ speaker, onChoose }: SpeakerSelectProps) {
  const [devices] = useDevices();
  if (!canChooseSpeaker()) return null;
  return (
    <DeviceSelect
      kind="speaker"
      devices={devices.speaker}
      chosen={speaker}
      onChoose={onChoose}
      aside={<Chime speaker={speaker} />}
    />
  );
}

function Chime({ speaker }: { speaker: string }) {
  const [isPlaying, setPlaying] = useState(false);

  function play() {
    setPlaying(true);
    // Where there is no sound at all, silence is the answer.
    void playChime(speaker)
      .catch(() => undefined)
      .finally(() => setPlaying(false));
  }

  return (
    <Button className="device-test" size="sm" disabled={isPlaying} onClick={play} data-testid="speaker-test">
      {isPlaying ? "Playing…" : "Play a test sound"}
    </Button>
  );
}
