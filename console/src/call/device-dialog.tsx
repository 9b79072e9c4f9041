import { useEffect, useRef } from "react";
import { Button } from "../components/button";
import { Remedies } from "../components/remedies";
import type { Words } from "../model/words";
import "./device-dialog.css";

interface DeviceDialogProps {
  readonly words: Words;
  onClose(): void;
}

/** Explains, in the middle of a call, why a device did not start. */
export function DeviceDialog({ words, onClose }: DeviceDialogProps) {
  const ref = useRef<HTMLDialogElement>(null);

  useEffect(() => ref.current?.showModal(), []);

  return (
    <dialog
      ref={ref}
      className="device-dialog"
      onClose={onClose}
      aria-labelledby="device-dialog-title"
      data-testid="device-dialog"
    >
      <h2 id="device-dialog-title">{words.title}</h2>
      <p>{words.detail}</p>
      <Remedies words={words} />
      <form method="dialog">
        <Button type="submit" look="primary">
          All right
        </Button>
      </form>
    </dialog>
  );
}
