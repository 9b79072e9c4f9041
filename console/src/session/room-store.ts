import { AntiphonError, Room, type RoomEvents } from "@antiphon/client";
import {
  ANY_DEVICE,
  cameraConstraints,
  microphoneConstraints,
  troubleOf,
  type InputKind,
  type Wish,
} from "../media/capture";
import { handOver, type HandedOver } from "../media/handed-over-devices";
import type { Announcement, CallState, Connection, Ending } from "../model/call-state";
import { endingAfter, endingOfJoin } from "../model/endings";
import { pathOf } from "../model/path";
import type { Reaction } from "../model/reactions";
import type { CallStore, SwitchResult } from "./call-store";
import { CallView } from "./call-view";
import { Gestures } from "./gestures";
import { rememberDevice, rememberedDevice, rememberOnlyByRelay, remembersOnlyByRelay } from "./memory";

/** How a call begins. */
export interface CallRequest {
  /** The server's base address. */
  readonly base: string;
  readonly room: string;
  readonly name: string;
  /** Asked again whenever a session has to begin anew, for example after the server was restarted. */
  readonly getToken: () => Promise<string>;
  readonly tracks: HandedOver;
}

declare global {
  interface Window {
    /** The call's room, for diagnosis in the browser's console and for browser tests. Not an interface to build on. */
    antiphon?: { readonly room: Room };
  }
}

/** What changes the picture that the page has of the room. */
const CHANGES = [
  "connected",
  "waiting",
  "admitted",
  "reconnecting",
  "reconnected",
  "disconnected",
  "participantJoined",
  "participantUpdated",
  "participantLeft",
  "trackPublished",
  "trackUnpublished",
  "trackUpdated",
  "trackSubscribed",
  "trackUnsubscribed",
  "localTrackPublished",
  "localTrackUnpublished",
  "localTrackUpdated",
  "chat",
  "chatDeleted",
  "roomUpdated",
  "waitingChanged",
  "activeSpeakersChanged",
  "connectionQualityChanged",
] as const satisfies readonly (keyof RoomEvents)[];

/** Joins a room and shows it to the page. */
export function joinRoom(request: CallRequest): CallStore {
  const devices = handOver(request.tracks);
  const room = new Room({ mediaDevices: devices });
  if (remembersOnlyByRelay()) room.setIceTransportPolicy("relay");
  window.antiphon = { room };

  const view = new CallView();
  const listeners = new Set<() => void>();
  const reactionListeners = new Set<(sid: string, reaction: Reaction) => void>();
  let connection: Connection = { phase: "joining" };
  let isInside = false;
  let announcement: Announcement | null = null;
  let ending: Ending | null = null;
  const read = (): CallState => view.read(room, request.room, { connection, announcement, ending });
  let state = read();
  let isStale = false;

  /** One render for everything that happens in one go, for example a snapshot with sixteen people. */
  function changed(): void {
    if (isStale) return;
    isStale = true;
    queueMicrotask(() => {
      isStale = false;
      state = read();
      listeners.forEach((listener) => listener());
    });
  }

  function announce(text: string): void {
    announcement = { text };
    changed();
  }

  function end(how: Ending): void {
    ending ??= how;
    request.tracks.microphone?.stop();
    request.tracks.camera?.stop();
    changed();
  }

  function arrive(): void {
    isInside = room.state !== "waiting";
    connection = { phase: isInside ? "live" : "waiting" };
  }

  room.on("waiting", arrive);
  room.on("connected", arrive);
  room.on("reconnected", arrive);
  room.on("reconnecting", ({ attempt, retryInMs, reason }) => {
    connection = {
      phase: "reconnecting",
      attempt,
      retryAtMs: Date.now() + retryInMs,
      isPlanned: reason === "going_away",
      isInside,
    };
  });
  room.on("disconnected", (reason, message, error) => end(endingAfter(reason, message, error)));
  room.on("localTrackUpdated", (track, byModerator) => {
    if (byModerator) announce(`A moderator turned your ${track.kind === "audio" ? "microphone" : "camera"} off`);
  });
  room.on("error", (error) => announce(error.message));
  const gestures = new Gestures(
    room,
    {
      onReaction: (sid, reaction) => reactionListeners.forEach((listener) => listener(sid, reaction)),
      onHandLowered() {
        void gestures.setHand(false, []).then(
          () => announce("A moderator lowered your hand"),
          () => undefined,
        );
      },
    },
    () => performance.now(),
  );
  for (const event of CHANGES) room.on(event, changed);

  async function start(): Promise<void> {
    const { base, getToken, name, tracks } = request;
    const me = room.localParticipant;
    // Before joining: the tracks are announced on entry, and the others see a picture at once.
    const opened = Promise.all([
      tracks.microphone === null ? null : me.setMicrophoneEnabled(true, constraints("microphone")),
      tracks.camera === null ? null : me.setCameraEnabled(true, constraints("camera")),
    ]);
    // A device that fails meanwhile is a device that is off; the person sees it and can switch it on.
    opened.catch(() => undefined);
    try {
      await room.join(base, getToken, { room: request.room, name });
    } catch (error) {
      end(endingOfJoin(error));
    }
  }

  void start();

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    getState: () => state,
    setMicrophone: (on) => turned(room.localParticipant.setMicrophoneEnabled(on, constraints("microphone"))),
    setCamera: (on) => turned(room.localParticipant.setCameraEnabled(on, constraints("camera"))),
    setScreenShare: (on) => turned(room.localParticipant.setScreenShareEnabled(on)),
    chooseDevice(kind, deviceId) {
      rememberDevice(kind, deviceId);
      return turned(room.localParticipant.trackFrom(kind)?.setDevice(deviceId) ?? Promise.resolve());
    },
    sendChat: async (text) => void (await room.sendChat(text)),
    setOnlyByRelay(isOnly) {
      rememberOnlyByRelay(isOnly);
      room.setIceTransportPolicy(isOnly ? "relay" : "all");
    },
    async paths() {
      const peers = await room.getStats();
      return new Map(peers.flatMap(({ sid, selected }) => (selected === undefined ? [] : [[sid, pathOf(selected)]])));
    },
    reconnectNow: () => room.reconnectNow(),
    leave() {
      end({ kind: "left", message: "" });
      void room.leave();
    },
    setHand: (isUp) => gestures.setHand(isUp, state.people),
    react: (reaction) => gestures.react(reaction),
    onReaction(listener) {
      reactionListeners.add(listener);
      return () => reactionListeners.delete(listener);
    },
    kick: (sid) => room.kick(sid),
    muteMicrophoneOf: (sid) => room.mute(sid),
    admit: (sid) => room.admit(sid),
    refuse: (sid) => room.refuse(sid),
    lowerHandOf: (sid) => gestures.lowerHandOf(sid),
    setLocked: (isLocked) => room.update({ locked: isLocked }),
    setLobby: (hasLobby) => room.update({ lobby: hasLobby }),
    endForEveryone: () => room.endRoom(),
  };
}

function constraints(kind: InputKind): MediaTrackConstraints {
  const deviceId = rememberedDevice(kind);
  const wish: Wish = deviceId === "" ? ANY_DEVICE : { deviceId, isExact: false };
  return kind === "camera" ? cameraConstraints(wish) : microphoneConstraints(wish);
}

async function turned(change: Promise<unknown>): Promise<SwitchResult> {
  try {
    await change;
    return { ok: true };
  } catch (error) {
    if (error instanceof AntiphonError && !error.code.startsWith("device_")) {
      return { ok: false, trouble: null, message: error.message };
    }
    return { ok: false, trouble: troubleOf(error instanceof AntiphonError ? error.cause : error), message: "" };
  }
}
