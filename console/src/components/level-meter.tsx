import { useEffect, useRef } from "react";
import { watchLevel } from "../media/audio-level";
import "./level-meter.css";

/** Shows how loud a microphone is. Writes to the element directly: twelve renders a second would be waste. */
export function LevelMeter({ track }: { track: MediaStreamTrack | null }) {
  const ref = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const meter = ref.current;
    if (meter === null || track === null) return;
    const stop = watchLevel(track, (level) => {
      meter.style.setProperty("--level", level.toFixed(3));
      meter.setAttribute("aria-valuenow", String(Math.round(level * 100)));
    });
    return () => {
      stop();
      meter.style.setProperty("--level", "0");
      meter.setAttribute("aria-valuenow", "0");
    };
  }, [track]);

  return (
    <div
      ref={ref}
      className="level-meter"
      role="meter"
      aria-label="Microphone level"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={0}
      data-testid="level-meter"
    />
  );
}
