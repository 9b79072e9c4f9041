import { type ReactNode, useId } from "react";
import type { Device, ListedKind } from "../media/capture";
import "./field.css";
import "./device-select.css";

interface DeviceSelectProps {
  readonly kind: ListedKind;
  readonly devices: readonly Device[];
  /** The id of the device in use; empty where the system chose. */
  readonly chosen: string;
  /** Beside the label: a meter, or a button that tries it. */
  readonly aside?: ReactNode;
  onChoose(deviceId: string): void;
}

const LABELS: Record<ListedKind, string> = { microphone: "Microphone", camera: "Camera", speaker: "Speaker" };

/** Chooses a microphone, a camera or a speaker. */
export function DeviceSelect({ kind, devices, chosen, aside, onChoose }: DeviceSelectProps) {
  const id = useId();
  const isKnown = devices.some((device) => device.id === chosen);
  return (
    <div className="field device-select">
      <div className="device-select-label">
        <label htmlFor={id}>{LABELS[kind]}</label>
        {aside}
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
