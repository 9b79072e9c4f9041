import { type ReactNode, useId } from "react";
import "./switch.css";

interface SwitchProps {
  readonly label: string;
  /** What being on means. */
  readonly detail: string;
  readonly icon: ReactNode;
  readonly isOn: boolean;
  readonly testId: string;
  onChange(isOn: boolean): void;
}

/** Something that is on or off, with a line that explains it. */
export function Switch({ label, detail, icon, isOn, testId, onChange }: SwitchProps) {
  const id = useId();
  return (
    <button
      type="button"
      className="switch"
      role="switch"
      aria-checked={isOn}
      aria-labelledby={`${id}-label`}
      aria-describedby={`${id}-detail`}
      onClick={() => onChange(!isOn)}
      data-testid={testId}
      data-on={isOn}
    >
      {icon}
      <span className="switch-words">
        <span id={`${id}-label`}>{label}</span>
        <small id={`${id}-detail`}>{detail}</small>
      </span>
      <span className="switch-track" aria-hidden="true" />
    </button>
  );
}
