import { exponentialBackoff, Room, type RoomEvents, type RoomOptions } from "../index.js";
import { FakeClock, settle } from "./fake-clock.js";
import { FakeDevices } from "./fake-media.js";
import { FakePeerConnection } from "./fake-peer-connection.js";
import { FakeSignaling } from "./fake-signaling.js";

/** A server, a clock, and rooms with what they told. */
export class Stage {
  readonly clock = new FakeClock();
  readonly server: FakeSignaling;
  readonly devices = new FakeDevices();

  constructor(...sids: string[]) {
    this.server = new FakeSignaling(...sids);
  }

  room(options: RoomOptions = {}): Client {
    return new Client(this, options);
  }

  async joined(identity: string): Promise<Client> {
    const client = this.room();
    await client.join(identity);
    await settle();
    return client;
  }

  /** Lets everything that is on its way arrive. */
  async settle(ms = 0): Promise<void> {
    for (let turn = 0; turn < 30; turn += 1) {
      await settle();
    }
    await this.clock.advance(ms);
    await settle();
  }
}

/** A room, and what it told. */
export class Client {
  readonly room: Room;
  readonly events: string[] = [];
  readonly details: unknown[][] = [];
  readonly connections: FakePeerConnection[] = [];
  readonly lines: string[] = [];

  constructor(stage: Stage, options: RoomOptions) {
    const line = (message: string) => this.lines.push(message);
    this.room = new Room({
      clock: stage.clock,
      webSocket: stage.server.factory,
      mediaDevices: stage.devices,
      reconnectPolicy: exponentialBackoff({ random: () => 0.5, giveUpAfterMs: 60_000 }),
      logger: { debug: line, info: line, warn: line, error: line },
      peerConnection: (configuration) => {
        const connection = new FakePeerConnection(configuration);
        this.connections.push(connection);
        return connection as unknown as RTCPeerConnection;
      },
      ...options,
    });
    const names: (keyof RoomEvents)[] = [
      "connected",
      "waiting",
      "admitted",
      "reconnecting",
      "reconnected",
      "disconnected",
      "participantJoined",
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
      "data",
      "waitingChanged",
      "error",
    ];
    for (const name of names) {
      this.room.on(name, (...values: unknown[]) => {
        this.events.push(name);
        this.details.push([name, ...values]);
      });
    }
  }

  async join(identity: string): Promise<void> {
    await this.room.join("http://127.0.0.1", identity);
  }

  take(): string[] {
    return this.events.splice(0);
  }

  remote(sid: string) {
    const participant = this.room.participants.get(sid);
    if (participant === undefined) {
      throw new Error(`${sid} is not in the room`);
    }
    return participant;
  }

  last(name: string): unknown[] {
    return (
      this.details
        .filter(([event]) => event === name)
        .at(-1)
        ?.slice(1) ?? []
    );
  }
}
