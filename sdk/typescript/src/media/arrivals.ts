import type { RemoteParticipant } from "../remote-participant.js";
import type { RemoteTrack } from "../remote-track.js";
import type { Arrival } from "./peer.js";

/** Brings media and announcements together, whichever comes first. */
export class Arrivals {
  readonly #bySid = new Map<string, readonly Arrival[]>();

  /** What a participant's connection carries now. */
  replace(sid: string, arrivals: readonly Arrival[]): void {
    this.#bySid.set(sid, arrivals);
  }

  /** Gives the participant's tracks their media; returns those for which it changed. */
  bind(participant: RemoteParticipant): RemoteTrack[] {
    const arrivals = this.#bySid.get(participant.sid) ?? [];
    return [...participant.tracks.values()].filter((track) => {
      const fitting = arrivals.filter((arrival) => arrival.track.kind === track.kind);
      const arrival =
        fitting.find(({ streamIds }) => streamIds.includes(track.id)) ??
        // A client that is not this SDK may announce the track's own id, or its media section.
        fitting.find(({ trackIds }) => trackIds.includes(track.id)) ??
        fitting.find(({ mid }) => mid === track.mid);
      return track.carry(arrival?.track);
    });
  }

  /** The participant is gone, or its connection. */
  forget(sid: string): void {
    this.#bySid.delete(sid);
  }
}
