import { type ReactNode, useState } from "react";
import { Avatar } from "../components/avatar";
import { IconButton } from "../components/button";
import { ConfirmDialog } from "../components/dialog";
import { CameraIcon, CameraOffIcon, MicrophoneIcon, MicrophoneOffIcon, RemoveIcon } from "../components/icons";
import { SignalBars } from "../components/signal-bars";
import { isAudible, isVisible, type Person } from "../model/call-state";
import { type Path, pathWords } from "../model/path";
import { isBad, QUALITY_BARS, QUALITY_WORDS } from "../model/quality";

interface PersonRowProps {
  readonly person: Person;
  /** `null` where there is none, or it is not known. */
  readonly path: Path | null;
  readonly mayModerate: boolean;
  onMute(): void;
  onKick(): void;
}

/** Somebody in the call: what they send, and what a moderator may do. */
export function PersonRow({ person, path, mayModerate, onMute, onKick }: PersonRowProps) {
  const [isAsking, setAsking] = useState(false);
  const audible = isAudible(person);

  return (
    <li className="person" data-testid="person" data-sid={person.sid} data-identity={person.identity}>
      <Avatar name={person.name} identity={person.identity} />
      <span className="person-name">
        {person.isLocal ? `${person.name} (you)` : person.name}
        <small>{subtitle(person)}</small>
        {path === null || !person.isConnected ? null : (
          <small data-testid="person-path" data-relayed={path.isRelayed} data-transport={path.transport}>
            {pathWords(path)}
          </small>
        )}
      </span>
      <span className="person-state">
        {person.quality === null ? null : (
          <span
            className="person-icon"
            data-on={!isBad(person.quality)}
            role="img"
            aria-label={QUALITY_WORDS[person.quality]}
            title={QUALITY_WORDS[person.quality]}
            data-testid="person-quality"
            data-quality={person.quality}
          >
            <SignalBars bars={QUALITY_BARS[person.quality]} />
          </span>
        )}
        {mayModerate && audible ? (
          <IconButton
            look="bare"
            label={`Mute ${person.name}`}
            icon={<MicrophoneIcon />}
            onClick={onMute}
            data-testid="mute-button"
          />
        ) : (
          <State isOn={audible} on={<MicrophoneIcon />} off={<MicrophoneOffIcon />} what="Microphone" />
        )}
        <State isOn={isVisible(person)} on={<CameraIcon />} off={<CameraOffIcon />} what="Camera" />
        {mayModerate ? (
          <IconButton
            look="bare"
            label={`Remove ${person.name} from the call`}
            icon={<RemoveIcon />}
            onClick={() => setAsking(true)}
            data-testid="kick-button"
          />
        ) : null}
      </span>
      {isAsking ? (
        <ConfirmDialog
          title={`Remove ${person.name}?`}
          detail="They leave the call at once and cannot come back into this room."
          confirmWords="Remove"
          confirmTestId="kick-confirm"
          testId="kick-dialog"
          onConfirm={onKick}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </li>
  );
}

interface StateProps {
  readonly isOn: boolean;
  readonly on: ReactNode;
  readonly off: ReactNode;
  readonly what: string;
}

function State({ isOn, on, off, what }: StateProps) {
  return (
    <span className="person-icon" data-on={isOn} role="img" aria-label={`${what} ${isOn ? "on" : "off"}`}>
      {isOn ? on : off}
    </span>
  );
}

function subtitle(person: Person): string {
  if (!person.isConnected) return "Reconnecting…";
  const parts = [
    person.isModerator ? "Moderator" : "",
    isBad(person.quality) ? QUALITY_WORDS[person.quality] : "",
  ].filter((part) => part !== "");
  const words = parts.join(", ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
