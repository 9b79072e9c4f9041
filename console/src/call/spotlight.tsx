import { useRef } from "react";
import { IconButton } from "../components/button";
import { ExpandIcon } from "../components/icons";
import type { Tile as TileModel } from "../model/stage";
import { Tile } from "./tile";
import "./spotlight.css";

interface SpotlightProps {
  readonly tile: TileModel;
  readonly isPinned: boolean;
  onPin(key: string): void;
}

/** One tile in large. */
export function Spotlight({ tile, isPinned, onPin }: SpotlightProps) {
  const ref = useRef<HTMLDivElement>(null);

  function toggleFullscreen() {
    // Refused where a policy forbids it: then it stays as large as it is.
    const change = document.fullscreenElement === null ? ref.current?.requestFullscreen() : document.exitFullscreen();
    void change?.catch(() => undefined);
  }

  return (
    <div ref={ref} className="spotlight" data-testid="spotlight">
      <Tile tile={tile} isPinned={isPinned} onPin={onPin} />
      <IconButton className="spotlight-expand" label="Full screen" icon={<ExpandIcon />} onClick={toggleFullscreen} />
    </div>
  );
}
