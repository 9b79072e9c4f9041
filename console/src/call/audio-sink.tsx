import { useEffect, useRef } from "react";
import { playThrough } from "../media/speaker";
import type { Person } from "../model/call-state";

interface AudioSinkProps {
  readonly people: readonly Person[];
  /** The id of the speaker; empty for the system's choice. */
  readonly speaker: string;
  /** Counts the permissions to play that the person gave: each makes every element try again. */
  readonly round: number;
  /** The browser plays no sound before the first click. */
  onBlocked(): void;
}

/** Plays everyone else's sound, whether they have a tile or not. */
export function AudioSink({ people, ...rest }: AudioSinkProps) {
  return people.flatMap(({ isLocal, sid, microphone, screenAudio }) =>
    (isLocal ? [] : [microphone, screenAudio]).flatMap((track) =>
      // One flat list: who comes or goes changes nobody else's element, and who comes again under another sid gets another.
      track === null || track.media === null
        ? []
        : [<Sound key={`${sid}/${track.trackId}`} sid={sid} track={track.media} {...rest} />],
    ),
  );
}

interface SoundProps extends Omit<AudioSinkProps, "people"> {
  readonly sid: string;
  readonly track: MediaStreamTrack;
}

function Sound({ sid, track, speaker, round, onBlocked }: SoundProps) {
  const ref = useRef<HTMLAudioElement>(null);

  useEffect(() => {
    const audio = ref.current;
    if (audio === null) return;
    audio.srcObject = new MediaStream([track]);
    return () => {
      audio.srcObject = null;
    };
  }, [track]);

  useEffect(() => {
    if (ref.current !== null) void playThrough(ref.current, speaker);
  }, [speaker]);

  useEffect(() => {
    ref.current?.play().catch((error: unknown) => {
      // Other rejections mean that the element went away meanwhile.
      if (error instanceof DOMException && error.name === "NotAllowedError") onBlocked();
    });
  }, [track, round, onBlocked]);

  return <audio ref={ref} data-testid="remote-audio" data-sid={sid} />;
}
