import type { ReactNode } from "react";
import type { Words } from "../model/words";
import { WarningIcon } from "./icons";
import { Remedies } from "./remedies";
import "./callout.css";

interface CalloutProps {
  readonly words: Words;
  readonly children?: ReactNode;
  readonly testId?: string;
}

/** Says what happened and how to put it right. */
export function Callout({ words, children, testId }: CalloutProps) {
  return (
    <section className="callout" role="status" data-testid={testId}>
      <WarningIcon className="callout-icon" />
      <div className="callout-text">
        <p className="callout-title">{words.title}</p>
        <p>{words.detail}</p>
        <Remedies words={words} />
        {children === undefined ? null : <div className="callout-actions">{children}</div>}
      </div>
    </section>
  );
}
