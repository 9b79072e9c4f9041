/** A track that this client sends, as its peer connections see it. */
export interface OutgoingTrack {
  /** What others know it by: the id of its `stream`, which the SDP carries (`a=msid`). */
  readonly id: string;
  readonly kind: "audio" | "video";
  /** Carries this track alone. */
  readonly stream: MediaStream;
  /** `undefined` while its device is released. */
  readonly mediaStreamTrack: MediaStreamTrack | undefined;
}

/** The tracks that go out on one peer connection. */
export class Senders {
  readonly #connection: RTCPeerConnection;
  readonly #transceivers = new Map<string, RTCRtpTransceiver>();
  /** Media sections of tracks that were withdrawn: used again, so that the SDP does not grow for ever. */
  readonly #free: RTCRtpTransceiver[] = [];

  constructor(connection: RTCPeerConnection) {
    this.#connection = connection;
  }

  /** Sends `track`, or what it carries now in place of what it carried. */
  async put(track: OutgoingTrack): Promise<void> {
    const sending = this.#transceivers.get(track.id);
    if (sending !== undefined) {
      await sending.sender.replaceTrack(track.mediaStreamTrack ?? null);
      return;
    }
    if (track.mediaStreamTrack === undefined) {
      return;
    }
    const index = this.#free.findIndex((transceiver) => transceiver.receiver.track.kind === track.kind);
    const [free] = index === -1 ? [] : this.#free.splice(index, 1);
    if (free === undefined) {
      const sender = this.#connection.addTrack(track.mediaStreamTrack, track.stream);
      const transceiver = this.#connection.getTransceivers().find((candidate) => candidate.sender === sender);
      if (transceiver !== undefined) {
        this.#transceivers.set(track.id, transceiver);
      }
      return;
    }
    this.#transceivers.set(track.id, free);
    free.sender.setStreams(track.stream);
    free.direction = free.direction === "recvonly" ? "sendrecv" : "sendonly";
    await free.sender.replaceTrack(track.mediaStreamTrack);
  }

  /** The stream that each media section carries, by mid. */
  get streamIds(): ReadonlyMap<string, string> {
    return new Map([...this.#transceivers].flatMap(([id, { mid }]) => (mid === null ? [] : [[mid, id]])));
  }

  /** Stops sending a track. */
  remove(id: string): void {
    const transceiver = this.#transceivers.get(id);
    if (transceiver !== undefined) {
      this.#transceivers.delete(id);
      this.#connection.removeTrack(transceiver.sender);
      this.#free.push(transceiver);
    }
  }
}
