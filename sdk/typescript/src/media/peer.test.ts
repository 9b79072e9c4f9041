import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";

import {
  type Answer,
  AnswerSchema,
  type Candidate,
  CandidateSchema,
  type Offer,
  OfferSchema,
} from "../gen/antiphon/v1/signal_pb.js";
import type { ClientKind } from "../session/frames.js";
import { FakeClock, settle } from "../testing/fake-clock.js";
import { FakeMediaStream, fakeTrack } from "../testing/fake-media.js";
import { FakePeerConnection } from "../testing/fake-peer-connection.js";
import { type Arrival, Peer } from "./peer.js";
import type { OutgoingTrack } from "./senders.js";

type Signal = ClientKind & { case: "offer" | "answer" | "candidate" };

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** One end, with what it sent and has not been delivered. */
class End {
  readonly sent: Signal[] = [];
  readonly all: Signal[] = [];
  readonly warnings: unknown[] = [];
  readonly peer: Peer;
  arrivals: readonly Arrival[] = [];
  connections: FakePeerConnection[] = [];
  configuration: RTCConfiguration = {};
  unreachable = 0;
  renewing = () => Promise.resolve();

  constructor(localSid: string, sid: string, clock: FakeClock) {
    this.peer = new Peer({
      sid,
      localSid,
      createConnection: () => {
        const connection = new FakePeerConnection(this.configuration);
        this.connections.push(connection);
        return connection as unknown as RTCPeerConnection;
      },
      send: (kind) => {
        this.sent.push(kind);
        this.all.push(kind);
      },
      renewIceServers: () => this.renewing(),
      onMedia: (arrivals) => {
        this.arrivals = arrivals;
      },
      onState: () => {},
      onUnreachable: () => {
        this.unreachable += 1;
      },
      clock,
      logger: { ...quiet, warn: (message, fields) => this.warnings.push([message, fields]) },
    });
  }

  get connection(): FakePeerConnection {
    const connection = this.connections.at(-1);
    if (connection === undefined) {
      throw new Error("no connection yet");
    }
    return connection;
  }

  get streams(): string[] {
    return this.arrivals.flatMap(({ streamIds }) => streamIds);
  }

  take(signal: Signal): void {
    switch (signal.case) {
      case "offer":
        return this.peer.offer(create(OfferSchema, signal.value) as Offer);
      case "answer":
        return this.peer.answer(create(AnswerSchema, signal.value) as Answer);
      case "candidate":
        return this.peer.candidate(create(CandidateSchema, signal.value) as Candidate);
    }
  }
}

/** Two ends and the way between them. */
class Pair {
  readonly clock = new FakeClock();
  /** The lesser sid. */
  readonly impolite = new End("aaaa", "bbbb", this.clock);
  /** The greater sid. */
  readonly polite = new End("bbbb", "aaaa", this.clock);

  /** Delivers everything, in order, until nothing is on the way. */
  async deliver(): Promise<void> {
    for (let rounds = 0; rounds < 100; rounds += 1) {
      await settle();
      const [here, there] = [this.impolite.sent.splice(0), this.polite.sent.splice(0)];
      if (here.length + there.length === 0) {
        return;
      }
      here.forEach((signal) => this.polite.take(signal));
      there.forEach((signal) => this.impolite.take(signal));
    }
    throw new Error("the two ends never fall silent");
  }

  expectStable(): void {
    for (const end of [this.impolite, this.polite]) {
      expect(end.connection.signalingState).toBe("stable");
      expect(end.warnings).toEqual([]);
    }
  }
}

function outgoing(kind: "audio" | "video"): OutgoingTrack {
  const track = fakeTrack(kind);
  const stream = new FakeMediaStream([track]) as unknown as MediaStream;
  return { id: stream.id, kind, stream, mediaStreamTrack: track };
}

/** Two ends that send each other a track. */
async function connected() {
  const pair = new Pair();
  const [here, there] = [outgoing("audio"), outgoing("audio")];
  pair.impolite.peer.awaitOffer();
  pair.impolite.peer.put(here);
  pair.polite.peer.put(there);
  await pair.deliver();
  return { pair, here, there };
}

const counts = (end: End) => ({
  offers: end.all.filter(({ case: name }) => name === "offer").length,
  ...end.peer.counters,
});

describe("connecting", () => {
  it("whoever has the greater sid is polite", () => {
    const pair = new Pair();
    expect([pair.impolite.peer.isPolite, pair.polite.peer.isPolite]).toEqual([false, true]);
  });

  it("one round carries both ends' tracks when the newcomer offers and the other end waits for it", async () => {
    const { pair, here, there } = await connected();
    pair.expectStable();
    expect([pair.polite.streams, pair.impolite.streams]).toEqual([[here.id], [there.id]]);
    expect(counts(pair.impolite)).toMatchObject({ offers: 0, negotiations: 1, collisions: 0 });
    expect(counts(pair.polite)).toMatchObject({ offers: 1, negotiations: 1 });
  });

  it("once the newcomer has offered this end waits no more", async () => {
    const pair = new Pair();
    pair.impolite.peer.awaitOffer();
    pair.polite.peer.put(outgoing("audio"));
    await pair.deliver();
    const track = outgoing("video");
    pair.impolite.peer.put(track);
    await pair.deliver();
    expect(pair.polite.streams).toEqual([track.id]);
  });

  it("a newcomer without tracks asks for those that were announced", async () => {
    const pair = new Pair();
    const tracks = [outgoing("audio"), outgoing("video"), outgoing("video")];
    pair.impolite.peer.awaitOffer();
    tracks.forEach((track) => pair.impolite.peer.put(track));
    pair.polite.peer.receive(["audio", "video", "video"]);
    await pair.deliver();
    expect(pair.polite.streams.sort()).toEqual(tracks.map(({ id }) => id).sort());
    expect(counts(pair.polite)).toMatchObject({ offers: 1, negotiations: 1 });
    expect(counts(pair.impolite)).toMatchObject({ offers: 0 });
  });

  it("where there is nothing to send or to receive there is no connection", async () => {
    const pair = new Pair();
    pair.polite.peer.receive([]);
    pair.impolite.peer.awaitOffer();
    await pair.deliver();
    await pair.clock.advance(60_000);
    expect([...pair.impolite.connections, ...pair.polite.connections]).toEqual([]);
  });

  it("a newcomer that never offers is offered to, after a while", async () => {
    const pair = new Pair();
    pair.impolite.peer.awaitOffer();
    pair.impolite.peer.put(outgoing("audio"));
    await pair.clock.advance(1_499);
    expect(pair.impolite.all).toEqual([]);
    await pair.clock.advance(1);
    await settle();
    expect(counts(pair.impolite)).toMatchObject({ offers: 1 });
  });
});

describe("glare", () => {
  it("the impolite end's first offer wins, the polite end answers it from a fresh connection, and both ends' tracks arrive", async () => {
    const pair = new Pair();
    const [here, there] = [outgoing("video"), outgoing("video")];
    pair.impolite.peer.put(here);
    pair.polite.peer.put(there);
    await settle();
    expect([counts(pair.impolite).offers, counts(pair.polite).offers]).toEqual([1, 1]);
    await pair.deliver();
    pair.expectStable();
    expect([pair.polite.streams, pair.impolite.streams]).toEqual([[here.id], [there.id]]);
    expect([pair.impolite.connections.length, pair.polite.connections.length]).toEqual([1, 2]);
    expect(pair.polite.connections[0]?.signalingState).toBe("closed");
    expect(pair.polite.connection.rollbacks).toBe(0);
    expect([pair.impolite.peer.counters.collisions, pair.polite.peer.counters.collisions]).toEqual([1, 1]);
  });

  it("in an established connection it is settled too, whichever offer comes first", async () => {
    for (const first of ["impolite", "polite"] as const) {
      const pair = new Pair();
      pair.impolite.peer.put(outgoing("audio"));
      await pair.deliver();
      const [here, there] = [outgoing("video"), outgoing("video")];
      pair.impolite.peer.put(here);
      pair.polite.peer.put(there);
      await settle();
      const other = first === "polite" ? "impolite" : "polite";
      for (const signal of pair[other].sent.splice(0)) {
        pair[first].take(signal);
      }
      await pair.deliver();
      pair.expectStable();
      expect(pair.polite.streams).toContain(here.id);
      expect(pair.impolite.streams).toContain(there.id);
      expect([pair.impolite.connections.length, pair.polite.connections.length]).toEqual([1, 1]);
    }
  });

  it("ends when both ends change something ten times at once", async () => {
    const pair = new Pair();
    for (let round = 0; round < 10; round += 1) {
      const [here, there] = [outgoing("video"), outgoing("video")];
      pair.impolite.peer.put(here);
      pair.polite.peer.put(there);
      await pair.deliver();
      pair.expectStable();
      expect([pair.polite.streams, pair.impolite.streams]).toEqual([[here.id], [there.id]]);
      pair.impolite.peer.remove(here.id);
      pair.polite.peer.remove(there.id);
    }
    expect(pair.polite.connection.getTransceivers()).toHaveLength(1);
  });

  it("a candidate of the polite end's round that was rolled back is dropped", async () => {
    const pair = new Pair();
    pair.impolite.peer.put(outgoing("audio"));
    pair.polite.peer.put(outgoing("audio"));
    await settle();
    pair.polite.connection.gather("of the round that loses");
    await pair.deliver();
    expect(pair.impolite.peer.counters.droppedCandidates).toBe(1);
    expect(pair.impolite.connection.candidates).toEqual([]);
    pair.polite.connection.gather("of the answer");
    await pair.deliver();
    expect(pair.impolite.connection.candidates).toEqual([`${pair.polite.connection.ufrag}:of the answer`]);
  });

  it("the answer to a round that was rolled back is dropped, also while another round is open", async () => {
    const pair = new Pair();
    pair.polite.peer.put(outgoing("audio"));
    await settle();
    const [offer] = pair.polite.sent.splice(0);
    pair.impolite.peer.put(outgoing("audio"));
    await pair.deliver();
    pair.expectStable();
    pair.polite.peer.put(outgoing("video"));
    await settle();
    expect(pair.polite.connection.signalingState).toBe("have-local-offer");
    pair.polite.take({ case: "answer", value: { negotiationId: String(offer?.value.negotiationId), sdp: "nonsense" } });
    await pair.deliver();
    pair.expectStable();
  });
});

describe("candidates", () => {
  it("that come before the description of their round wait for it", async () => {
    const pair = new Pair();
    pair.impolite.peer.put(outgoing("audio"));
    await settle();
    pair.impolite.connection.gather("early");
    const [offer, candidate] = pair.impolite.sent.splice(0);
    expect([offer?.case, candidate?.case]).toEqual(["offer", "candidate"]);
    pair.polite.take(candidate as Signal);
    await settle();
    pair.polite.take(offer as Signal);
    await settle();
    expect(pair.polite.connection.candidates).toEqual([`${pair.impolite.connection.ufrag}:early`]);
  });

  it("carry every field, and an end", async () => {
    const pair = new Pair();
    pair.impolite.peer.put(outgoing("audio"));
    await settle();
    pair.impolite.sent.length = 0;
    pair.impolite.connection.gather("candidate:1");
    pair.impolite.connection.onicecandidate?.({ candidate: null });
    expect(pair.impolite.sent.map(({ value }) => value)).toEqual([
      {
        to: "bbbb",
        negotiationId: "i1",
        candidate: "candidate:1",
        sdpMid: "0",
        sdpMLineIndex: 0,
        usernameFragment: pair.impolite.connection.ufrag,
      },
      { to: "bbbb", negotiationId: "i1", candidate: "" },
    ]);
  });

  it("that the browser refuses are counted and do no harm", async () => {
    const pair = new Pair();
    pair.impolite.peer.put(outgoing("audio"));
    await pair.deliver();
    pair.polite.take({
      case: "candidate",
      value: { negotiationId: "i1", candidate: "bad", usernameFragment: "foreign" },
    });
    await pair.deliver();
    expect(pair.polite.peer.counters.droppedCandidates).toBe(1);
    pair.expectStable();
  });
});

describe("frames that are lost", () => {
  it("an offer without an answer is sent again, the same, a few times", async () => {
    const pair = new Pair();
    pair.impolite.peer.put(outgoing("audio"));
    await settle();
    await pair.clock.advance(9_999);
    expect(counts(pair.impolite).offers).toBe(1);
    await pair.clock.advance(1);
    expect(counts(pair.impolite).offers).toBe(2);
    await pair.clock.advance(600_000);
    expect(counts(pair.impolite).offers).toBe(4);
    const offers = pair.impolite.all.map(({ value }) => value);
    expect(new Set(offers.map((value) => JSON.stringify(value))).size).toBe(1);
  });

  it("a second copy of an offer is answered by the same answer, and negotiates nothing", async () => {
    const pair = new Pair();
    pair.impolite.peer.put(outgoing("audio"));
    await settle();
    const [offer] = pair.impolite.all;
    await pair.deliver();
    pair.polite.take(offer as Signal);
    await settle();
    const answers = pair.polite.all.filter(({ case: name }) => name === "answer");
    expect(answers).toHaveLength(2);
    expect(answers[0]).toEqual(answers[1]);
    await pair.deliver();
    expect(counts(pair.polite)).toMatchObject({ negotiations: 1 });
    pair.expectStable();
  });

  it("an offer is sent again at once when its recipient comes back", async () => {
    const pair = new Pair();
    pair.impolite.peer.put(outgoing("audio"));
    await settle();
    pair.impolite.sent.length = 0;
    pair.impolite.peer.returned();
    await pair.deliver();
    pair.expectStable();
    pair.impolite.peer.returned();
    await settle();
    expect(counts(pair.impolite).offers).toBe(2);
  });

  it("the impolite end offers an ICE restart when it lost frames; the polite one only without a connection", async () => {
    const pair = new Pair();
    pair.impolite.peer.put(outgoing("audio"));
    await pair.deliver();
    pair.impolite.connection.become("connected");
    pair.polite.connection.become("connected");
    const before = pair.impolite.connection.ufrag;
    pair.polite.peer.framesWereLost();
    await pair.deliver();
    await pair.clock.advance(60_000);
    expect(pair.polite.peer.counters.iceRestarts).toBe(0);
    pair.impolite.peer.framesWereLost();
    await pair.deliver();
    await pair.clock.advance(60_000);
    await pair.deliver();
    expect(pair.impolite.peer.counters.iceRestarts).toBe(1);
    expect(pair.impolite.connection.ufrag).not.toBe(before);
    pair.polite.connection.become("disconnected");
    pair.polite.peer.framesWereLost();
    await pair.clock.advance(3_000);
    await pair.deliver();
    expect(pair.polite.peer.counters.iceRestarts).toBe(1);
    pair.expectStable();
  });

  it("an open offer is repeated rather than restarted when frames were lost", async () => {
    const pair = new Pair();
    pair.impolite.peer.put(outgoing("audio"));
    await settle();
    pair.impolite.sent.length = 0;
    pair.impolite.peer.framesWereLost();
    await pair.deliver();
    pair.expectStable();
    expect(counts(pair.impolite)).toMatchObject({ offers: 2, iceRestarts: 0, negotiations: 1 });
  });
});

describe("a media connection that fails", () => {
  it("is restarted by the impolite end, and the polite one has nothing to do", async () => {
    const pair = new Pair();
    pair.impolite.peer.put(outgoing("audio"));
    await pair.deliver();
    const before = pair.impolite.connection.ufrag;
    pair.impolite.connection.become("failed");
    pair.polite.connection.become("failed");
    await pair.clock.advance(0);
    await pair.deliver();
    pair.impolite.connection.become("connected");
    pair.polite.connection.become("connected");
    await pair.clock.advance(60_000);
    await pair.deliver();
    expect(pair.impolite.connection.ufrag).not.toBe(before);
    expect([pair.impolite.peer.counters.iceRestarts, pair.polite.peer.counters.iceRestarts]).toEqual([1, 0]);
  });
});

describe("tracks", () => {
  it("a device change needs no negotiation", async () => {
    const pair = new Pair();
    const track = outgoing("video");
    pair.impolite.peer.put(track);
    await pair.deliver();
    const other = fakeTrack("video");
    pair.impolite.peer.put({ ...track, mediaStreamTrack: other });
    await pair.deliver();
    expect(counts(pair.impolite).offers).toBe(1);
    expect(pair.impolite.connection.getTransceivers()[0]?.sender.track).toBe(other);
    pair.impolite.peer.put({ ...track, mediaStreamTrack: undefined });
    await pair.deliver();
    expect(pair.impolite.connection.getTransceivers()[0]?.sender.track).toBeNull();
    expect(counts(pair.impolite).offers).toBe(1);
  });

  it("a track whose device is closed is not sent, and is once it is open", async () => {
    const pair = new Pair();
    const track = outgoing("video");
    pair.impolite.peer.put({ ...track, mediaStreamTrack: undefined });
    await pair.deliver();
    expect(pair.impolite.connections).toEqual([]);
    pair.impolite.peer.put(track);
    await pair.deliver();
    expect(pair.polite.streams).toEqual([track.id]);
  });

  it("another track takes over the media section of one that was withdrawn, under its own name", async () => {
    const pair = new Pair();
    const [first, second] = [outgoing("video"), outgoing("video")];
    pair.impolite.peer.put(first);
    await pair.deliver();
    pair.impolite.peer.remove(first.id);
    await pair.deliver();
    expect(pair.polite.streams).toEqual([]);
    pair.impolite.peer.put(second);
    await pair.deliver();
    expect(pair.polite.streams).toEqual([second.id]);
    expect(pair.impolite.connection.getTransceivers()).toHaveLength(1);
  });
});

it("a media section that changes hands while an offer is open gets its new name in the next one", async () => {
  const pair = new Pair();
  const [first, second] = [outgoing("video"), outgoing("video")];
  pair.impolite.peer.put(first);
  await pair.deliver();
  pair.impolite.peer.put(outgoing("audio"));
  await settle();
  pair.impolite.peer.remove(first.id);
  pair.impolite.peer.put(second);
  await pair.deliver();
  pair.expectStable();
  expect(pair.polite.streams).toContain(second.id);
  expect(pair.polite.streams).not.toContain(first.id);
});

describe("fresh ICE servers", () => {
  const fresh = { iceServers: [{ urls: "turn:fresh.test", username: "u", credential: "c" }] };

  it("are given to the connection, which goes on undisturbed while it works", async () => {
    const pair = new Pair();
    pair.impolite.peer.put(outgoing("audio"));
    await pair.deliver();
    for (const state of ["connecting", "connected", "disconnected", "connected"] as const) {
      pair.impolite.connection.become(state);
      pair.impolite.peer.configure(fresh, 0);
      await pair.clock.advance(500);
    }
    await pair.clock.advance(60_000);
    expect(pair.impolite.connection.configuration).toEqual(fresh);
    expect([pair.impolite.peer.counters.iceRestarts, pair.impolite.connections.length]).toEqual([0, 1]);
  });

  it("are a reason to try again for a connection that failed, also after everything was tried", async () => {
    const pair = new Pair();
    pair.impolite.peer.put(outgoing("audio"));
    await pair.deliver();
    pair.impolite.connection.become("failed");
    await pair.clock.advance(600_000);
    expect(pair.impolite.unreachable).toBe(1);
    await pair.deliver();
    pair.impolite.connection.become("failed");
    const { iceRestarts } = pair.impolite.peer.counters;
    pair.impolite.peer.configure(fresh, 0);
    await pair.clock.advance(0);
    expect(pair.impolite.peer.counters.iceRestarts).toBe(iceRestarts + 1);
  });

  const relay = { urls: ["turn:a.test", "turns:a.test"], username: "u", credential: "c" };

  /** Two ends whose path goes through this end's relay. */
  async function relayed(end: "impolite" | "polite") {
    const pair = new Pair();
    pair[end].configuration = { iceServers: [relay] };
    pair[end].peer.put(outgoing("audio"));
    await pair.deliver();
    for (const each of [pair.impolite, pair.polite]) {
      each.connection.become("connected");
    }
    pair[end].connection.localCandidate = { candidateType: "relay", url: "turn:a.test" };
    return { pair, end: pair[end] };
  }

  it.each(["impolite", "polite"] as const)("are a reason for the %s end to leave a relay in its turn", async (which) => {
    const { pair, end } = await relayed(which);
    end.peer.configure({ iceServers: [{ ...relay, username: "later" }] }, 400);
    await pair.clock.advance(399);
    expect(end.peer.counters.iceRestarts).toBe(0);
    await pair.clock.advance(1);
    await pair.deliver();
    expect([end.peer.counters.iceRestarts, end.connections.length]).toEqual([1, 1]);
    pair.expectStable();
    // What was gathered since is by the credentials of now.
    end.peer.configure({ iceServers: [{ ...relay, username: "later" }] }, 0);
    await pair.clock.advance(10_000);
    expect(end.peer.counters.iceRestarts).toBe(1);
  });

  it("are no reason to leave a relay that stays, or a path without one", async () => {
    const { pair, end } = await relayed("impolite");
    end.peer.configure({ iceServers: [{ urls: "stun:new.test" }, { ...relay, urls: "turn:a.test" }] }, 0);
    await pair.clock.advance(0);
    end.connection.localCandidate = { candidateType: "host" };
    end.peer.configure(fresh, 0);
    await pair.clock.advance(0);
    expect(end.peer.counters.iceRestarts).toBe(0);
  });

  it("that came by the other end's restart count as gathered with", async () => {
    const { pair, end } = await relayed("polite");
    end.peer.configure(fresh, 1_000);
    pair.impolite.peer.framesWereLost();
    await pair.deliver();
    end.connection.localCandidate = { candidateType: "relay", url: "turn:fresh.test" };
    await pair.clock.advance(1_000);
    expect(end.peer.counters.iceRestarts).toBe(0);
  });
});

describe("media that stopped coming over a connection that works", () => {
  it("is looked for on another path: by the impolite end after two looks, the polite one after eight, then ever more rarely", async () => {
    const restarts = async (which: "impolite" | "polite") => {
      const { pair } = await connected();
      const { peer, connection } = pair[which];
      connection.become("connected");
      const looks: number[] = [];
      for (let look = 1; look < 100; look += 1) {
        const before = peer.counters.iceRestarts;
        peer.sawNothing(look);
        await pair.deliver();
        if (peer.counters.iceRestarts > before) {
          looks.push(look);
        }
      }
      return looks;
    };
    expect(await restarts("impolite")).toEqual([2, 10, 26]);
    expect(await restarts("polite")).toEqual([8, 16, 32]);
  });

  it("is looked for with servers that are fresh", async () => {
    const { pair } = await connected();
    const { impolite } = pair;
    let renew = () => {};
    impolite.renewing = () => new Promise((resolve) => (renew = resolve));
    impolite.peer.sawNothing(2);
    await pair.deliver();
    expect(impolite.peer.counters.iceRestarts).toBe(0);
    renew();
    await pair.deliver();
    expect(impolite.peer.counters.iceRestarts).toBe(1);
  });
});

describe("a connection that cannot be cured", () => {
  /** Two ends that exchange a track each, and have done so for a while. */
  async function connected() {
    const pair = new Pair();
    const [here, there] = [outgoing("audio"), outgoing("video")];
    pair.impolite.peer.put(here);
    pair.polite.peer.put(there);
    await pair.deliver();
    for (const end of [pair.impolite, pair.polite]) {
      end.connection.become("connected");
    }
    await pair.clock.advance(60_000);
    return { pair, here, there };
  }

  function expectRebuilt(pair: Pair, here: OutgoingTrack, there: OutgoingTrack): void {
    pair.expectStable();
    expect([pair.polite.streams, pair.impolite.streams]).toEqual([[here.id], [there.id]]);
    for (const end of [pair.impolite, pair.polite]) {
      // Where both ends offered at once, the polite one has thrown away one more.
      const states = end.connections.map(({ signalingState }) => signalingState);
      expect(states.splice(-1)).toEqual(["stable"]);
      expect(new Set(states)).toEqual(new Set(["closed"]));
      expect(end.peer.counters.rebuilds).toBe(1);
      const received = end.connection.getTransceivers().map(({ receiver }) => receiver.track);
      expect(end.arrivals.every(({ track }) => received.includes(track))).toBe(true);
    }
  }

  it("because DTLS failed gives way to a new one at both ends, at once and in one round", async () => {
    const { pair, here, there } = await connected();
    const offers = counts(pair.impolite).offers + counts(pair.polite).offers;
    for (const end of [pair.impolite, pair.polite]) {
      end.connection.become("failed", "connected");
    }
    await pair.clock.advance(0);
    await pair.deliver();
    expectRebuilt(pair, here, there);
    expect(counts(pair.impolite).offers + counts(pair.polite).offers).toBe(offers + 1);
    expect(pair.impolite.peer.counters.iceRestarts).toBe(0);
  });

  it("is rebuilt also where only the polite end noticed", async () => {
    const { pair, here, there } = await connected();
    pair.polite.connection.become("failed", "connected");
    await pair.clock.advance(3_000);
    await pair.deliver();
    expectRebuilt(pair, here, there);
  });

  it("is rebuilt once where both ends do so at the same time", async () => {
    const { pair, here, there } = await connected();
    pair.polite.connection.become("failed", "connected");
    await pair.clock.advance(3_000);
    pair.impolite.connection.become("failed", "connected");
    await pair.clock.advance(0);
    await pair.deliver();
    expectRebuilt(pair, here, there);
  });

  it("an offer for the old connection that is on its way changes nothing", async () => {
    for (const late of ["impolite", "polite"] as const) {
      const { pair, here, there } = await connected();
      const other = late === "polite" ? "impolite" : "polite";
      const newTrack = outgoing("audio");
      pair[late].peer.put(newTrack);
      await settle();
      expect(pair[late].connection.signalingState).toBe("have-local-offer");
      pair[late].connection.gather("of the old connection");
      pair[other].connection.become("failed", "connected");
      await pair.clock.advance(3_000);
      await pair.deliver();
      pair.expectStable();
      expect(pair.impolite.connections).toHaveLength(2);
      const arrived = { impolite: [here.id], polite: [there.id] };
      expect(pair[other].streams.sort()).toEqual([...arrived[late], newTrack.id].sort());
      expect(pair[other].connection.candidates).toEqual([]);
    }
  });

  it("is rebuilt after three ICE restarts, five times, and then nothing more is tried until the network changes", async () => {
    const { pair } = await connected();
    pair.polite.peer.close();
    pair.impolite.connection.become("failed");
    await pair.clock.advance(600_000);
    expect(pair.impolite.peer.counters).toMatchObject({ rebuilds: 5 });
    expect(pair.impolite.unreachable).toBe(1);
    const sent = pair.impolite.all.length;
    await pair.clock.advance(600_000);
    expect(pair.impolite.all).toHaveLength(sent);
    pair.impolite.peer.networkChanged();
    await pair.clock.advance(0);
    expect(pair.impolite.all.length).toBeGreaterThan(sent);
  });

  it("that was ended behind the peer's back is replaced when the other end wants it back", async () => {
    const { pair, here, there } = await connected();
    pair.polite.connection.close();
    pair.impolite.connection.become("failed");
    await pair.clock.advance(0);
    await pair.deliver();
    pair.expectStable();
    expect([pair.polite.streams, pair.impolite.streams]).toEqual([[here.id], [there.id]]);
    expect(pair.impolite.connections).toHaveLength(2);
  });
});

describe("the end", () => {
  it("nothing happens after close, and no timer runs", async () => {
    const pair = new Pair();
    pair.impolite.peer.put(outgoing("audio"));
    await settle();
    pair.impolite.connection.become("failed");
    pair.impolite.peer.close();
    pair.impolite.sent.length = 0;
    pair.impolite.peer.offer(create(OfferSchema, { negotiationId: "p1", sdp: "late" }) as Offer);
    pair.impolite.connection.gather("late");
    await pair.clock.advance(60_000);
    expect(pair.impolite.sent).toEqual([]);
    expect(pair.impolite.warnings).toEqual([]);
    expect(pair.clock.pending).toBe(0);
  });

  it("an answer that the browser refuses is not the end: the other end may offer at once, this one later", async () => {
    const pair = new Pair();
    const track = outgoing("audio");
    pair.impolite.peer.put(track);
    await settle();
    pair.impolite.sent.length = 0;
    const refused = `v=0\r\ns=${JSON.stringify({ type: "answer", ufrag: "x" })}\r\n`;
    pair.impolite.take({ case: "answer", value: { negotiationId: "i1", sdp: refused } });
    await settle();
    expect([pair.impolite.connection.signalingState, pair.impolite.warnings.length]).toEqual(["stable", 1]);
    expect(pair.impolite.sent).toEqual([]);
    await pair.clock.advance(9_999);
    expect(pair.impolite.sent).toEqual([]);
    await pair.clock.advance(1);
    await pair.deliver();
    expect(pair.polite.streams).toEqual([track.id]);

    pair.impolite.peer.put(outgoing("video"));
    await settle();
    pair.impolite.sent.length = 0;
    pair.impolite.take({ case: "answer", value: { negotiationId: "i3", sdp: refused } });
    pair.polite.peer.put(outgoing("video"));
    await pair.deliver();
    expect([pair.polite.streams.length, pair.impolite.streams.length]).toEqual([2, 1]);
  });

  it("an ICE restart keeps the DTLS roles, also where the answering browser would choose anew", async () => {
    const { pair } = await connected();
    const ufrags = () => [pair.impolite.connection.ufrag, pair.polite.connection.ufrag];
    for (const [end, other] of [[pair.impolite, pair.polite] as const, [pair.polite, pair.impolite] as const]) {
      other.connection.choosesRoleAnew = true;
      const before = ufrags();
      end.connection.restartIce();
      await pair.deliver();
      pair.expectStable();
      ufrags().forEach((ufrag, index) => expect(ufrag).not.toBe(before[index]));
    }
    expect(pair.polite.connections.length + pair.impolite.connections.length).toBe(2);
    const sent = [...pair.impolite.all, ...pair.polite.all];
    const offers = sent.flatMap((signal) => (signal.case === "offer" ? [signal.value.sdp] : []));
    expect(offers.every((sdp) => sdp?.includes("a=setup:actpass"))).toBe(true);
  });

  it("an answer that changes the DTLS roles, which no browser recovers from, ends in a new connection", async () => {
    const { pair, here, there } = await connected();
    pair.impolite.connection.restartIce();
    await settle();
    pair.polite.take(pair.impolite.sent.splice(0)[0] as Signal);
    await settle();
    const [answer] = pair.polite.sent.splice(0);
    const { value } = answer as Signal & { case: "answer" };
    pair.impolite.take({ case: "answer", value: { ...value, sdp: value.sdp?.replace("setup:passive", "setup:active") ?? "" } });
    await pair.deliver();
    expect(pair.impolite.warnings).toHaveLength(1);
    expect([pair.impolite.peer.counters.rebuilds, pair.polite.peer.counters.rebuilds]).toEqual([1, 1]);
    expect([pair.impolite.connection.signalingState, pair.polite.connection.signalingState]).toEqual(["stable", "stable"]);
    expect([pair.polite.streams, pair.impolite.streams]).toEqual([[here.id], [there.id]]);
  });

  it("a description that the browser cannot read does not end the connection", async () => {
    const pair = new Pair();
    pair.impolite.peer.offer(create(OfferSchema, { negotiationId: "p1", sdp: "nonsense" }) as Offer);
    await settle();
    expect(pair.impolite.warnings).toHaveLength(1);
    pair.polite.peer.put(outgoing("audio"));
    await pair.deliver();
    expect(pair.impolite.streams).toHaveLength(1);
  });
});
