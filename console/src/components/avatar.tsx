import { initials, toneOf } from "../model/person";
import "./avatar.css";

interface AvatarProps {
  readonly name: string;
  readonly identity: string;
  readonly size?: "sm" | "lg";
}

/** Initials on the person's colour. Decorative: the name always stands beside it. */
export function Avatar({ name, identity, size = "sm" }: AvatarProps) {
  return (
    <span className={`avatar avatar-${size} tone-${toneOf(identity)}`} aria-hidden="true">
      {initials(name)}
    </span>
  );
}
