import type { InputKind } from "../media/capture";
import type { DeviceTrouble } from "../model/device-words";
import type { CallState } from "../model/call-state";

/** Why a switch did not turn: the device's trouble, or the server's words. */
export type SwitchResult =
  { readonly ok: true } | { readonly ok: false; readonly trouble: DeviceTrouble | null; readonly message: string };

/** A call, as the page uses it: a state that can be watched, and what can be done. */
export interface CallStore {
  /** For `useSyncExternalStore`. */
  readonly subscribe: (listener: () => void) => () => void;
  readonly getState: () => CallState;

  setMicrophone(on: boolean): Promise<SwitchResult>;
  setCamera(on: boolean): Promise<SwitchResult>;
  setScreenShare(on: boolean): Promise<SwitchResult>;
  /** Takes sound or picture from another device, now or when it is switched on. */
  chooseDevice(kind: InputKind, deviceId: string): Promise<SwitchResult>;
  /** Resolves when the server has the message; rejects when it refuses it. While the connection is broken it waits. */
  sendChat(text: string): Promise<void>;
  /** Does not wait for the next planned try. */
  reconnectNow(): void;
  leave(): void;

  /** Moderators: removes somebody for good. */
  kick(sid: string): Promise<void>;
  /** Moderators: mutes somebody's microphone. */
  muteMicrophoneOf(sid: string): Promise<void>;
  /** Moderators: lets somebody in from the lobby, or turns them away. */
  admit(sid: string): Promise<void>;
  refuse(sid: string): Promise<void>;
}
