import { Avatar } from "../components/avatar";
import { HandIcon, MicrophoneOffIcon, ScreenIcon, SpotlightIcon } from "../components/icons";
import { SignalBars } from "../components/signal-bars";
import { SpeakingBars } from "../components/speaking-bars";
import { Video } from "../components/video";
import { isAudible, isVisible, type Person } from "../model/call-state";
import { isBad, QUALITY_BARS, QUALITY_WORDS, type Quality } from "../model/quality";
import type { Tile as TileModel } from "../model/stage";
import "./tile.css";

interface TileProps {
  readonly tile: TileModel;
  readonly isPinned: boolean;
  /** Puts this tile in the spotlight, or takes it out. Absent where there is nothing to choose from. */
  readonly onPin: ((key: string) => void) | undefined;
}

/** One person's picture, or one shared screen. */
export function Tile({ tile, isPinned, onPin }: TileProps) {
  const whose = tile.shows === "camera" ? tile.person.name : `${tile.person.name}’s screen`;
  const pin =
    onPin === undefined ? null : (
      <button
        type="button"
        className="tile-pin"
        aria-label={isPinned ? `Take ${whose} out of the spotlight` : `Put ${whose} in the spotlight`}
        aria-pressed={isPinned}
        onClick={() => onPin(tile.key)}
        data-testid="pin"
      >
        <SpotlightIcon />
      </button>
    );
  return tile.shows === "camera" ? (
    <CameraTile person={tile.person}>{pin}</CameraTile>
  ) : (
    <ScreenTile person={tile.person}>{pin}</ScreenTile>
  );
}

interface KindProps {
  readonly person: Person;
  readonly children: React.ReactNode;
}

function CameraTile({ person, children }: KindProps) {
  const audible = isAudible(person);
  const speaking = person.isSpeaking && audible;
  const picture = isVisible(person) ? (person.camera?.media ?? null) : null;
  return (
    <article
      className="tile"
      aria-label={describe(person, audible)}
      data-testid="tile"
      data-sid={person.sid}
      data-identity={person.identity}
      data-local={person.isLocal}
      data-connected={person.isConnected}
      data-speaking={speaking}
      data-video={picture !== null}
      data-hand={person.hand !== null}
      data-quality={person.quality ?? "unknown"}
    >
      {picture === null ? (
        <div className="tile-blank">
          <Avatar name={person.name} identity={person.identity} size="lg" />
        </div>
      ) : (
        <Video
          className={person.isLocal ? "tile-video tile-video-mirrored" : "tile-video"}
          track={picture}
          label={person.name}
        />
      )}
      {children}
      {person.hand === null ? null : (
        <p className="tile-hand">
          <HandIcon />
        </p>
      )}
      {person.isConnected ? null : <p className="tile-away">Reconnecting…</p>}
      <footer className="tile-label">
        {audible ? null : <MicrophoneOffIcon className="tile-muted" data-testid="tile-muted" />}
        {speaking ? <SpeakingBars /> : null}
        <span className="tile-name">{person.isLocal ? `${person.name} (you)` : person.name}</span>
        {isBad(person.quality) ? <QualityMark quality={person.quality} /> : null}
      </footer>
    </article>
  );
}

/** Bars, and words where the tile has room for them. */
function QualityMark({ quality }: { quality: Quality }) {
  return (
    <span className={`tile-quality tile-quality-${quality}`} title={QUALITY_WORDS[quality]} data-testid="tile-quality">
      <SignalBars bars={QUALITY_BARS[quality]} />
      <span className="tile-quality-words">{QUALITY_WORDS[quality]}</span>
    </span>
  );
}

function ScreenTile({ person, children }: KindProps) {
  const whose = person.isLocal ? "Your screen" : `${person.name}’s screen`;
  return (
    <article
      className="tile"
      aria-label={whose}
      data-testid="screen-tile"
      data-sid={person.sid}
      data-identity={person.identity}
    >
      {person.screen?.media ? (
        <Video className="tile-video tile-video-whole" track={person.screen.media} label={whose} />
      ) : null}
      {children}
      <footer className="tile-label">
        <ScreenIcon />
        <span className="tile-name">{whose}</span>
      </footer>
    </article>
  );
}

function describe(person: Person, audible: boolean): string {
  const parts = [person.isLocal ? `${person.name}, you` : person.name];
  if (person.hand !== null) parts.push("hand raised");
  if (!audible) parts.push("microphone off");
  else if (person.isSpeaking) parts.push("speaking");
  if (!isVisible(person)) parts.push("camera off");
  if (!person.isConnected) parts.push("reconnecting");
  else if (isBad(person.quality)) parts.push(QUALITY_WORDS[person.quality]);
  return parts.join(", ");
}
