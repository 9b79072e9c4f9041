import { type ReactNode, useEffect, useId, useState } from "react";
import { IconButton } from "../components/button";
import { CloseIcon } from "../components/icons";

interface PanelProps {
  readonly title: string;
  readonly children: ReactNode;
  readonly testId: string;
  onClose(): void;
}

/** What stands beside the stage, or over it where there is no room. Escape closes it. */
export function Panel({ title, children, testId, onClose }: PanelProps) {
  const id = useId();
  // Taken while rendering: effects come too late, what is inside has taken the focus by then.
  const [opener] = useState(() => document.activeElement);

  useEffect(
    () => () => {
      // Back to the button that opened it, unless the person went elsewhere already.
      if (opener instanceof HTMLElement && document.activeElement === document.body) opener.focus();
    },
    [opener],
  );

  return (
    <aside
      className="panel"
      aria-labelledby={id}
      data-testid={testId}
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
      }}
    >
      <header className="panel-header">
        <h2 id={id}>{title}</h2>
        <IconButton label="Close" look="bare" icon={<CloseIcon />} onClick={onClose} data-testid="panel-close" />
      </header>
      {children}
    </aside>
  );
}
