import type { CSSProperties } from "react";
import { type Reaction, REACTIONS, type ShownReaction } from "../model/reactions";
import "./reactions.css";

/** The reactions of the last seconds, rising over the stage. Screen readers are told who and what, once each. */
export function RisingReactions({ shown }: { shown: readonly ShownReaction[] }) {
  return (
    <div className="rising" role="log" aria-live="polite" aria-label="Reactions">
      {shown.map(({ key, name, reaction, place }) => (
        <p
          key={key}
          className="rising-one"
          style={{ "--place": place } as CSSProperties}
          data-testid="reaction"
          data-reaction={reaction.id}
        >
          <span className="rising-emoji" aria-hidden="true">
            {reaction.emoji}
          </span>
          <span className="rising-name">
            {name}
            <span className="visually-hidden">: {reaction.words}</span>
          </span>
        </p>
      ))}
    </div>
  );
}

/** A row to choose a reaction from. */
export function ReactionRow({ onReact }: { onReact(reaction: Reaction): void }) {
  return (
    <div className="reaction-row" role="group" aria-label="Reactions">
      {REACTIONS.map((reaction) => (
        <button
          key={reaction.id}
          type="button"
          className="reaction-button"
          aria-label={reaction.words}
          title={reaction.words}
          onClick={() => onReact(reaction)}
          data-testid="react"
          data-reaction={reaction.id}
        >
          <span aria-hidden="true">{reaction.emoji}</span>
        </button>
      ))}
    </div>
  );
}
