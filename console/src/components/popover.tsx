import { type ReactNode, useId, useRef, useState } from "react";
import { IconButton } from "./button";
import "./popover.css";

interface PopoverProps {
  readonly label: string;
  readonly icon: ReactNode;
  readonly badge?: string;
  readonly testId: string;
  /** What opens; `close` closes it and gives the focus back to the button. */
  children(close: () => void): ReactNode;
}

/** A button and what it opens above the controls. Escape, or a click anywhere else, closes it. */
export function Popover({ label, icon, badge = "", testId, children }: PopoverProps) {
  const id = useId();
  const ref = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <IconButton
        label={label}
        icon={icon}
        badge={badge}
        look={isOpen ? "active" : "plain"}
        popoverTarget={id}
        aria-expanded={isOpen}
        aria-controls={id}
        data-testid={testId}
      />
      <div
        ref={ref}
        id={id}
        className="popover"
        popover="auto"
        role="group"
        aria-label={label}
        // There before it opens, so that the next Tab finds it; gone after it closed, so that the focus is back by then.
        onBeforeToggle={(event) => {
          if (event.newState === "open") setOpen(true);
        }}
        onToggle={(event) => {
          if (event.newState === "closed") setOpen(false);
        }}
      >
        {isOpen ? children(() => ref.current?.hidePopover()) : null}
      </div>
    </>
  );
}

interface MenuItemProps {
  readonly icon: ReactNode;
  readonly words: string;
  /** Stands at the end of the line: a count, or keys. */
  readonly note?: string;
  readonly testId: string;
  onChoose(): void;
}

/** One line of a popover that is a menu. */
export function MenuItem({ icon, words, note = "", testId, onChoose }: MenuItemProps) {
  return (
    <button type="button" className="menu-item" onClick={onChoose} data-testid={testId}>
      {icon}
      <span>{words}</span>
      {note === "" ? null : <small>{note}</small>}
    </button>
  );
}
