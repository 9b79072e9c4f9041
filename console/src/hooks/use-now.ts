import { useEffect, useState } from "react";

/** The time in milliseconds since the Unix epoch, kept up to date while `isActive`. */
export function useNow(isActive: boolean, intervalMs: number): number {
  const [now, setNow] = useState(() => Date.now());

  useEffect(() => {
    if (!isActive) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), intervalMs);
    return () => clearInterval(timer);
  }, [isActive, intervalMs]);

  return now;
}
