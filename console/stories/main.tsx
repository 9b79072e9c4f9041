/**
 * The page's states without a server, for looking at while working on them: `npm run dev -w console`, then /stories/.
 * Not part of the build. `?story=call&count=9&chat=1&share=1&moderator=1&hands=1&lost=1`,
 * `?story=end&kind=kicked&code=…`, `?story=join&invited=1`, `?story=lobby`, `?story=admin&room=quiet-garden-42`, `?story=token`.
 */
import { createRoot } from "react-dom/client";
import { CallScreen } from "../src/call/call-screen";
import { EndScreen } from "../src/end/end-screen";
import { JoinScreen } from "../src/join/join-screen";
import type { Connection, EndingKind } from "../src/model/call-state";
import { AdminApp } from "../src/admin/view/admin-app";
import "../src/styles/index.css";
import { fakeAdminFetch } from "./fake-admin";
import { fakeCall, type Scene } from "./fake-call";

const query = new URLSearchParams(location.search);
const QUIET: Scene = {
  count: 1,
  connection: { phase: "live" },
  hasChat: false,
  isSharing: false,
  isModerator: false,
  hasHands: false,
};
const nothing = () => undefined;
const FAKE_TOKEN = `e30.${btoa(JSON.stringify({ iss: "devkey", exp: Math.floor(Date.now() / 1_000) + 3_540 }))}.e30`;

function story() {
  switch (query.get("story")) {
    case "call": {
      const connection: Connection = query.has("lost")
        ? { phase: "reconnecting", attempt: 3, retryAtMs: Date.now() + 60_000, isPlanned: false, isInside: true }
        : { phase: "live" };
      const store = fakeCall({
        count: Number(query.get("count") ?? 4),
        connection,
        hasChat: query.has("chat"),
        isSharing: query.has("share"),
        isModerator: query.has("moderator"),
        hasHands: query.has("hands"),
      });
      return <CallScreen store={store} inviteLink="https://calls.example/?room=quiet-garden-42" />;
    }
    case "end": {
      const code = query.get("code");
      const ending = {
        kind: (query.get("kind") ?? "left") as EndingKind,
        message: "",
        ...(code === null ? {} : { code }),
      };
      return <EndScreen ending={ending} roomName="quiet-garden-42" onAgain={nothing} onHome={nothing} />;
    }
    case "admin":
    case "token": {
      window.fetch = fakeAdminFetch;
      return <AdminApp initialToken={query.get("story") === "token" ? null : FAKE_TOKEN} base={location.origin} />;
    }
    case "lobby": {
      const store = fakeCall({ ...QUIET, connection: { phase: "waiting" } });
      return <CallScreen store={store} inviteLink="" />;
    }
    default:
      return (
        <JoinScreen initialName="" initialRoom="quiet-garden-42" isInvited={query.has("invited")} onJoin={nothing} />
      );
  }
}

const root = document.getElementById("root");
if (root !== null) createRoot(root).render(story());
