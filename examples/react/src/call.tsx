import type { LocalParticipant, RemoteParticipant, Room } from "@antiphon/client";
import { useEffect, useState } from "react";

import { Chat } from "./chat.tsx";
import { useRoomEvents } from "./use-room.ts";

export function Call({ room, onLeave }: { room: Room; onLeave: () => void }) {
  useRoomEvents(room, "participantJoined", "participantLeft", "participantUpdated", "reconnecting", "reconnected");
  return (
    <main>
      <h1>{room.name}</h1>
      {room.state === "reconnecting" && <p role="status">The connection is gone. Trying again …</p>}
      <section aria-label="People">
        <Tile room={room} participant={room.localParticipant} />
        {[...room.participants.values()].map((participant) => (
          <Tile key={participant.sid} room={room} participant={participant} />
        ))}
      </section>
      <Controls room={room} onLeave={onLeave} />
      <Chat room={room} />
    </main>
  );
}

function Tile({ room, participant }: { room: Room; participant: LocalParticipant | RemoteParticipant }) {
  useRoomEvents(room, "trackSubscribed", "trackUnsubscribed", "trackUpdated", "localTrackPublished", "localTrackUpdated");
  const camera = participant.trackFrom("camera");
  return (
    <figure data-identity={participant.identity}>
      {camera && !camera.muted && <Media kind="video" stream={camera.stream} muted />}
      {!participant.isLocal && <Media kind="audio" stream={participant.trackFrom("microphone")?.stream} />}
      <figcaption>{participant.name}</figcaption>
    </figure>
  );
}

/** Shows or plays a stream. React has no attribute for one. */
function Media({ kind: Kind, stream, muted = false }: { kind: "audio" | "video"; stream: MediaStream | undefined; muted?: boolean }) {
  const [element, setElement] = useState<HTMLMediaElement | null>(null);
  useEffect(() => {
    if (element !== null) {
      element.srcObject = stream ?? null;
    }
  }, [element, stream]);
  return <Kind ref={setElement} autoPlay playsInline muted={muted} />;
}

function Controls({ room, onLeave }: { room: Room; onLeave: () => void }) {
  useRoomEvents(room, "localTrackPublished", "localTrackUpdated");
  const [trouble, setTrouble] = useState<string>();
  const { localParticipant: me } = room;
  // Says why a device may not be opened, and what to do.
  const report = (error: Error) => setTrouble(error.message);
  return (
    <p>
      <button onClick={() => me.setMicrophoneEnabled(!me.isMicrophoneEnabled).catch(report)}>
        {me.isMicrophoneEnabled ? "Mute" : "Speak"}
      </button>
      <button onClick={() => me.setCameraEnabled(!me.isCameraEnabled).catch(report)}>
        {me.isCameraEnabled ? "Stop video" : "Start video"}
      </button>
      <button onClick={onLeave}>Leave</button>
      {trouble !== undefined && <span role="alert">{trouble}</span>}
    </p>
  );
}
