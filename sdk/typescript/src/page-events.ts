/**
 * What the page tells a room. Does nothing where there is no page. Returns a function that takes the listeners back.
 */
export function pageEvents({
  onOnline,
  onHide,
}: {
  readonly onOnline: () => void;
  readonly onHide: (() => void) | undefined;
}): () => void {
  const target = globalThis as Partial<Pick<Window, "addEventListener" | "removeEventListener">>;
  target.addEventListener?.("online", onOnline);
  if (onHide !== undefined) {
    target.addEventListener?.("pagehide", onHide);
  }
  return () => {
    target.removeEventListener?.("online", onOnline);
    if (onHide !== undefined) {
      target.removeEventListener?.("pagehide", onHide);
    }
  };
}
