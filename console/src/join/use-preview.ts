import { useCallback, useEffect, useRef, useState } from "react";
import { capture, type Captured, captureBoth, type Device, type InputKind, type Wish } from "../media/capture";
import { useDevices } from "../hooks/use-devices";
import type { DeviceTrouble } from "../model/device-words";
import { rememberDevice, rememberedDevice } from "../session/memory";

/** What one device does on the pre-join screen. */
export type InputState =
  | { readonly status: "starting"; readonly track: null; readonly trouble: null }
  | { readonly status: "on"; readonly track: MediaStreamTrack; readonly trouble: null }
  | { readonly status: "off"; readonly track: null; readonly trouble: null }
  | { readonly status: "trouble"; readonly track: null; readonly trouble: DeviceTrouble };

/** The pre-join screen's devices. */
export interface Preview {
  readonly inputs: Readonly<Record<InputKind, InputState>>;
  readonly devices: Readonly<Record<InputKind, readonly Device[]>>;
  /** The id of the device in use, or of the one that would be. */
  readonly chosen: Readonly<Record<InputKind, string>>;
  turn(kind: InputKind, on: boolean): void;
  choose(kind: InputKind, deviceId: string): void;
  /** Tries everything again that is in trouble. */
  retry(): void;
  /** Hands the tracks over: they are no longer stopped when the screen goes away. */
  release(): Readonly<Record<InputKind, MediaStreamTrack | null>>;
}

const STARTING: InputState = { status: "starting", track: null, trouble: null };
const OFF: InputState = { status: "off", track: null, trouble: null };

/** Captures microphone and camera for the pre-join screen. */
export function usePreview(): Preview {
  const [inputs, setInputs] = useState<Record<InputKind, InputState>>({ microphone: STARTING, camera: STARTING });
  const [devices, refreshDevices] = useDevices();
  const [wishes, setWishes] = useState<Record<InputKind, Wish>>(() => ({
    microphone: { deviceId: rememberedDevice("microphone"), isExact: false },
    camera: { deviceId: rememberedDevice("camera"), isExact: false },
  }));
  // The tracks of now, for the moments when no render is at hand: a late answer, the end of the screen.
  const held = useRef<Record<InputKind, MediaStreamTrack | null>>({ microphone: null, camera: null });
  // Counts the requests of each device: an answer to an older one is thrown away.
  const rounds = useRef<Record<InputKind, number>>({ microphone: 0, camera: 0 });

  const settle = useCallback(
    (kind: InputKind, round: number, captured: Captured) => {
      if (rounds.current[kind] !== round) {
        captured.track?.stop();
        return;
      }
      held.current[kind] = captured.track;
      setInputs((before) => ({ ...before, [kind]: stateOf(captured) }));
      captured.track?.addEventListener("ended", () => {
        if (held.current[kind] !== captured.track) return;
        held.current[kind] = null;
        setInputs((before) => ({ ...before, [kind]: { status: "trouble", track: null, trouble: "missing" } }));
      });
      refreshDevices();
    },
    [refreshDevices],
  );

  const drop = useCallback((kind: InputKind): number => {
    held.current[kind]?.stop();
    held.current[kind] = null;
    rounds.current[kind] += 1;
    return rounds.current[kind];
  }, []);

  const start = useCallback(
    (kind: InputKind, wish: Wish) => {
      const round = drop(kind);
      setInputs((before) => ({ ...before, [kind]: STARTING }));
      void capture(kind, wish).then((captured) => settle(kind, round, captured));
    },
    [drop, settle],
  );

  const startBoth = useCallback(
    (microphone: Wish, camera: Wish) => {
      const round = { microphone: drop("microphone"), camera: drop("camera") };
      setInputs({ microphone: STARTING, camera: STARTING });
      void captureBoth(microphone, camera).then((captured) => {
        settle("microphone", round.microphone, captured.microphone);
        settle("camera", round.camera, captured.camera);
      });
    },
    [drop, settle],
  );

  useEffect(() => {
    startBoth(
      { deviceId: rememberedDevice("microphone"), isExact: false },
      { deviceId: rememberedDevice("camera"), isExact: false },
    );
    return () => {
      drop("microphone");
      drop("camera");
    };
  }, [startBoth, drop]);

  return {
    inputs,
    devices,
    chosen: {
      microphone: inputs.microphone.track?.getSettings().deviceId ?? wishes.microphone.deviceId,
      camera: inputs.camera.track?.getSettings().deviceId ?? wishes.camera.deviceId,
    },
    turn(kind, on) {
      if (on) {
        start(kind, { ...wishes[kind], isExact: false });
      } else {
        drop(kind);
        setInputs((before) => ({ ...before, [kind]: OFF }));
      }
    },
    choose(kind, deviceId) {
      const wish: Wish = { deviceId, isExact: true };
      rememberDevice(kind, deviceId);
      setWishes((before) => ({ ...before, [kind]: wish }));
      start(kind, wish);
    },
    retry() {
      const isTroubled = (kind: InputKind) => inputs[kind].status === "trouble";
      if (isTroubled("microphone") && isTroubled("camera")) startBoth(wishes.microphone, wishes.camera);
      else if (isTroubled("microphone")) start("microphone", wishes.microphone);
      else if (isTroubled("camera")) start("camera", wishes.camera);
    },
    release() {
      const tracks = { ...held.current };
      held.current = { microphone: null, camera: null };
      return tracks;
    },
  };
}

function stateOf(captured: Captured): InputState {
  return captured.trouble === null
    ? { status: "on", track: captured.track, trouble: null }
    : { status: "trouble", track: null, trouble: captured.trouble };
}
