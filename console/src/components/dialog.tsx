import { type ReactNode, useEffect, useId, useRef } from "react";
import { Button } from "./button";
import "./dialog.css";

interface DialogProps {
  readonly title: string;
  readonly children: ReactNode;
  readonly testId: string;
  /** The words on the button that closes it. */
  readonly closeWords: string;
  onClose(): void;
}

/** An explanation in the middle of a call. Escape closes it; the focus stays inside and goes back to where it was. */
export function Dialog({ closeWords, ...rest }: DialogProps) {
  return (
    <Modal {...rest}>
      {rest.children}
      <form method="dialog">
        <Button type="submit" look="primary">
          {closeWords}
        </Button>
      </form>
    </Modal>
  );
}

interface ConfirmDialogProps {
  readonly title: string;
  readonly detail: string;
  readonly testId: string;
  /** The words on the button that does it. */
  readonly confirmWords: string;
  /** The `data-testid` of that button. */
  readonly confirmTestId: string;
  /** What else there is to decide. */
  readonly children?: ReactNode;
  onConfirm(): void;
  onClose(): void;
}

const CONFIRMED = "confirmed";

/** A question before something that cannot be taken back. The safe answer has the focus. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { title, detail, testId, confirmWords, confirmTestId, children, onConfirm, onClose } = props;
  return (
    <Modal
      title={title}
      testId={testId}
      onClose={(answer) => {
        onClose();
        if (answer === CONFIRMED) onConfirm();
      }}
    >
      <p>{detail}</p>
      {children}
      <form method="dialog">
        <Button type="submit" autoFocus>
          Cancel
        </Button>
        <Button type="submit" look="danger" value={CONFIRMED} data-testid={confirmTestId}>
          {confirmWords}
        </Button>
      </form>
    </Modal>
  );
}

interface ModalProps {
  readonly title: string;
  readonly children: ReactNode;
  readonly testId: string;
  /** `answer` is the value of the button that closed it; empty for Escape. */
  onClose(answer: string): void;
}

function Modal({ title, children, testId, onClose }: ModalProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();

  useEffect(() => ref.current?.showModal(), []);

  return (
    <dialog
      ref={ref}
      className="dialog"
      onClose={(event) => onClose(event.currentTarget.returnValue)}
      aria-labelledby={id}
      data-testid={testId}
    >
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}
