import { Avatar } from "../components/avatar";
import { IconButton } from "../components/button";
import { DeviceSelect } from "../components/device-select";
import { CameraIcon, CameraOffIcon, MicrophoneIcon, MicrophoneOffIcon } from "../components/icons";
import { LevelMeter } from "../components/level-meter";
import { SpeakerSelect } from "../components/speaker-select";
import { Video } from "../components/video";
import { useSpeaker } from "../hooks/use-speaker";
import { INPUT_KINDS, type InputKind } from "../media/capture";
import { tabIdentity } from "../session/memory";
import type { Preview } from "./use-preview";
import "./preview-card.css";

/** One's own picture and sound before anybody else sees or hears them. */
export function PreviewCard({ preview, name }: { preview: Preview; name: string }) {
  const { camera } = preview.inputs;
  const [speaker, chooseSpeaker] = useSpeaker();
  return (
    <section className="preview" aria-label="Your camera and microphone">
      <div className="preview-picture">
        {camera.track === null ? (
          <div className="preview-blank">
            {name.trim() === "" ? (
              <CameraOffIcon width="40" height="40" />
            ) : (
              <Avatar name={name} identity={tabIdentity()} size="lg" />
            )}
            <p aria-live="polite">{blankWords(camera.status)}</p>
          </div>
        ) : (
          <Video className="preview-video" track={camera.track} label="Your camera" />
        )}
        <div className="preview-toggles">
          <Toggle kind="microphone" preview={preview} />
          <Toggle kind="camera" preview={preview} />
        </div>
      </div>
      <div className="preview-devices">
        {INPUT_KINDS.map((kind) => (
          <DeviceSelect
            key={kind}
            kind={kind}
            devices={preview.devices[kind]}
            chosen={preview.chosen[kind]}
            onChoose={(deviceId) => preview.choose(kind, deviceId)}
            aside={kind === "microphone" ? <LevelMeter track={preview.inputs.microphone.track} /> : null}
          />
        ))}
        <SpeakerSelect speaker={speaker} onChoose={chooseSpeaker} />
      </div>
    </section>
  );
}

function Toggle({ kind, preview }: { kind: InputKind; preview: Preview }) {
  const { status } = preview.inputs[kind];
  const isOn = status === "on" || status === "starting";
  const On = kind === "microphone" ? MicrophoneIcon : CameraIcon;
  const Off = kind === "microphone" ? MicrophoneOffIcon : CameraOffIcon;
  return (
    <IconButton
      label={`Turn ${kind} ${isOn ? "off" : "on"}`}
      icon={isOn ? <On /> : <Off />}
      look={isOn ? "plain" : "off"}
      disabled={status === "starting"}
      onClick={() => preview.turn(kind, !isOn)}
      data-testid={kind === "microphone" ? "mic-toggle" : "camera-toggle"}
      data-on={isOn}
    />
  );
}

function blankWords(status: Preview["inputs"]["camera"]["status"]): string {
  switch (status) {
    case "starting":
      return "Starting the camera…";
    case "on":
    case "off":
      return "Your camera is off";
    case "trouble":
      return "No picture";
  }
}
