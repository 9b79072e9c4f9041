import { useEffect, useRef } from "react";
import { Button } from "../components/button";
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
    <dialog ref={ref} className="device-dialog" onClose={onClose} aria-labelledby="device-dialog-title" data-testid="device-dialog">
      <h2 id="device-dialog-title">{words.title}</h2>
      <p>{words.detail}</p>
      {words.remedies.length > 0 ? (
        <ol>
          {words.remedies.map((remedy) => (
            <li key={remedy}>{remedy}</li>
          ))}
        </ol>
      ) : null}
      <form method="dialog">
        <Button type="submit" look="primary">
          All right
        </Button>
      </form>
    </dialog>
  );
}
