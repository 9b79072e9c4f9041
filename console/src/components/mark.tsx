import "./mark.css";

/** The mark: two choirs that face each other, one a breath behind. */
export function Mark({ withName = false }: { withName?: boolean }) {
  return (
    <span className="mark">
      <svg className="mark-sign" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
        <rect className="mark-ground" width="32" height="32" rx="9" />
        <path className="mark-call" d="M15 5v16a8 8 0 0 1 0-16z" />
        <path className="mark-answer" d="M17 11a8 8 0 0 1 0 16z" />
      </svg>
      {withName ? <span className="mark-name">Antiphon</span> : null}
    </span>
  );
}
