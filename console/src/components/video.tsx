import { useEffect, useRef } from "react";

interface VideoProps {
  readonly track: MediaStreamTrack;
  readonly className?: string;
  /** What the picture is of. */
  readonly label: string;
}

/** Renders a video track. Sound is played elsewhere, so that moving a tile never interrupts it. */
export function Video({ track, className, label }: VideoProps) {
  const ref = useRef<HTMLVideoElement>(null);

  useEffect(() => {
    const video = ref.current;
    if (video === null) return;
    video.srcObject = new MediaStream([track]);
    // Muted video is always allowed to play; a rejection means that the element went away meanwhile.
    void video.play().catch(() => undefined);
    return () => {
      video.srcObject = null;
    };
  }, [track]);

  return <video ref={ref} className={className} aria-label={label} autoPlay muted playsInline />;
}
