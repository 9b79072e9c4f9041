import { type ReactNode, useEffect, useId, useRef, useState } from "react";
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

  const heading = useRef<HTMLHeadingElement>(null);
  const hasFocus = useRef(false);
  // A row that goes away takes the focus with it: it stays in the panel.
  useEffect(() => {
    if (hasFocus.current && document.activeElement === document.body) heading.current?.focus();
  });

  return (
    <aside
      className="panel"
      aria-labelledby={id}
      data-testid={testId}
      onFocus={() => (hasFocus.current = true)}
      onBlur={({ target, relatedTarget }) => {
        // What is gone already did not let go of the focus by itself.
        if (relatedTarget !== null || target.isConnected) hasFocus.current = false;
      }}
      onKeyDown={(event) => {
        // Escape in a dialog is the dialog's.
        const isDialogs = event.target instanceof Element && event.target.closest("dialog") !== null;
        if (event.key === "Escape" && !isDialogs) onClose();
      }}
    >
      <header className="panel-header">
        <h2 ref={heading} id={id} tabIndex={-1}>
          {title}
        </h2>
        <IconButton label="Close" look="bare" icon={<CloseIcon />} onClick={onClose} data-testid="panel-close" />
      </header>
      {children}
    </aside>
  );
}
