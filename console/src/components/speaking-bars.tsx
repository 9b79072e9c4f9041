import "./speaking-bars.css";

/** Bars that rise and fall: somebody speaks. A shape of its own, so that nobody has to tell colours apart. */
export function SpeakingBars() {
  return (
    <span className="speaking-bars" aria-hidden="true" data-testid="speaking-bars">
      <span />
      <span />
      <span />
    </span>
  );
}
