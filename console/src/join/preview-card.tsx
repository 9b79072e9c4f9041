import { useId } from "react";
import { Avatar } from "../components/avatar";
import { IconButton } from "../components/button";
import { CameraIcon, CameraOffIcon, MicrophoneIcon, MicrophoneOffIcon } from "../components/icons";
import { LevelMeter } from "../components/level-meter";
import { Video } from "../components/video";
import type { InputKind } from "../media/capture";
import { tabIdentity } from "../session/memory";
import type { Preview } from "./use-preview";
import "./preview-card.css";

/** One's own picture and sound before anybody else sees or hears them. */
export function PreviewCard({ preview, name }: { preview: Preview; name: string }) {
  const { camera } = preview.inputs;
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
        <DeviceSelect kind="microphone" label="Microphone" preview={preview} />
        <DeviceSelect kind="camera" label="Camera" preview={preview} />
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

function DeviceSelect({ kind, label, preview }: { kind: InputKind; label: string; preview: Preview }) {
  const id = useId();
  const devices = preview.devices[kind];
  const chosen = preview.chosen[kind];
  return (
    <div className="field">
      <div className="preview-device-label">
        <label htmlFor={id}>{label}</label>
        {kind === "microphone" ? <LevelMeter track={preview.inputs.microphone.track} /> : null}
      </div>
      <select
        id={id}
        data-testid={`${kind}-select`}
        value={devices.some((device) => device.id === chosen) ? chosen : ""}
        disabled={devices.length === 0}
        onChange={(event) => preview.choose(kind, event.target.value)}
      >
        <option value="">{devices.length === 0 ? `No ${kind}` : "System default"}</option>
        {devices.map((device) => (
          <option key={device.id} value={device.id}>
            {device.label}
          </option>
        ))}
      </select>
    </div>
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
