import { type CSSProperties, useMemo } from "react";
import { useElementSize } from "../hooks/use-element-size";
import type { Person } from "../model/call-state";
import { layoutGrid } from "../model/grid";
import { arrangeStage, type Tile as TileModel } from "../model/stage";
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
  readonly inviteLink: string;
}

/** Everybody's tiles; a shared screen in large. */
export function Stage({ people, inviteLink }: StageProps) {
  const { spotlight, tiles, overflow } = useMemo(() => arrangeStage(people), [people]);
  return (
    <div className="stage" data-spotlight={spotlight !== null}>
      {spotlight === null ? null : <Spotlight tile={spotlight} />}
      <TileGrid tiles={tiles} overflow={overflow} isStrip={spotlight !== null} />
      {people.length === 1 && spotlight === null ? <EmptyRoom link={inviteLink} /> : null}
    </div>
  );
}

interface TileGridProps {
  readonly tiles: readonly TileModel[];
  readonly overflow: readonly Person[];
  readonly isStrip: boolean;
}

function TileGrid({ tiles, overflow, isStrip }: TileGridProps) {
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
          <Tile tile={tile} />
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
