import { create } from "@bufbuild/protobuf";
import { expect, it, vi } from "vitest";

import { ParticipantSchema, Track_Kind, Track_Source } from "./gen/antiphon/v1/models_pb.js";
import { LocalParticipant } from "./local-participant.js";
import { RemoteParticipant } from "./remote-participant.js";
import { RoomWatch } from "./room-watch.js";
import { FakeClock } from "./testing/fake-clock.js";
import { FakeDevices, FakeMediaStream, fakeTrack } from "./testing/fake-media.js";

vi.stubGlobal("MediaStream", FakeMediaStream);

/** Somebody with a microphone, and the connection to them. */
class Somebody {
  readonly participant: RemoteParticipant;
  readonly media = fakeTrack("audio");
  audioLevel = 0;
  roundTripTime = 0.02;
  state: RTCPeerConnectionState = "connected";
  isStalled = false;
  #packets = 0;
  #connection: RTCPeerConnection | undefined;

  constructor(readonly sid: string) {
    this.participant = new RemoteParticipant(
      create(ParticipantSchema, {
        sid,
        tracks: [{ trackId: `${sid}-mic`, kind: Track_Kind.AUDIO, source: Track_Source.MICROPHONE }],
      }),
    );
    this.participant.trackFrom("microphone")?.carry(this.media);
  }

  get connection(): RTCPeerConnection {
    const receiver = {
      track: this.media,
      getSynchronizationSources: () => [
        { audioLevel: this.audioLevel, rtpTimestamp: this.#receive(), timestamp: this.#packets },
      ],
    };
    const state = () => this.state;
    this.#connection ??= {
      get connectionState() {
        return state();
      },
      getReceivers: () => [receiver],
      getStats: async () =>
        new Map([
          ["P", { id: "P", type: "candidate-pair", currentRoundTripTime: this.roundTripTime }],
          ["T", { id: "T", type: "transport", selectedCandidatePairId: "P" }],
        ]),
    } as unknown as RTCPeerConnection;
    return this.#connection;
  }

  announce(track: { muted: boolean }): void {
    const wire = { trackId: `${this.sid}-mic`, kind: Track_Kind.AUDIO, source: Track_Source.MICROPHONE, ...track };
    this.participant.putTrack(create(ParticipantSchema, { tracks: [wire] }).tracks[0]!);
  }

  #receive(): number {
    this.#packets += this.isStalled ? 0 : 1;
    return this.#packets;
  }
}

function watch(...people: Somebody[]) {
  const clock = new FakeClock();
  const local = new LocalParticipant({
    mediaDevices: () => new FakeDevices(),
    request: () => undefined,
    put: () => {},
    remove: () => {},
    onPublished: () => {},
    onUnpublished: () => {},
    onUpdated: () => {},
    onDeviceLost: () => {},
    onError: () => {},
  });
  const rated: string[] = [];
  const spoke: string[][] = [];
  const empty: [sid: string, emptyLooks: number][] = [];
  const name = (participant: LocalParticipant | RemoteParticipant) => (participant.isLocal ? "me" : participant.sid);
  const watched = new RoomWatch({
    local,
    participants: new Map(people.map(({ sid, participant }) => [sid, participant])),
    links: () => people,
    onQuality: (quality, participant) => rated.push(`${name(participant)} ${quality}`),
    onSpeakers: (speakers) => spoke.push(speakers.map(({ participant }) => name(participant))),
    onEmpty: (sid, emptyLooks) => empty.push([sid, emptyLooks]),
    audioContext: () => undefined,
    clock,
  });
  watched.start();
  return { clock, local, rated, spoke, empty, watched };
}

it("tells each change of somebody's quality, and of one's own", async () => {
  const [ada, byrd] = [new Somebody("ada"), new Somebody("byrd")];
  const { clock, rated, local } = watch(ada, byrd);
  await clock.advance(8_000);
  expect(rated).toEqual(["ada excellent", "byrd excellent", "me excellent"]);
  rated.length = 0;
  ada.roundTripTime = 1;
  await clock.advance(30_000);
  expect(rated).toEqual(["ada poor"]);
  byrd.roundTripTime = 0.3;
  await clock.advance(30_000);
  expect(rated.slice(1)).toEqual(["byrd good", "me good"]);
  ada.state = "failed";
  byrd.state = "disconnected";
  await clock.advance(2_000);
  expect(rated.slice(3)).toEqual(["ada lost", "byrd lost", "me lost"]);
  expect([ada.participant.connectionQuality, local.connectionQuality]).toEqual(["lost", "lost"]);
});

it("tells who begins and who stops to speak, the loudest first, with levels in between on the participants", async () => {
  const [ada, byrd] = [new Somebody("ada"), new Somebody("byrd")];
  const { clock, spoke, watched } = watch(ada, byrd);
  ada.audioLevel = 0.05;
  await clock.advance(1_000);
  byrd.audioLevel = 0.2;
  await clock.advance(1_000);
  expect(spoke).toEqual([["ada"], ["byrd", "ada"]]);
  expect([ada.participant.isSpeaking, byrd.participant.audioLevel > ada.participant.audioLevel]).toEqual([true, true]);
  expect(watched.activeSpeakers.map(({ level }) => level)).toEqual([
    byrd.participant.audioLevel,
    ada.participant.audioLevel,
  ]);
  ada.audioLevel = byrd.audioLevel = 0;
  await clock.advance(1_000);
  expect(spoke.at(-1)).toEqual([]);
  expect(spoke).toHaveLength(3);
});

it("somebody who is muted does not speak", async () => {
  const ada = new Somebody("ada");
  const { clock, spoke } = watch(ada);
  ada.audioLevel = 0.5;
  ada.announce({ muted: true });
  await clock.advance(1_000);
  expect(spoke).toEqual([]);
});

it("tells at every look that nothing comes any more from somebody who is there and not muted", async () => {
  const ada = new Somebody("ada");
  const { clock, empty } = watch(ada);
  await clock.advance(5_000);
  expect(empty).toEqual([]);
  ada.isStalled = true;
  // The first look finds what came before.
  await clock.advance(2_000);
  expect(empty).toEqual([
    ["ada", 1],
    ["ada", 2],
    ["ada", 3],
  ]);
  ada.isStalled = false;
  await clock.advance(500);
  ada.isStalled = true;
  await clock.advance(1_000);
  expect(empty.slice(3)).toEqual([["ada", 1]]);
  ada.state = "disconnected";
  await clock.advance(5_000);
  ada.state = "connected";
  ada.announce({ muted: true });
  await clock.advance(5_000);
  expect(empty).toHaveLength(4);
});

it("what never came has not stopped", async () => {
  const ada = new Somebody("ada");
  ada.isStalled = true;
  const { clock, empty } = watch(ada);
  await clock.advance(5_000);
  expect(empty).toEqual([]);
});

it("nothing is watched any more once it is stopped", async () => {
  const ada = new Somebody("ada");
  const { clock, rated, spoke, watched, local } = watch(ada);
  ada.audioLevel = 0.5;
  await clock.advance(8_000);
  watched.stop();
  expect([clock.pending, watched.activeSpeakers, local.connectionQuality]).toEqual([0, [], undefined]);
  const told = rated.length + spoke.length;
  await clock.advance(60_000);
  expect(rated.length + spoke.length).toBe(told);
});
