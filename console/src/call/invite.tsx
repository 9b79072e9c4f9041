import { useRef } from "react";
import { Button } from "../components/button";
import { CheckIcon, LinkIcon } from "../components/icons";
import { useCopy } from "../hooks/use-copy";
import "./invite.css";

/** Copies the invitation. */
export function InviteButton({ link }: { link: string }) {
  const [isCopied, copy] = useCopy(link);
  return (
    <Button
      className="invite-button"
      size="sm"
      icon={isCopied ? <CheckIcon /> : <LinkIcon />}
      onClick={copy}
      data-testid="invite-button"
    >
      <span aria-live="polite">{isCopied ? "Copied" : "Invite"}</span>
    </Button>
  );
}

/** The invitation to read, and a button that copies it. */
export function InviteLink({ link }: { link: string }) {
  const field = useRef<HTMLInputElement>(null);
  const [isCopied, copy] = useCopy(link, field);
  return (
    <div className="invite-link">
      <input
        ref={field}
        value={link}
        readOnly
        aria-label="Invitation link"
        data-testid="invite-link"
        onFocus={(event) => event.target.select()}
      />
      <Button
        size="sm"
        look="primary"
        icon={isCopied ? <CheckIcon /> : <LinkIcon />}
        onClick={copy}
        data-testid="invite-copy"
      >
        <span aria-live="polite">{isCopied ? "Copied" : "Copy"}</span>
      </Button>
    </div>
  );
}
