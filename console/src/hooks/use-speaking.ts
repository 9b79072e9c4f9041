import { useEffect, useState } from "react";
import { watchLevel } from "../media/audio-level";
import { hearSpeech, SILENCE } from "../model/loudness";

/** Whether somebody speaks into a track. */
export function useSpeaking(track: MediaStreamTrack | null): boolean {
  const [isSpeaking, setSpeaking] = useState(false);

  useEffect(() => {
    if (track === null) return;
    let speech = SILENCE;
    const stop = watchLevel(track, (level) => {
      speech = hearSpeech(speech, level, performance.now());
      setSpeaking(speech.isSpeaking);
    });
    return () => {
      stop();
      setSpeaking(false);
    };
  }, [track]);

  return isSpeaking;
}
