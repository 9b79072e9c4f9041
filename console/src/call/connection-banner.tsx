import { Button } from "../components/button";
import { useNow } from "../hooks/use-now";
import { useOnline } from "../hooks/use-online";
import type { Connection } from "../model/call-state";
import { bannerWords } from "../model/connection-words";
import { Banner } from "./banner";

interface ConnectionBannerProps {
  readonly connection: Connection;
  onRetry(): void;
}

/** Says what happens while the connection is broken, and when it is tried again. */
export function ConnectionBanner({ connection, onRetry }: ConnectionBannerProps) {
  const isReconnecting = connection.phase === "reconnecting";
  const now = useNow(isReconnecting, 250);
  const isOnline = useOnline();
  const words = bannerWords(connection, now, isOnline);
  return (
    // Always there, so that screen readers announce what comes in. Only the title: a countdown read aloud is torture.
    <div className="banner-place" role="status" aria-live="polite">
      {words === null ? null : (
        <Banner title={words.title} detail={words.detail} isDetailSilent isBusy testId="connection-banner">
          {words.offersRetry ? (
            <Button size="sm" onClick={onRetry} data-testid="reconnect-now">
              Try now
            </Button>
          ) : null}
        </Banner>
      )}
    </div>
  );
}
