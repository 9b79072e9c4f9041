import { type ReactNode, useId } from "react";
import type { Device, InputKind } from "../media/capture";
import "./field.css";
import "./device-select.css";

interface DeviceSelectProps {
  readonly kind: InputKind;
  readonly devices: readonly Device[];
  /** The id of the device in use; empty where the system chose. */
  readonly chosen: string;
  readonly meter?: ReactNode;
  onChoose(deviceId: string): void;
}

const LABELS: Record<InputKind, string> = { microphone: "Microphone", camera: "Camera" };

/** Chooses a microphone or a camera. */
export function DeviceSelect({ kind, devices, chosen, meter, onChoose }: DeviceSelectProps) {
  const id = useId();
  const isKnown = devices.some((device) => device.id === chosen);
  return (
    <div className="field device-select">
      <div className="device-select-label">
        <label htmlFor={id}>{LABELS[kind]}</label>
        {meter}
      </div>
      <select
        id={id}
        data-testid={`${kind}-select`}
        value={isKnown ? chosen : ""}
        disabled={devices.length === 0}
        onChange={(event) => onChoose(event.target.value)}
      >
        {isKnown ? null : <option value="">{devices.length === 0 ? `No ${kind}` : "System default"}</option>}
        {devices.map((device) => (
          <option key={device.id} value={device.id}>
            {device.label}
          </option>
        ))}
      </select>
    </div>
  );
}
