import { useCallback, useEffect, useRef, useState } from "react";
import { Button } from "../components/button";
import { SpeakerIcon } from "../components/icons";
import type { Person } from "../model/call-state";
import "./audio-sink.css";

/** Plays everyone else's sound, whether they have a tile or not. */
export function AudioSink({ people }: { people: readonly Person[] }) {
  const [isBlocked, setBlocked] = useState(false);
  // Counts the permissions to play that the person gave by clicking: each makes every element try again.
  const [round, setRound] = useState(0);
  const onBlocked = useCallback(() => setBlocked(true), []);

  return (
    <>
      {people.map((person) =>
        person.isLocal
          ? null
          : [person.microphone, person.screenAudio].map((track) =>
              track === null || track.media === null ? null : (
                <Sound key={track.trackId} sid={person.sid} track={track.media} round={round} onBlocked={onBlocked} />
              ),
            ),
      )}
      {isBlocked ? (
        <div className="audio-blocked" role="alert">
          <Button
            look="primary"
            icon={<SpeakerIcon />}
            data-testid="unblock-audio"
            onClick={() => {
              setBlocked(false);
              setRound(round + 1);
            }}
          >
            Turn the sound on
          </Button>
        </div>
      ) : null}
    </>
  );
}

interface SoundProps {
  readonly sid: string;
  readonly track: MediaStreamTrack;
  readonly round: number;
  onBlocked(): void;
}

function Sound({ sid, track, round, onBlocked }: SoundProps) {
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
    ref.current?.play().catch((error: unknown) => {
      // Browsers allow no sound before the first click. Other rejections mean that the element went away meanwhile.
      if (error instanceof DOMException && error.name === "NotAllowedError") onBlocked();
    });
  }, [track, round, onBlocked]);

  return <audio ref={ref} data-testid="remote-audio" data-sid={sid} />;
}
