import type { ChatGroup } from "../model/chat";
import { splitLinks } from "../model/chat";

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

/** What one author said in one breath. */
export function ChatGroupView({ group }: { group: ChatGroup }) {
  const { author } = group;
  const sent = new Date(group.sentAtMs);
  return (
    <section className={author.isOwn ? "chat-group chat-group-own" : "chat-group"}>
      <h3 className="chat-author">
        {author.isOwn ? "You" : author.name}
        {author.isPrivate ? " (private)" : ""}
        <time dateTime={sent.toISOString()}>{TIME.format(sent)}</time>
      </h3>
      {group.entries.map((entry) => (
        <p
          key={entry.id}
          className="chat-message"
          data-testid="chat-message"
          data-id={entry.id}
          data-identity={entry.identity}
        >
          {splitLinks(entry.text).map((piece, index) =>
            piece.kind === "link" ? (
              <a key={index} href={piece.text} target="_blank" rel="noopener noreferrer">
                {piece.text}
              </a>
            ) : (
              piece.text
            ),
          )}
        </p>
      ))}
    </section>
  );
}
