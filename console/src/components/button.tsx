import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import "./button.css";

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: "primary" | "plain" | "danger";
  readonly size?: "md" | "lg" | "sm";
  readonly icon?: ReactNode;
  readonly ref?: Ref<HTMLButtonElement>;
}

/** A button with words. */
export function Button({ look = "plain", size = "md", icon, children, className = "", ...rest }: ButtonProps) {
  return (
    <button type="button" className={`button button-${look} button-${size} ${className}`} {...rest}>
      {icon}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "children"> {
  /** What pressing it does: the accessible name, and the tooltip. */
  readonly label: string;
  readonly icon: ReactNode;
  /** `off`: the thing is switched off; `active`: the thing it opens is open. */
  readonly look?: "plain" | "off" | "active" | "danger" | "bare";
  /** A small count at the corner. */
  readonly badge?: string;
  readonly hint?: string;
  readonly ref?: Ref<HTMLButtonElement>;
}

/** A round button with a picture. */
export function IconButton({
  label,
  icon,
  look = "plain",
  badge = "",
  hint,
  className = "",
  ...rest
}: IconButtonProps) {
  return (
    <button
      type="button"
      className={`icon-button icon-button-${look} ${className}`}
      title={hint === undefined ? label : `${label} (${hint})`}
      {...rest}
    >
      {icon}
      <span className="visually-hidden">{label}</span>
      {badge === "" ? null : (
        <span className="icon-button-badge">
          {badge}
          <span className="visually-hidden"> new</span>
        </span>
      )}
    </button>
  );
}
