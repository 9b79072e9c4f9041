import { useState } from "react";
import { CallScreen } from "./call/call-screen";
import { EndScreen } from "./end/end-screen";
import { useCall } from "./hooks/use-call";
import { type JoinChoice, JoinScreen } from "./join/join-screen";
import { homeAddress, roomAddress } from "./model/address";
import { friendlyRoomName } from "./model/room-name";
import type { CallStore } from "./session/call-store";
import { type Invitation, NO_INVITATION } from "./session/invitation";
import { assignToken, rememberedName, rememberName, tabIdentity } from "./session/memory";
import { joinRoom } from "./session/room-store";
import { fetchDevToken } from "./session/token";

interface CurrentCall {
  readonly room: string;
  readonly store: CallStore;
}

/** The page: pre-join, call, end. */
export function App({ invitation: first }: { invitation: Invitation }) {
  const [invitation, setInvitation] = useState(first);
  const [suggestion, setSuggestion] = useState(() => friendlyRoomName(Math.random));
  const [call, setCall] = useState<CurrentCall | null>(null);

  function join(choice: JoinChoice) {
    rememberName(choice.name);
    // Replaced, not pushed: "back" leads to where the person came from, and a reload into the same room.
    history.replaceState(null, "", roomAddress(location.href, choice.room));
    if (invitation.token !== null) assignToken(choice.room, invitation.token);
    setInvitation({ ...invitation, room: choice.room });
    setCall({ room: choice.room, store: startCall(choice, invitation) });
  }

  function goHome() {
    history.replaceState(null, "", homeAddress(location.href));
    setInvitation(NO_INVITATION);
    setSuggestion(friendlyRoomName(Math.random));
    setCall(null);
  }

  if (call !== null) {
    return <Call store={call.store} room={call.room} onAgain={() => setCall(null)} onHome={goHome} />;
  }
  return (
    <JoinScreen
      key={invitation.room ?? suggestion}
      initialName={rememberedName() || (invitation.name ?? "")}
      initialRoom={invitation.room ?? suggestion}
      isInvited={invitation.room !== null}
      onJoin={join}
    />
  );
}

interface CallProps {
  readonly store: CallStore;
  readonly room: string;
  onAgain(): void;
  onHome(): void;
}

function Call({ store, room, onAgain, onHome }: CallProps) {
  const { ending } = useCall(store);
  if (ending !== null) return <EndScreen ending={ending} roomName={room} onAgain={onAgain} onHome={onHome} />;
  return <CallScreen store={store} inviteLink={roomAddress(location.href, room)} />;
}

function startCall({ name, room, microphone, camera }: JoinChoice, { token, moderate }: Invitation): CallStore {
  // The server that the page came from, wherever below it the page's own address is.
  const base = new URL(import.meta.env.BASE_URL, location.href).href;
  return joinRoom({
    base,
    room,
    name,
    tracks: { microphone, camera },
    getToken: () =>
      token === null ? fetchDevToken({ room, identity: tabIdentity(), name, moderate }, base) : Promise.resolve(token),
  });
}
