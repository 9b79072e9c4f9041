import type { Words } from "../model/words";
import "./remedies.css";

/** What the reader can do: one sentence, numbered steps, or a choice. */
export function Remedies({ words: { remedies, areAlternatives = false } }: { words: Words }) {
  if (remedies.length <= 1) return remedies.map((remedy) => <p key={remedy}>{remedy}</p>);
  const List = areAlternatives ? "ul" : "ol";
  return (
    <List className="remedies">
      {remedies.map((remedy) => (
        <li key={remedy}>{remedy}</li>
      ))}
    </List>
  );
}
