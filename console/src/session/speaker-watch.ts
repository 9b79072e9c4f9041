import { watchLevel } from "../media/audio-level";
import type { Person } from "../model/call-state";
import { isAudible } from "../model/call-state";
import { hearSpeech, SILENCE } from "../model/loudness";

interface Watch {
  readonly track: MediaStreamTrack;
  readonly stop: () => void;
}

/** Listens to everyone's microphone and knows who speaks. */
export class SpeakerWatch {
  readonly #onChange: () => void;
  readonly #watches = new Map<string, Watch>();
  readonly #speaking = new Set<string>();

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  isSpeaking(sid: string): boolean {
    return this.#speaking.has(sid);
  }

  /** Listens to those who can be heard now, and to nobody else. */
  follow(people: readonly Person[]): void {
    const tracks = new Map(people.filter(isAudible).map(({ sid, microphone }) => [sid, microphone?.media ?? null]));
    for (const [sid, { track, stop }] of this.#watches) {
      if (tracks.get(sid) === track) continue;
      stop();
      this.#watches.delete(sid);
      this.#set(sid, false);
    }
    for (const [sid, track] of tracks) {
      if (track !== null && !this.#watches.has(sid)) this.#watches.set(sid, { track, stop: this.#listen(sid, track) });
    }
  }

  #listen(sid: string, track: MediaStreamTrack): () => void {
    let speech = SILENCE;
    return watchLevel(track, (level) => {
      speech = hearSpeech(speech, level, performance.now());
      this.#set(sid, speech.isSpeaking);
    });
  }

  #set(sid: string, isSpeaking: boolean): void {
    if (this.#speaking.has(sid) === isSpeaking) return;
    if (isSpeaking) this.#speaking.add(sid);
    else this.#speaking.delete(sid);
    this.#onChange();
  }
}
