import type { ShownNotice } from "../hooks/use-call-notices";
import "./toasts.css";

/** The latest news of the room. */
export function Toasts({ notices }: { notices: readonly ShownNotice[] }) {
  return (
    <div className="toasts" role="log" aria-live="polite" aria-label="What happens in the room">
      {notices.map((notice) => (
        <p key={notice.key} className="toast" data-testid="toast">
          {notice.text}
        </p>
      ))}
    </div>
  );
}
