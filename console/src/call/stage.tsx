import type { CSSProperties } from "react";
import { useElementSize } from "../hooks/use-element-size";
import type { StageView } from "../hooks/use-stage-view";
import type { Person } from "../model/call-state";
import { layoutGrid } from "../model/grid";
import type { Tile as TileModel } from "../model/stage";
import { EmptyRoom } from "./empty-room";
import { OverflowTile } from "./overflow-tile";
import { Spotlight } from "./spotlight";
import { Tile } from "./tile";
import "./stage.css";

const GAP = 12;
const GAP_SMALL = 8;
const SMALL_BOX = 480;

interface StageProps {
  readonly people: readonly Person[];
  readonly view: StageView;
  readonly inviteLink: string;
}

/** Everybody's tiles; one of them in large where there is reason to. */
export function Stage({ people, view, inviteLink }: StageProps) {
  const { spotlight, tiles, overflow } = view.stage;
  const isAlone = people.length === 1;
  return (
    <div className="stage" data-spotlight={spotlight !== null} data-alone={isAlone}>
      {spotlight === null ? null : (
        <Spotlight tile={spotlight} isPinned={spotlight.key === view.pinned} onPin={view.togglePin} />
      )}
      <TileGrid
        tiles={tiles}
        overflow={overflow}
        isStrip={spotlight !== null}
        onPin={isAlone && spotlight === null ? undefined : view.togglePin}
      />
      {isAlone && spotlight === null ? <EmptyRoom link={inviteLink} /> : null}
    </div>
  );
}

interface TileGridProps {
  readonly tiles: readonly TileModel[];
  readonly overflow: readonly Person[];
  readonly isStrip: boolean;
  readonly onPin: ((key: string) => void) | undefined;
}

function TileGrid({ tiles, overflow, isStrip, onPin }: TileGridProps) {
  const [ref, box] = useElementSize();
  const gap = box.width < SMALL_BOX ? GAP_SMALL : GAP;
  const count = tiles.length + (overflow.length > 0 ? 1 : 0);
  const layout = layoutGrid(box, count, gap);
  const style = {
    "--tile-width": `${layout.tile.width}px`,
    "--tile-height": `${layout.tile.height}px`,
    "--tile-gap": `${gap}px`,
  } as CSSProperties;

  return (
    <ul
      ref={ref}
      className={isStrip ? "strip" : "grid"}
      style={style}
      data-scrolls={layout.scrolls}
      aria-label="People"
      tabIndex={isStrip || layout.scrolls ? 0 : undefined}
    >
      {tiles.map((tile) => (
        <li key={tile.key} className="cell">
          <Tile tile={tile} isPinned={false} onPin={onPin} />
        </li>
      ))}
      {overflow.length > 0 ? (
        <li className="cell">
          <OverflowTile people={overflow} />
        </li>
      ) : null}
    </ul>
  );
}
