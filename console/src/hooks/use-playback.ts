import { useCallback, useState } from "react";

/** Whether the browser holds the sound back until somebody clicks. */
export interface Playback {
  readonly isBlocked: boolean;
  /** Changes with each permission: whatever plays sound tries again. */
  readonly round: number;
  onBlocked(): void;
  /** To be called in a click. */
  allow(): void;
}

export function usePlayback(): Playback {
  const [isBlocked, setBlocked] = useState(false);
  const [round, setRound] = useState(0);
  return {
    isBlocked,
    round,
    onBlocked: useCallback(() => setBlocked(true), []),
    allow: useCallback(() => {
      setBlocked(false);
      setRound((now) => now + 1);
    }, []),
  };
}
