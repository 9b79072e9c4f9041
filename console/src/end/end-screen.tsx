import { Button } from "../components/button";
import { Mark } from "../components/mark";
import type { Ending } from "../model/call-state";
import { endingWords } from "../model/ending-words";
import "./end-screen.css";

interface EndScreenProps {
  readonly ending: Ending;
  readonly roomName: string;
  onAgain(): void;
  onHome(): void;
}

/** After the call, or instead of it: what happened, and the way back. */
export function EndScreen({ ending, roomName, onAgain, onHome }: EndScreenProps) {
  const words = endingWords(ending, roomName);
  return (
    <main className="end" data-testid="end-screen" data-kind={ending.kind} data-code={ending.code}>
      <Mark />
      <div className="end-words" role="alert">
        <h1>{words.title}</h1>
        <p>{words.detail}</p>
      </div>
      {words.needsToken ? <TokenRecipe roomName={roomName} /> : null}
      <div className="end-actions">
        {words.again === null ? null : (
          <Button look="primary" size="lg" autoFocus onClick={onAgain} data-testid="again-button">
            {words.again}
          </Button>
        )}
        <Button size="lg" onClick={onHome} data-testid="home-button">
          Start another call
        </Button>
      </div>
    </main>
  );
}

/** How somebody with access to the server makes a token. */
function TokenRecipe({ roomName }: { roomName: string }) {
  return (
    <div className="end-recipe">
      <p>On the server:</p>
      <code>antiphon token --room {shellQuote(roomName)} --identity you</code>
      <p>
        Then open this page with <code>?token=…</code> at the end of its address.
      </p>
    </div>
  );
}

function shellQuote(word: string): string {
  return /^[\w.-]+$/.test(word) ? word : `'${word.replace(/'/g, "'\\''")}'`;
}
