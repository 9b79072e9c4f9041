import type { Participant, Room, RoomSnapshot, Track } from "./gen/antiphon/v1/models_pb.js";
import { type LeaveReason, type WaitingParticipant, leaveReason } from "./models.js";
import { RemoteParticipant } from "./remote-participant.js";
import type { RemoteTrack } from "./remote-track.js";
import type { ServerKind } from "./session/frames.js";

/** What changed in the room. */
export type RosterChange =
  | { readonly type: "participantJoined"; readonly participant: RemoteParticipant }
  | { readonly type: "participantUpdated"; readonly participant: RemoteParticipant; readonly hasReturned: boolean }
  | { readonly type: "participantLeft"; readonly participant: RemoteParticipant; readonly reason: LeaveReason }
  | { readonly type: "trackPublished"; readonly track: RemoteTrack; readonly participant: RemoteParticipant }
  | { readonly type: "trackUpdated"; readonly track: RemoteTrack; readonly participant: RemoteParticipant }
  | { readonly type: "trackUnpublished"; readonly track: RemoteTrack; readonly participant: RemoteParticipant }
  /** This client itself, as the server sees it. */
  | { readonly type: "selfUpdated"; readonly wire: Participant }
  | { readonly type: "selfTrackUpdated"; readonly wire: Track }
  | { readonly type: "selfTrackUnpublished"; readonly trackId: string }
  | { readonly type: "roomUpdated" }
  | { readonly type: "waitingChanged" };

/** The room as the server tells it: a fold of its frames. */
export class Roster {
  readonly #participants = new Map<string, RemoteParticipant>();
  readonly #waiting = new Map<string, WaitingParticipant>();
  #selfSid = "";
  #room: Room | undefined;

  /** The others, in the order in which they joined. */
  get participants(): ReadonlyMap<string, RemoteParticipant> {
    return this.#participants;
  }

  /** Who waits in the lobby; moderators see it. */
  get waiting(): ReadonlyMap<string, WaitingParticipant> {
    return this.#waiting;
  }

  /** The room's own properties, once they are known. */
  get room(): Room | undefined {
    return this.#room;
  }

  /** Begins a session: whose frames are this client's own. */
  begin(selfSid: string): void {
    this.#selfSid = selfSid;
  }

  /** Takes over the room as it is now, and tells the difference. */
  replace(snapshot: RoomSnapshot): RosterChange[] {
    const changes: RosterChange[] = [];
    const present = new Set(snapshot.participants.map(({ sid }) => sid));
    for (const participant of [...this.#participants.values()]) {
      if (!present.has(participant.sid)) {
        changes.push(...this.#remove(participant.sid, "unknown"));
      }
    }
    for (const wire of snapshot.participants) {
      const isKnown = wire.sid === this.#selfSid || this.#participants.has(wire.sid);
      changes.push(...this.#put(wire), ...(isKnown ? this.#putTracks(wire) : []));
    }
    if (this.#waiting.size > 0 || snapshot.waiting.length > 0) {
      this.#waiting.clear();
      for (const wire of snapshot.waiting) {
        this.#waiting.set(wire.sid, waitingParticipant(wire));
      }
      changes.push({ type: "waitingChanged" });
    }
    if (snapshot.room !== undefined) {
      this.#room = snapshot.room;
      changes.push({ type: "roomUpdated" });
    }
    return changes;
  }

  /** Folds one frame. */
  apply(kind: ServerKind): RosterChange[] {
    switch (kind.case) {
      case "participantJoined":
      case "participantUpdated":
        return kind.value.participant === undefined ? [] : this.#put(kind.value.participant);
      case "participantLeft":
        return this.#remove(kind.value.sid, leaveReason(kind.value.reason));
      case "trackPublished":
      case "trackUpdated":
        return kind.value.track === undefined ? [] : this.#putTrack(kind.value.sid, kind.value.track);
      case "trackUnpublished":
        return this.#removeTrack(kind.value.sid, kind.value.trackId);
      case "roomUpdated":
        this.#room = kind.value.room ?? this.#room;
        return [{ type: "roomUpdated" }];
      case "participantWaiting": {
        const { participant, gone } = kind.value;
        if (participant === undefined) {
          return [];
        }
        if (gone) {
          this.#waiting.delete(participant.sid);
        } else {
          this.#waiting.set(participant.sid, waitingParticipant(participant));
        }
        return [{ type: "waitingChanged" }];
      }
      default:
        return [];
    }
  }

  /** Forgets everything. */
  clear(): RosterChange[] {
    const changes = [...this.#participants.keys()].flatMap((sid) => this.#remove(sid, "unknown"));
    this.#waiting.clear();
    return changes;
  }

  #put(wire: Participant): RosterChange[] {
    if (wire.sid === this.#selfSid) {
      return [{ type: "selfUpdated", wire }];
    }
    const known = this.#participants.get(wire.sid);
    if (known === undefined) {
      const participant = new RemoteParticipant(wire);
      this.#participants.set(wire.sid, participant);
      return [{ type: "participantJoined", participant }];
    }
    const before = known.state;
    known.describe(wire);
    return [
      {
        type: "participantUpdated",
        participant: known,
        hasReturned: before === "disconnected" && known.state === "connected",
      },
    ];
  }

  /** The tracks of a snapshot's participant: what is not among them is gone. */
  #putTracks(wire: Participant): RosterChange[] {
    if (wire.sid === this.#selfSid) {
      return wire.tracks.map((track) => ({ type: "selfTrackUpdated", wire: track }));
    }
    const present = new Set(wire.tracks.map(({ trackId }) => trackId));
    const gone = [...(this.#participants.get(wire.sid)?.tracks.keys() ?? [])].filter(
      (trackId) => !present.has(trackId),
    );
    return [
      ...gone.flatMap((trackId) => this.#removeTrack(wire.sid, trackId)),
      ...wire.tracks.flatMap((track) => this.#putTrack(wire.sid, track)),
    ];
  }

  #putTrack(sid: string, wire: Track): RosterChange[] {
    if (sid === this.#selfSid) {
      return [{ type: "selfTrackUpdated", wire }];
    }
    const participant = this.#participants.get(sid);
    if (participant === undefined) {
      return [];
    }
    const { track, isNew } = participant.putTrack(wire);
    return [{ type: isNew ? "trackPublished" : "trackUpdated", track, participant }];
  }

  #removeTrack(sid: string, trackId: string): RosterChange[] {
    if (sid === this.#selfSid) {
      return [{ type: "selfTrackUnpublished", trackId }];
    }
    const participant = this.#participants.get(sid);
    const track = participant?.removeTrack(trackId);
    return participant === undefined || track === undefined ? [] : [{ type: "trackUnpublished", track, participant }];
  }

  #remove(sid: string, reason: LeaveReason): RosterChange[] {
    const participant = this.#participants.get(sid);
    if (participant === undefined) {
      return [];
    }
    const tracks = [...participant.tracks.keys()].flatMap((trackId) => this.#removeTrack(sid, trackId));
    this.#participants.delete(sid);
    return [...tracks, { type: "participantLeft", participant, reason }];
  }
}

function waitingParticipant({ sid, identity, name, metadata, attributes }: Participant): WaitingParticipant {
  return { sid, identity, name, metadata, attributes };
}
