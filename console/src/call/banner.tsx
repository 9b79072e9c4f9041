import type { ReactNode } from "react";
import "./banner.css";

interface BannerProps {
  readonly title: string;
  /** Not read aloud where it changes all the time. */
  readonly detail: string;
  readonly isDetailSilent?: boolean;
  /** Something goes on by itself. */
  readonly isBusy?: boolean;
  readonly children?: ReactNode;
  readonly testId: string;
}

/** A line above the stage about the call as a whole, and a button that mends it. */
export function Banner({ title, detail, isDetailSilent = false, isBusy = false, children, testId }: BannerProps) {
  return (
    <div className="banner" data-testid={testId}>
      {isBusy ? <span className="banner-pulse" aria-hidden="true" /> : null}
      <p className="banner-text">
        <strong>{title}</strong> <span aria-hidden={isDetailSilent}>{detail}</span>
      </p>
      {children}
    </div>
  );
}
