import { Avatar } from "../components/avatar";
import { MicrophoneOffIcon, ScreenIcon } from "../components/icons";
import { Video } from "../components/video";
import { useSpeaking } from "../hooks/use-speaking";
import { isAudible, type Person } from "../model/call-state";
import type { Tile as TileModel } from "../model/stage";
import "./tile.css";

/** One person's picture, or one shared screen. */
export function Tile({ tile }: { tile: TileModel }) {
  return tile.shows === "camera" ? <CameraTile person={tile.person} /> : <ScreenTile person={tile.person} />;
}

function CameraTile({ person }: { person: Person }) {
  const audible = isAudible(person);
  const isSpeaking = useSpeaking(audible ? (person.microphone?.media ?? null) : null);
  const picture = person.camera !== null && !person.camera.muted ? person.camera.media : null;
  return (
    <article
      className="tile"
      aria-label={describe(person, audible)}
      data-testid="tile"
      data-sid={person.sid}
      data-identity={person.identity}
      data-local={person.isLocal}
      data-connected={person.isConnected}
      data-speaking={isSpeaking}
      data-video={picture !== null}
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
      {person.isConnected ? null : <p className="tile-away">Reconnecting…</p>}
      <footer className="tile-label">
        {audible ? null : <MicrophoneOffIcon className="tile-muted" data-testid="tile-muted" />}
        <span className="tile-name">{person.isLocal ? `${person.name} (you)` : person.name}</span>
      </footer>
    </article>
  );
}

function ScreenTile({ person }: { person: Person }) {
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
      <footer className="tile-label">
        <ScreenIcon />
        <span className="tile-name">{whose}</span>
      </footer>
    </article>
  );
}

function describe(person: Person, audible: boolean): string {
  const parts = [person.isLocal ? `${person.name}, you` : person.name];
  if (!audible) parts.push("microphone off");
  if (person.camera === null || person.camera.muted) parts.push("camera off");
  if (!person.isConnected) parts.push("reconnecting");
  return parts.join(", ");
}
