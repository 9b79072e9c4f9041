import { useEffect, useRef, useState } from "react";
import { IconButton } from "../components/button";
import {
  CameraIcon,
  CameraOffIcon,
  ChatIcon,
  LeaveIcon,
  MicrophoneIcon,
  MicrophoneOffIcon,
  PeopleIcon,
  ScreenIcon,
  ScreenStopIcon,
} from "../components/icons";
import { isAudible, type Person } from "../model/call-state";
import type { DeviceKind } from "../model/device-words";
import type { CallStore, SwitchResult } from "../session/call-store";
import "./controls.css";

/** What can stand beside the stage. */
export type PanelName = "chat" | "people";

interface ControlsProps {
  readonly me: Person | undefined;
  readonly panel: PanelName | null;
  readonly unread: string;
  readonly waiting: string;
  readonly headcount: number;
  readonly store: CallStore;
  onPanel(panel: PanelName | null): void;
  onResult(kind: DeviceKind, result: SwitchResult): void;
}

/** The row of buttons under the stage. */
export function Controls({ me, panel, unread, waiting, headcount, store, onPanel, onResult }: ControlsProps) {
  const [busy, setBusy] = useState<ReadonlySet<DeviceKind>>(new Set());
  const micOn = me !== undefined && isAudible(me);
  const cameraOn = me !== undefined && me.camera !== null && !me.camera.muted;
  const screenOn = me !== undefined && me.screen !== null;

  async function turn(kind: DeviceKind, action: () => Promise<SwitchResult>) {
    if (busy.has(kind)) return;
    setBusy((now) => new Set(now).add(kind));
    const result = await action();
    setBusy((now) => new Set([...now].filter((other) => other !== kind)));
    onResult(kind, result);
  }

  const toggleMicrophone = () => void turn("microphone", () => store.setMicrophone(!micOn));
  const toggleCamera = () => void turn("camera", () => store.setCamera(!cameraOn));
  const toggleScreen = () => void turn("screen", () => store.setScreenShare(!screenOn));
  const toggle = (name: PanelName) => onPanel(panel === name ? null : name);
  useShortcuts({ d: toggleMicrophone, e: toggleCamera });

  return (
    <footer className="controls" aria-label="Call controls">
      <div className="controls-group" role="group" aria-label="What you send">
        <IconButton
          label={micOn ? "Turn microphone off" : "Turn microphone on"}
          hint="Ctrl+D"
          icon={micOn ? <MicrophoneIcon /> : <MicrophoneOffIcon />}
          look={micOn ? "plain" : "off"}
          onClick={toggleMicrophone}
          aria-busy={busy.has("microphone")}
          aria-keyshortcuts="Control+D Meta+D"
          data-testid="mic-toggle"
          data-on={micOn}
        />
        <IconButton
          label={cameraOn ? "Turn camera off" : "Turn camera on"}
          hint="Ctrl+E"
          icon={cameraOn ? <CameraIcon /> : <CameraOffIcon />}
          look={cameraOn ? "plain" : "off"}
          onClick={toggleCamera}
          aria-busy={busy.has("camera")}
          aria-keyshortcuts="Control+E Meta+E"
          data-testid="camera-toggle"
          data-on={cameraOn}
        />
        {canShareScreen() ? (
          <IconButton
            label={screenOn ? "Stop sharing the screen" : "Share the screen"}
            icon={screenOn ? <ScreenStopIcon /> : <ScreenIcon />}
            look={screenOn ? "active" : "plain"}
            onClick={toggleScreen}
            aria-busy={busy.has("screen")}
            data-testid="screen-toggle"
            data-on={screenOn}
          />
        ) : null}
      </div>
      <IconButton
        className="controls-leave"
        label="Leave the call"
        icon={<LeaveIcon />}
        look="danger"
        onClick={store.leave}
        data-testid="leave-button"
      />
      <div className="controls-group controls-panels" role="group" aria-label="Panels">
        <IconButton
          label={panel === "people" ? "Close the list of people" : `Show the ${headcount} in the call`}
          icon={<PeopleIcon />}
          look={panel === "people" ? "active" : "plain"}
          badge={waiting}
          aria-expanded={panel === "people"}
          onClick={() => toggle("people")}
          data-testid="people-toggle"
        />
        <IconButton
          label={panel === "chat" ? "Close the chat" : "Open the chat"}
          icon={<ChatIcon />}
          look={panel === "chat" ? "active" : "plain"}
          badge={unread}
          aria-expanded={panel === "chat"}
          onClick={() => toggle("chat")}
          data-testid="chat-toggle"
          data-unread={unread}
        />
      </div>
    </footer>
  );
}

/** Phones cannot share their screen from a browser, and insecure contexts offer no devices at all. */
function canShareScreen(): boolean {
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  return devices !== undefined && "getDisplayMedia" in devices;
}

/** Ctrl (or Cmd) with a letter. */
function useShortcuts(actions: Readonly<Record<string, () => void>>): void {
  const latest = useRef(actions);
  useEffect(() => {
    latest.current = actions;
  });

  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.repeat) return;
      const action = latest.current[event.key.toLowerCase()];
      if (action === undefined) return;
      event.preventDefault();
      action();
    }
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}
