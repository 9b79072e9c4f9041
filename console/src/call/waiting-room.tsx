import { Button } from "../components/button";
import { Mark } from "../components/mark";
import "./waiting-room.css";

interface WaitingRoomProps {
  readonly roomName: string;
  readonly isInLobby: boolean;
  onLeave(): void;
}

/** Between the pre-join screen and the call: connecting, or waiting to be let in. */
export function WaitingRoom({ roomName, isInLobby, onLeave }: WaitingRoomProps) {
  return (
    <main className="waiting" data-testid={isInLobby ? "lobby-screen" : "joining-screen"}>
      <div className="waiting-mark">
        <Mark />
      </div>
      <div className="waiting-words" role="status">
        <h1>{isInLobby ? "Waiting to be let in" : `Joining ${roomName}…`}</h1>
        {isInLobby ? <p>Somebody in {roomName} has to admit you. Keep this page open.</p> : null}
      </div>
      <Button onClick={onLeave} data-testid="leave-button">
        Cancel
      </Button>
    </main>
  );
}
