import type { InputKind } from "../media/capture";
import type { DeviceTrouble } from "../model/device-words";
import type { CallState } from "../model/call-state";
import type { Path } from "../model/path";
import type { Reaction } from "../model/reactions";

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
  /** Media goes through a relay alone, or whatever way there is. */
  setOnlyByRelay(isOnly: boolean): void;
  /** The way that media takes to everybody to whom there is one, by sid. */
  paths(): Promise<ReadonlyMap<string, Path>>;
  /** Does not wait for the next planned try. */
  reconnectNow(): void;
  leave(): void;
  /** Raises or lowers one's own hand. */
  setHand(isUp: boolean): Promise<void>;
  /** Shows a reaction to everyone. Too many at once are dropped. */
  react(reaction: Reaction): void;
  /** Tells of every reaction that is to be shown, one's own too, until the returned function is called. */
  readonly onReaction: (listener: (sid: string, reaction: Reaction) => void) => () => void;

  /** Moderators: removes somebody for good. */
  kick(sid: string): Promise<void>;
  /** Moderators: mutes somebody's microphone. */
  muteMicrophoneOf(sid: string): Promise<void>;
  /** Moderators: lets somebody in from the lobby, or turns them away. */
  admit(sid: string): Promise<void>;
  refuse(sid: string): Promise<void>;
  /** Moderators: asks somebody's page to take the hand down. */
  lowerHandOf(sid: string): Promise<void>;
  /** Moderators: closes the door to everyone but moderators, or opens it. */
  setLocked(isLocked: boolean): Promise<void>;
  /** Moderators: makes newcomers wait to be let in, or lets them in; switching it off lets in who waits. */
  setLobby(hasLobby: boolean): Promise<void>;
  /** Moderators: ends the call for everyone. */
  endForEveryone(): Promise<void>;
}
