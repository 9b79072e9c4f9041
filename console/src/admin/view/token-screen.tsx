import { type FormEvent, useEffect, useId, useState } from "react";
import { Button } from "../../components/button";
import { Callout } from "../../components/callout";
import { Mark } from "../../components/mark";
import { fetchAdminToken, offersAdminToken } from "../api/dev-admin-token";
import { problemOf } from "../api/problem";
import { tokenComplaint } from "../model/admin-token";
import "../../components/field.css";
import "./token-screen.css";

interface TokenScreenProps {
  readonly base: string;
  /** Why the token before was no good; null where there was none. */
  readonly reason: string | null;
  onToken(token: string): void;
}

/** Asks for the token that opens the admin view. */
export function TokenScreen({ base, reason, onToken }: TokenScreenProps) {
  const [text, setText] = useState("");
  const [complaint, setComplaint] = useState<string | null>(null);
  const isOffered = useOffer(base);
  const ids = { token: useId(), complaint: useId(), help: useId() };

  function submit(event: FormEvent) {
    event.preventDefault();
    const wrong = tokenComplaint(text.trim(), Date.now());
    setComplaint(wrong);
    if (wrong === null) onToken(text.trim());
    else document.getElementById(ids.token)?.focus();
  }

  function take() {
    fetchAdminToken(base).then(onToken, (error: unknown) => setComplaint(problemOf(error).message));
  }

  return (
    <main className="token-screen" data-testid="token-screen">
      <Mark withName />
      <h1>Admin view</h1>
      <p>See the rooms of this server, who is in them and what happens, and step in.</p>
      {reason === null ? null : (
        <Callout words={{ title: "The token does not open this view any more", detail: reason, remedies: [] }} testId="token-reason" />
      )}
      {isOffered ? (
        <section className="token-offer" aria-label="Development server">
          <p>This is a development server on your own machine.</p>
          <Button look="primary" size="lg" onClick={take} data-testid="dev-admin">
            Open the admin view
          </Button>
          <p className="token-or">or with a token of your own:</p>
        </section>
      ) : null}
      <form className="token-form" onSubmit={submit} noValidate>
        <div className="field">
          <label htmlFor={ids.token}>Admin token</label>
          {/* A password field: nobody who looks at a shared screen reads it, and browsers do not suggest it elsewhere. */}
          <input
            id={ids.token}
            type="password"
            value={text}
            onChange={(event) => setText(event.target.value)}
            autoComplete="off"
            spellCheck={false}
            aria-invalid={complaint !== null}
            aria-describedby={complaint === null ? ids.help : `${ids.complaint} ${ids.help}`}
            data-testid="token-input"
          />
          {complaint === null ? null : (
            <p className="field-complaint" id={ids.complaint} role="alert" data-testid="token-complaint">
              {complaint}
            </p>
          )}
        </div>
        <p className="token-help" id={ids.help}>
          Make one on the server: <code>antiphon token --admin</code>. It is kept for this tab only.
        </p>
        <Button type="submit" look={isOffered ? "plain" : "primary"} size="lg" data-testid="token-submit">
          Open with this token
        </Button>
      </form>
    </main>
  );
}

function useOffer(base: string): boolean {
  const [isOffered, setOffered] = useState(false);
  useEffect(() => {
    let isGone = false;
    void offersAdminToken(base).then((offered) => {
      if (!isGone) setOffered(offered);
    });
    return () => {
      isGone = true;
    };
  }, [base]);
  return isOffered;
}
