import { useCallback, useMemo, useState } from "react";
import { Button } from "../../components/button";
import { Mark } from "../../components/mark";
import { useNow } from "../../hooks/use-now";
import { adminApi } from "../api/admin-api";
import { useRoomRoute } from "../hooks/use-room-route";
import { readTokenFacts, type TokenFacts } from "../model/admin-token";
import { roughly } from "../model/durations";
import { keepToken } from "../session";
import { RoomPane } from "./room-pane";
import { RoomsPane } from "./rooms-pane";
import { TokenScreen } from "./token-screen";
import "./admin-app.css";

interface AdminAppProps {
  readonly initialToken: string | null;
  /** Where the server is. */
  readonly base: string;
}

/** The admin view: a token, then the rooms. */
export function AdminApp({ initialToken, base }: AdminAppProps) {
  const [token, setToken] = useState(initialToken);
  const [reason, setReason] = useState<string | null>(null);

  const open = (next: string) => {
    keepToken(next);
    setReason(null);
    setToken(next);
  };
  const close = useCallback((why: string | null) => {
    keepToken(null);
    setReason(why);
    setToken(null);
  }, []);

  return token === null ? (
    <TokenScreen base={base} reason={reason} onToken={open} />
  ) : (
    <Board base={base} token={token} onClose={close} />
  );
}

interface BoardProps {
  readonly base: string;
  readonly token: string;
  /** The token is no good any more, or not wanted any more (null). */
  onClose(reason: string | null): void;
}

function Board({ base, token, onClose }: BoardProps) {
  const api = useMemo(() => adminApi(base, token), [base, token]);
  const facts = useMemo(() => readTokenFacts(token), [token]);
  const [room, goTo] = useRoomRoute();

  return (
    <div className="admin" data-room={room !== null} data-testid="admin">
      <header className="admin-header">
        <Mark />
        <h1>Admin</h1>
        {facts === null ? null : <TokenNote facts={facts} />}
        <Button size="sm" onClick={() => onClose(null)} data-testid="sign-out">
          Forget the token
        </Button>
      </header>
      <main className="admin-main">
        <RoomsPane api={api} chosen={room} onChoose={goTo} onTokenProblem={onClose} />
        {room === null ? (
          <p className="admin-hint">Choose a room to see who is in it.</p>
        ) : (
          <RoomPane key={room} api={api} name={room} onBack={() => goTo(null)} onTokenProblem={onClose} />
        )}
      </main>
    </div>
  );
}

function TokenNote({ facts: { key, expiresAtMs } }: { facts: TokenFacts }) {
  const now = useNow(expiresAtMs !== null, 30_000);
  return (
    <p className="admin-token">
      Key <strong>{key}</strong>
      {expiresAtMs === null ? null : <>, {expiresAtMs > now ? `for ${roughly(expiresAtMs - now)}` : "expired"}</>}
    </p>
  );
}
