import { useState } from "react";
import { IconButton } from "../components/button";
import {
  CameraIcon,
  CameraOffIcon,
  ChatIcon,
  HandIcon,
  LeaveIcon,
  MicrophoneIcon,
  MicrophoneOffIcon,
  MoreIcon,
  PeopleIcon,
  ScreenIcon,
  ScreenStopIcon,
  SmileIcon,
} from "../components/icons";
import { Popover } from "../components/popover";
import { isMac } from "../hooks/is-mac";
import { useMediaQuery } from "../hooks/use-media-query";
import { useShortcuts } from "../hooks/use-shortcuts";
import { isAudible, isVisible, type Person } from "../model/call-state";
import type { DeviceKind } from "../model/device-words";
import { ariaKeysOf, keysOf } from "../model/shortcuts";
import type { Layout } from "../model/stage";
import type { CallStore, SwitchResult } from "../session/call-store";
import { MoreMenu } from "./more-menu";
import { ReactionRow } from "./reactions";
import "./controls.css";

/** What can stand beside the stage. */
export type PanelName = "chat" | "people";

interface ControlsProps {
  readonly me: Person | undefined;
  readonly panel: PanelName | null;
  readonly unread: string;
  readonly waiting: string;
  readonly headcount: number;
  readonly layout: Layout;
  readonly store: CallStore;
  onPanel(panel: PanelName | null): void;
  onLayout(layout: Layout): void;
  onSettings(): void;
  onHelp(): void;
  onResult(kind: DeviceKind, result: SwitchResult): void;
  /** Says that something was refused. */
  onTrouble(text: string): void;
}

/** Below this not every control has room for a thumb: the rarer ones move into the menu. */
const NARROW = "(max-width: 46rem)";

/** The row of buttons under the stage. */
export function Controls(props: ControlsProps) {
  const { me, panel, unread, waiting, headcount, layout, store, onPanel, onLayout, onSettings, onHelp } = props;
  const isNarrow = useMediaQuery(NARROW);
  const [busy, turn] = useTurning(props.onResult);
  const micOn = me !== undefined && isAudible(me);
  const cameraOn = me !== undefined && isVisible(me);
  const screenOn = me !== undefined && me.screen !== null;
  const handUp = me !== undefined && me.hand !== null;

  const toggleMicrophone = () => turn("microphone", () => store.setMicrophone(!micOn));
  const toggleCamera = () => turn("camera", () => store.setCamera(!cameraOn));
  const toggleScreen = canShareScreen() ? () => turn("screen", () => store.setScreenShare(!screenOn)) : null;
  const toggleHand = () => void store.setHand(!handUp).catch(() => props.onTrouble("Your hand could not be raised"));
  const togglePanel = (name: PanelName) => onPanel(panel === name ? null : name);
  const toggleLayout = () => onLayout(layout === "grid" ? "spotlight" : "grid");
  useShortcuts({
    microphone: toggleMicrophone,
    camera: toggleCamera,
    hand: toggleHand,
    chat: () => togglePanel("chat"),
    people: () => togglePanel("people"),
    layout: toggleLayout,
    help: onHelp,
  });

  const more = (
    <Popover label="More" icon={<MoreIcon />} badge={isNarrow ? waiting : ""} testId="more-toggle">
      {(close) => (
        <MoreMenu
          isNarrow={isNarrow}
          layout={layout}
          headcount={headcount}
          waiting={waiting}
          screen={toggleScreen === null ? null : { isOn: screenOn, toggle: toggleScreen }}
          onPeople={() => onPanel("people")}
          onLayout={toggleLayout}
          onReact={store.react}
          onSettings={onSettings}
          onHelp={onHelp}
          close={close}
        />
      )}
    </Popover>
  );
  const chat = (
    <IconButton
      label={panel === "chat" ? "Close the chat" : "Open the chat"}
      hint={keysOf("chat", isMac())}
      icon={<ChatIcon />}
      look={panel === "chat" ? "active" : "plain"}
      badge={unread}
      aria-expanded={panel === "chat"}
      aria-keyshortcuts={ariaKeysOf("chat")}
      onClick={() => togglePanel("chat")}
      data-testid="chat-toggle"
      data-unread={unread}
    />
  );

  return (
    <footer className="controls" aria-label="Call controls">
      <div className="controls-group">
        <IconButton
          label={micOn ? "Turn microphone off" : "Turn microphone on"}
          hint={keysOf("microphone", isMac())}
          icon={micOn ? <MicrophoneIcon /> : <MicrophoneOffIcon />}
          look={micOn ? "plain" : "off"}
          onClick={toggleMicrophone}
          aria-busy={busy.has("microphone")}
          aria-keyshortcuts={ariaKeysOf("microphone")}
          data-testid="mic-toggle"
          data-on={micOn}
        />
        <IconButton
          label={cameraOn ? "Turn camera off" : "Turn camera on"}
          hint={keysOf("camera", isMac())}
          icon={cameraOn ? <CameraIcon /> : <CameraOffIcon />}
          look={cameraOn ? "plain" : "off"}
          onClick={toggleCamera}
          aria-busy={busy.has("camera")}
          aria-keyshortcuts={ariaKeysOf("camera")}
          data-testid="camera-toggle"
          data-on={cameraOn}
        />
        {toggleScreen === null || isNarrow ? null : (
          <IconButton
            label={screenOn ? "Stop sharing the screen" : "Share the screen"}
            icon={screenOn ? <ScreenStopIcon /> : <ScreenIcon />}
            look={screenOn ? "active" : "plain"}
            onClick={toggleScreen}
            aria-busy={busy.has("screen")}
            data-testid="screen-toggle"
            data-on={screenOn}
          />
        )}
        <IconButton
          label={handUp ? "Lower your hand" : "Raise your hand"}
          hint={keysOf("hand", isMac())}
          icon={<HandIcon />}
          look={handUp ? "active" : "plain"}
          onClick={toggleHand}
          aria-pressed={handUp}
          aria-keyshortcuts={ariaKeysOf("hand")}
          data-testid="hand-toggle"
          data-on={handUp}
        />
        {isNarrow ? (
          chat
        ) : (
          <Popover label="React" icon={<SmileIcon />} testId="reactions-toggle">
            {() => <ReactionRow onReact={store.react} />}
          </Popover>
        )}
        {more}
      </div>
      <IconButton
        className="controls-leave"
        label="Leave the call"
        icon={<LeaveIcon />}
        look="danger"
        onClick={store.leave}
        data-testid="leave-button"
      />
      {isNarrow ? null : (
        <div className="controls-group controls-panels">
          <IconButton
            label={panel === "people" ? "Close the list of people" : `Show the ${headcount} in the call`}
            hint={keysOf("people", isMac())}
            icon={<PeopleIcon />}
            look={panel === "people" ? "active" : "plain"}
            badge={waiting}
            aria-expanded={panel === "people"}
            aria-keyshortcuts={ariaKeysOf("people")}
            onClick={() => togglePanel("people")}
            data-testid="people-toggle"
          />
          {chat}
        </div>
      )}
    </footer>
  );
}

/** Turns one device at a time, and knows which are being turned. */
function useTurning(
  onResult: ControlsProps["onResult"],
): [ReadonlySet<DeviceKind>, (kind: DeviceKind, action: () => Promise<SwitchResult>) => void] {
  const [busy, setBusy] = useState<ReadonlySet<DeviceKind>>(new Set());

  async function turn(kind: DeviceKind, action: () => Promise<SwitchResult>) {
    if (busy.has(kind)) return;
    setBusy((now) => new Set(now).add(kind));
    const result = await action();
    setBusy((now) => new Set([...now].filter((other) => other !== kind)));
    onResult(kind, result);
  }

  return [busy, (kind, action) => void turn(kind, action)];
}

/** Phones cannot share their screen from a browser, and insecure contexts offer no devices at all. */
function canShareScreen(): boolean {
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  return devices !== undefined && "getDisplayMedia" in devices;
}
