import type { Person } from "../model/call-state";

/** A person for tests: connected, silent and unseen unless `changes` say otherwise. */
export function somebody(sid: string, changes: Partial<Person> = {}): Person {
  return {
    sid,
    identity: sid,
    name: sid,
    isLocal: sid === "me",
    isModerator: false,
    isConnected: true,
    isSpeaking: false,
    quality: null,
    hand: null,
    microphone: null,
    camera: null,
    screen: null,
    screenAudio: null,
    ...changes,
  };
}
