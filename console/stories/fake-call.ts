import type { CallState, ChatEntry, Connection, Person, TrackState } from "../src/model/call-state";
import type { Path } from "../src/model/path";
import type { CallStore, SwitchResult } from "../src/session/call-store";
import { paintedCamera, paintedScreen } from "./painter";

const NAMES = [
  "Ada Lovelace",
  "Grace Hopper",
  "Hildegard of Bingen",
  "Edsger Dijkstra",
  "Radia Perlman",
  "Barbara Liskov",
  "Giovanni Gabrieli",
  "Katherine Johnson",
  "Leslie Lamport",
  "Clara Schumann",
  "Alan Turing",
  "Hedy Lamarr",
  "Donald Knuth",
  "Nadia Boulanger",
  "Tim",
  "Margaret Hamilton",
  "Ken",
  "Joan Clarke",
  "Vint Cerf",
  "Fanny Hensel",
];

const LINES: readonly (readonly [number, string])[] = [
  [1, "Good morning! Can you hear the second choir?"],
  [0, "Loud and clear. They answer half a breath late, as they should."],
  [2, "The score is here: https://scores.example/antiphona-7"],
  [2, "Page 3 is the one with the repeat."],
  [1, "Found it, thank you."],
  [0, "Shall we start from bar 12?"],
];

const QUALITIES: readonly Person["quality"][] = ["excellent", "excellent", "good", "excellent", "poor", "lost", null];

const PATHS: readonly [Path, ...Path[]] = [
  { isRelayed: false, transport: "udp", roundTripMs: 18 },
  { isRelayed: false, transport: "udp", roundTripMs: 31 },
  { isRelayed: true, transport: "tls", roundTripMs: 64 },
];

/** What a story shows. */
export interface Scene {
  readonly count: number;
  readonly connection: Connection;
  readonly hasChat: boolean;
  readonly isSharing: boolean;
  readonly isModerator: boolean;
  readonly hasHands: boolean;
}

/** A call without a server: everything can be switched, and nothing leaves the page. */
export function fakeCall(scene: Scene): CallStore {
  let state = sceneState(scene);
  const listeners = new Set<() => void>();
  const reactionListeners = new Set<Parameters<CallStore["onReaction"]>[0]>();

  function update(changes: Partial<CallState>): void {
    state = { ...state, ...changes };
    listeners.forEach((listener) => listener());
  }

  function updatePerson(sid: string, changes: Partial<Person>): void {
    update({ people: state.people.map((person) => (person.sid === sid ? { ...person, ...changes } : person)) });
  }

  async function turn(changes: Partial<Person>): Promise<SwitchResult> {
    updatePerson("p0", changes);
    return { ok: true };
  }

  const store: CallStore = {
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    getState: () => state,
    setMicrophone: (on) => turn({ microphone: on ? track("m0", null) : null }),
    setCamera: (on) => turn({ camera: on ? track("c0", paintedCamera(0)) : null }),
    setScreenShare: (on) => turn({ screen: on ? track("s0", paintedScreen()) : null }),
    chooseDevice: async () => ({ ok: true }),
    sendChat: async (text) => {
      update({ chat: [...state.chat, message(state.chat.length, 0, text, Date.now())] });
    },
    setOnlyByRelay: () => {},
    paths: async () => new Map(state.people.slice(1).map(({ sid }, index) => [sid, PATHS[index % PATHS.length] ?? PATHS[0]])),
    reconnectNow: () => update({ connection: { phase: "live" } }),
    leave: () => update({ ending: { kind: "left", message: "" } }),
    kick: async (sid) => update({ people: state.people.filter((person) => person.sid !== sid) }),
    muteMicrophoneOf: async (sid) => updatePerson(sid, { microphone: null }),
    admit: async (sid) => update({ lobby: state.lobby.filter((person) => person.sid !== sid) }),
    setHand: async (isUp) => updatePerson("p0", { hand: isUp ? 9 : null }),
    react: (reaction) => reactionListeners.forEach((listener) => listener("p0", reaction)),
    onReaction: (listener) => {
      reactionListeners.add(listener);
      return () => reactionListeners.delete(listener);
    },
    lowerHandOf: async (sid) => updatePerson(sid, { hand: null }),
    setLocked: async (isLocked) => update({ room: { ...state.room, isLocked } }),
    setLobby: async (hasLobby) => update({ room: { ...state.room, hasLobby } }),
    endForEveryone: async () => update({ ending: { kind: "roomEnded", message: "" } }),
    refuse: async (sid) => update({ lobby: state.lobby.filter((person) => person.sid !== sid) }),
  };
  return store;
}

function sceneState(scene: Scene): CallState {
  return {
    connection: scene.connection,
    room: { name: "quiet-garden-42", isLocked: false, hasLobby: scene.isModerator },
    people: Array.from({ length: scene.count }, (_, index) => sitter(index, scene)),
    lobby: scene.isModerator ? [{ ...sitter(18, scene), camera: null }] : [],
    chat: scene.hasChat
      ? LINES.map(([author, text], index) => message(index, author, text, Date.now() - (LINES.length - index) * 40_000))
      : [],
    announcement: null,
    ending: null,
  };
}

function sitter(index: number, scene: Scene): Person {
  const hasCamera = index % 4 !== 3;
  return {
    sid: `p${index}`,
    identity: `guest-${index}`,
    name: NAMES[index % NAMES.length] ?? "Somebody",
    isLocal: index === 0,
    isModerator: scene.isModerator ? index === 0 : index === 1,
    isConnected: index !== 5,
    isSpeaking: index === 2,
    quality: QUALITIES[index % QUALITIES.length] ?? null,
    hand: scene.hasHands && index % 3 === 1 ? index : null,
    microphone: index % 4 === 1 ? null : track(`m${index}`, null),
    camera: hasCamera ? track(`c${index}`, paintedCamera(index)) : null,
    screen: scene.isSharing && index === 1 ? track("s1", paintedScreen()) : null,
    screenAudio: null,
  };
}

function track(trackId: string, media: MediaStreamTrack | null): TrackState {
  return { trackId, muted: false, media };
}

function message(id: number, author: number, text: string, sentAtMs: number): ChatEntry {
  return {
    id: `m${id}`,
    sid: `p${author}`,
    identity: `guest-${author}`,
    name: NAMES[author] ?? "Somebody",
    text,
    sentAtMs,
    isOwn: author === 0,
    isPrivate: false,
  };
}
