import { Dialog } from "../components/dialog";
import { Remedies } from "../components/remedies";
import type { Words } from "../model/words";

interface DeviceDialogProps {
  readonly words: Words;
  onClose(): void;
}

/** Explains, in the middle of a call, why a device did not start. */
export function DeviceDialog({ words, onClose }: DeviceDialogProps) {
  return (
    <Dialog title={words.title} closeWords="All right" onClose={onClose} testId="device-dialog">
      <p>{words.detail}</p>
      <Remedies words={words} />
    </Dialog>
  );
}
