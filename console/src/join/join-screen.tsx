import { type FormEvent, useId, useState } from "react";
import { Button } from "../components/button";
import { Mark } from "../components/mark";
import { MAX_ROOM_NAME, normalizeRoomName } from "../model/room-name";
import { DeviceTroubles } from "./device-troubles";
import { PreviewCard } from "./preview-card";
import { usePreview } from "./use-preview";
import "../components/field.css";
import "./join-screen.css";

/** What somebody decided on the pre-join screen. */
export interface JoinChoice {
  readonly name: string;
  readonly room: string;
  readonly microphone: MediaStreamTrack | null;
  readonly camera: MediaStreamTrack | null;
}

interface JoinScreenProps {
  readonly initialName: string;
  readonly initialRoom: string;
  /** The room stands in the invitation and cannot be changed. */
  readonly isInvited: boolean;
  onJoin(choice: JoinChoice): void;
}

/** Longer names are cut off in the tiles anyway. */
const MAX_NAME = 60;

/** Before the call: who one is, where one goes, and what the others will see and hear. */
export function JoinScreen({ initialName, initialRoom, isInvited, onJoin }: JoinScreenProps) {
  const preview = usePreview();
  const [name, setName] = useState(initialName);
  const [room, setRoom] = useState(initialRoom);
  const [complaint, setComplaint] = useState<"name" | "room" | null>(null);
  const ids = { name: useId(), room: useId(), complaint: useId() };

  function submit(event: FormEvent) {
    event.preventDefault();
    const chosenRoom = isInvited ? room : normalizeRoomName(room);
    const wrong = name.trim() === "" ? "name" : chosenRoom === "" ? "room" : null;
    setComplaint(wrong);
    if (wrong !== null) {
      document.getElementById(ids[wrong])?.focus();
      return;
    }
    onJoin({ name: name.trim(), room: chosenRoom, ...preview.release() });
  }

  return (
    <div className="join" data-testid="join-screen">
      <header className="join-header">
        <Mark withName />
      </header>
      <main className="join-main">
        <PreviewCard preview={preview} name={name} />
        <form className="join-form" onSubmit={submit} noValidate>
          <div className="join-heading">
            <h1>{isInvited ? "Ready to join?" : "Start a call"}</h1>
            <p>
              {isInvited ? (
                <>
                  You are invited to <strong>{room}</strong>.
                </>
              ) : (
                "Pick a room. Whoever opens the same one is in the call with you."
              )}
            </p>
          </div>
          <div className="field">
            <label htmlFor={ids.name}>Your name</label>
            <input
              id={ids.name}
              data-testid="name-input"
              value={name}
              onChange={(event) => setName(event.target.value)}
              placeholder="How the others see you"
              maxLength={MAX_NAME}
              autoComplete="nickname"
              spellCheck={false}
              autoFocus={initialName === ""}
              aria-invalid={complaint === "name"}
              aria-describedby={complaint === "name" ? ids.complaint : undefined}
            />
            {complaint === "name" ? <Complaint id={ids.complaint}>Please enter a name.</Complaint> : null}
          </div>
          {isInvited ? null : (
            <div className="field">
              <label htmlFor={ids.room}>Room</label>
              <input
                id={ids.room}
                data-testid="room-input"
                value={room}
                onChange={(event) => setRoom(event.target.value)}
                onBlur={() => setRoom(normalizeRoomName(room))}
                maxLength={MAX_ROOM_NAME}
                autoComplete="off"
                autoCapitalize="none"
                spellCheck={false}
                aria-invalid={complaint === "room"}
                aria-describedby={complaint === "room" ? ids.complaint : undefined}
              />
              {complaint === "room" ? (
                <Complaint id={ids.complaint}>Please enter a room name with letters or digits.</Complaint>
              ) : null}
            </div>
          )}
          <Button type="submit" look="primary" size="lg" data-testid="join-button">
            {joinWords(preview.inputs.microphone.track !== null, preview.inputs.camera.track !== null)}
          </Button>
          <DeviceTroubles preview={preview} />
        </form>
      </main>
    </div>
  );
}

function Complaint({ id, children }: { id: string; children: string }) {
  return (
    <p className="field-complaint" id={id} role="alert">
      {children}
    </p>
  );
}

function joinWords(hasMicrophone: boolean, hasCamera: boolean): string {
  if (hasMicrophone && hasCamera) return "Join the call";
  if (hasMicrophone) return "Join without camera";
  if (hasCamera) return "Join without microphone";
  return "Join to listen and chat";
}
