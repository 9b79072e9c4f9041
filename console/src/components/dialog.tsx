import { type ReactNode, useEffect, useId, useRef } from "react";
import { Button } from "./button";
import "./dialog.css";

interface DialogProps {
  readonly title: string;
  readonly children: ReactNode;
  readonly closeWords: string;
  readonly testId: string;
  onClose(): void;
}

/** A question or an explanation in the middle of a call. Escape closes it. */
export function Dialog({ title, children, closeWords, testId, onClose }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();

  useEffect(() => ref.current?.showModal(), []);

  return (
    <dialog ref={ref} className="dialog" onClose={onClose} aria-labelledby={id} data-testid={testId}>
      <h2 id={id}>{title}</h2>
      {children}
      <form method="dialog">
        <Button type="submit" look="primary">
          {closeWords}
        </Button>
      </form>
    </dialog>
  );
}
