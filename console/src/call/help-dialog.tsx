import { Dialog } from "../components/dialog";
import { keysOf, SHORTCUTS } from "../model/shortcuts";
import { isMac } from "../hooks/is-mac";
import "./help-dialog.css";

/** What the keyboard can do. */
export function HelpDialog({ onClose }: { onClose(): void }) {
  return (
    <Dialog title="Keyboard shortcuts" closeWords="Done" onClose={onClose} testId="help-dialog">
      <dl className="help-keys">
        {SHORTCUTS.map(({ name, words }) => (
          <div key={name}>
            <dt>{words}</dt>
            <dd>
              <kbd>{keysOf(name, isMac())}</kbd>
            </dd>
          </div>
        ))}
        <div>
          <dt>Close what is open</dt>
          <dd>
            <kbd>Esc</kbd>
          </dd>
        </div>
      </dl>
    </Dialog>
  );
}
