import { Button } from "../components/button";
import { SpeakerIcon } from "../components/icons";
import { Banner } from "./banner";

interface PlaybackBannerProps {
  readonly isBlocked: boolean;
  /** Called in a click, which is what the browser waits for. */
  onAllow(): void;
}

/** Says that the browser holds the sound back, and how to get it. */
export function PlaybackBanner({ isBlocked, onAllow }: PlaybackBannerProps) {
  return (
    <div className="banner-place" role="alert">
      {isBlocked ? (
        <Banner title="You hear nothing yet" detail="The browser plays sound only after a click." testId="playback-banner">
          <Button size="sm" icon={<SpeakerIcon />} onClick={onAllow} data-testid="unblock-audio">
            Turn the sound on
          </Button>
        </Banner>
      ) : null}
    </div>
  );
}
