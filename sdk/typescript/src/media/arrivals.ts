import type { RemoteParticipant } from "../remote-participant.js";
import type { RemoteTrack } from "../remote-track.js";
import type { Arrival } from "./peer.js";

/** Media of one participant that may wait for its announcement; the oldest goes first. */
const KEPT = 64;

/** Brings media and announcements together, whichever comes first. */
export class Arrivals {
  readonly #bySid = new Map<string, Arrival[]>();

  /** Media came. */
  add(sid: string, arrival: Arrival): void {
    // A media section that is used again carries the same track in another stream.
    const others = (this.#bySid.get(sid) ?? []).filter(({ track }) => track !== arrival.track);
    this.#bySid.set(sid, [...others, arrival].slice(-KEPT));
  }

  /** Gives the participant's tracks their media; returns those for which it changed. */
  bind(participant: RemoteParticipant): RemoteTrack[] {
    const arrivals = this.#bySid.get(participant.sid) ?? [];
    return [...participant.tracks.values()].filter((track) => {
      const named = arrivals.find(({ streams }) => streams.some(({ id }) => id === track.id));
      if (named !== undefined) {
        const stream = named.streams.find(({ id }) => id === track.id);
        return stream !== undefined && track.carry({ track: named.track, stream });
      }
      // A client that is not this SDK may announce the track's own id, or its media section.
      const arrival = arrivals.find((other) => other.track.id === track.id) ?? arrivals.find(({ mid }) => mid !== null && mid === track.mid);
      if (arrival === undefined || arrival.track.kind !== track.kind || track.mediaStreamTrack === arrival.track) {
        return false;
      }
      return track.carry({ track: arrival.track, stream: new MediaStream([arrival.track]) });
    });
  }

  /** The participant is gone, or its connection. */
  forget(sid: string): void {
    this.#bySid.delete(sid);
  }
}
