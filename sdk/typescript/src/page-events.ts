type Target = Partial<Pick<EventTarget, "addEventListener" | "removeEventListener">>;

/** What a page goes through, as far as a room is concerned. */
export interface PageListeners {
  /** The network is back. */
  readonly onOnline: () => void;
  /**
   * The page is seen again, or runs again after the browser froze it or kept it for the way back. Meanwhile its timers
   * were late or stood still, and its connection may be gone without a word.
   */
  readonly onWake: () => void;
  /** The page goes away, perhaps for good. */
  readonly onHide: (() => void) | undefined;
}

/**
 * What the page tells a room (https://html.spec.whatwg.org/#page-visibility, https://wicg.github.io/page-lifecycle/).
 * Does nothing where there is no page. Returns a function that takes the listeners back.
 */
export function pageEvents({ onOnline, onWake, onHide }: PageListeners): () => void {
  const page = (globalThis as { document?: Document }).document;
  const onVisible = () => {
    if (page?.visibilityState === "visible") {
      onWake();
    }
  };
  const listeners: [Target | undefined, string, () => void][] = [
    [globalThis as Target, "online", onOnline],
    [globalThis as Target, "pageshow", onWake],
    [page, "resume", onWake],
    [page, "visibilitychange", onVisible],
  ];
  if (onHide !== undefined) {
    listeners.push([globalThis as Target, "pagehide", onHide]);
  }
  for (const [target, name, listener] of listeners) {
    target?.addEventListener?.(name, listener);
  }
  return () => {
    for (const [target, name, listener] of listeners) {
      target?.removeEventListener?.(name, listener);
    }
  };
}
