import fc from "fast-check";
import { expect, it, vi } from "vitest";

import { Left_Reason } from "./gen/antiphon/v1/signal_pb.js";
import { exponentialBackoff, Room } from "./index.js";
import { FakeClock, settle } from "./testing/fake-clock.js";
import { FakeMediaStream } from "./testing/fake-media.js";
import { FakePeerConnection } from "./testing/fake-peer-connection.js";
import { FakeSignaling } from "./testing/fake-signaling.js";

vi.stubGlobal("MediaStream", FakeMediaStream);

const PEOPLE = 3;

/** What may happen. Where it names somebody, it is by place among the clients. */
type Step =
  | { readonly type: "say"; readonly who: number }
  | { readonly type: "whisper" | "data"; readonly who: number; readonly to: number }
  | { readonly type: "cut" | "forgetLog" | "expire" | "goAway"; readonly who: number }
  | { readonly type: "restart" | "forgetRoom" }
  | { readonly type: "down" | "sparing"; readonly is: boolean }
  | { readonly type: "busy"; readonly who: number; readonly is: boolean }
  | { readonly type: "refuse"; readonly who: number; readonly code: string; readonly count: number }
  | { readonly type: "turns"; readonly count: number }
  | { readonly type: "wait"; readonly ms: number };

const who = fc.nat({ max: PEOPLE - 1 });
const is = fc.boolean();
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant("say" as const), who }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constantFrom("whisper" as const, "data" as const), who, to: who }) },
  { weight: 5, arbitrary: fc.record({ type: fc.constant("turns" as const), count: fc.nat({ max: 12 }) }) },
  { weight: 5, arbitrary: fc.record({ type: fc.constant("wait" as const), ms: fc.constantFrom(10, 300, 1_500, 12_000) }) },
  { weight: 5, arbitrary: fc.record({ type: fc.constant("cut" as const), who }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constantFrom("forgetLog" as const, "expire" as const, "goAway" as const), who }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom("restart" as const, "forgetRoom" as const) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom("down" as const, "sparing" as const), is }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("busy" as const), who, is }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("refuse" as const),
      who,
      code: fc.constantFrom("unavailable", "permission_denied"),
      count: fc.integer({ min: 1, max: 3 }),
    }),
  },
);

/** What lies between. */
interface Network {
  readonly latency: number;
  readonly overlap: number;
}

const network: fc.Arbitrary<Network> = fc.record({ latency: fc.nat({ max: 12 }), overlap: fc.nat({ max: 3 }) });

/** Something that was sent, and what its sender was told. */
interface Message {
  readonly text: string;
  readonly type: "say" | "whisper" | "data";
  readonly who: number;
  /** The recipient, as a client and as a session. */
  readonly to: number;
  readonly toSid: string;
  outcome: "pending" | "resolved" | "rejected";
}

/** Three people in a room, and a server to which anything may happen. */
class World {
  readonly clock = new FakeClock();
  readonly server = new FakeSignaling();
  readonly rooms: Room[];
  readonly messages: Message[] = [];
  /** What each client was shown, in that order. */
  readonly shown: string[][] = Array.from({ length: PEOPLE }, () => []);
  /** What the room took, in that order, also before it was forgotten. */
  readonly taken: string[] = [];
  /** Sessions that may have missed what was for them alone. */
  readonly holed = new Set<string>();
  readonly #refusals = new Map<string, { code: string; count: number }>();

  constructor({ latency, overlap }: Network) {
    this.server.latency = latency;
    this.server.overlap = overlap;
    this.server.now = () => this.clock.now();
    this.server.refusal = ({ kind }, sid) => {
      const refusal = this.#refusals.get(sid);
      if (refusal === undefined || refusal.count === 0 || (kind.case !== "chat" && kind.case !== "data")) {
        return undefined;
      }
      refusal.count -= 1;
      return { code: refusal.code, retryAfterMs: 500 };
    };
    this.rooms = Array.from({ length: PEOPLE }, (_, index) => this.#room(index));
  }

  async join(): Promise<void> {
    const joining = Promise.all(this.rooms.map((room, index) => room.join("http://127.0.0.1", `person-${index}`)));
    await settle();
    await joining;
    await settle();
  }

  async do(action: Step): Promise<void> {
    switch (action.type) {
      case "say":
        this.#send({ type: "say", who: action.who, to: action.who });
        return;
      case "whisper":
      case "data":
        if (action.who !== action.to) {
          this.#send(action);
        }
        return;
      case "turns":
        for (let turn = 0; turn < action.count; turn += 1) {
          await Promise.resolve();
        }
        return;
      case "wait":
        await this.clock.advance(action.ms);
        return;
      case "restart":
        this.#holeAll();
        this.server.restart();
        return;
      case "forgetRoom":
        this.#holeAll();
        this.#archive();
        this.server.forgetRoom();
        return;
      case "down":
        this.server.isDown = action.is;
        return;
      case "sparing":
        this.server.isSparing = action.is;
        return;
      default:
        this.#doTo(action, this.sid(action.who));
    }
  }

  /** Nothing goes wrong any more; everything that can happen does. */
  async heal(): Promise<void> {
    this.server.isDown = this.server.isSparing = false;
    this.server.busy.clear();
    this.#refusals.clear();
    const isQuiet = () =>
      this.messages.every(({ outcome }) => outcome !== "pending") &&
      this.rooms.every(({ state }) => state === "connected");
    for (let second = 0; second < 60 && !isQuiet(); second += 1) {
      await this.clock.advance(1_000);
    }
    // What was accepted may still be on its way to the others.
    await this.clock.advance(1_000);
    this.#archive();
  }

  sid(index: number): string {
    return this.rooms[index]?.localParticipant.sid ?? "";
  }

  #doTo(action: Extract<Step, { readonly who: number }>, sid: string): void {
    const present = this.server.has(sid);
    if (action.type === "busy") {
      if (action.is) {
        this.server.busy.add(sid);
      } else {
        this.server.busy.delete(sid);
      }
    } else if (action.type === "refuse") {
      this.#refusals.set(sid, { code: action.code, count: action.count });
    } else if (!present.session) {
      return;
    } else if (action.type === "cut" && present.connection) {
      this.server.cut(sid);
    } else if (action.type === "forgetLog" && !present.connection) {
      this.holed.add(sid);
      this.server.forgetLog(sid);
    } else if (action.type === "expire") {
      this.holed.add(sid);
      this.server.remove(sid, Left_Reason.RESUME_TIMEOUT);
    } else if (action.type === "goAway" && present.connection) {
      this.server.tell(sid, { kind: { case: "goAway", value: { retryAfterMs: 200 } } });
    }
  }

  #send({ type, who: from, to }: Pick<Message, "type" | "who" | "to">): void {
    const room = this.rooms[from] as Room;
    const text = `${from}-${String(this.messages.length).padStart(3, "0")}`;
    const message: Message = { text, type, who: from, to, toSid: this.sid(to), outcome: "pending" };
    this.messages.push(message);
    const sending =
      type === "say"
        ? room.sendChat(text)
        : type === "whisper"
          ? room.sendChat(text, { to: message.toSid })
          : room.sendData(new TextEncoder().encode(text), { to: [message.toSid] });
    sending.then(
      () => (message.outcome = "resolved"),
      () => (message.outcome = "rejected"),
    );
  }

  #room(index: number): Room {
    const room = new Room({
      clock: this.clock,
      webSocket: this.server.factory,
      reconnectPolicy: exponentialBackoff({ random: () => 0.5, giveUpAfterMs: Infinity, maxMs: 2_000 }),
      logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
      peerConnection: (configuration) => new FakePeerConnection(configuration) as unknown as RTCPeerConnection,
    });
    const shown = this.shown[index] as string[];
    room.on("chat", ({ text }) => shown.push(text));
    room.on("data", ({ payload }) => shown.push(new TextDecoder().decode(payload)));
    return room;
  }

  #holeAll(): void {
    this.rooms.forEach((_, index) => this.holed.add(this.sid(index)));
  }

  #archive(): void {
    this.taken.push(...this.server.chat.map(({ text }) => text));
  }
}

/** Sorted in the order in which they were sent, by sender, and none twice. */
function inOrderOnce(texts: readonly string[]): void {
  for (let sender = 0; sender < PEOPLE; sender += 1) {
    const own = texts.filter((text) => text.startsWith(`${sender}-`));
    expect(own).toEqual([...new Set(own)].sort());
  }
}

function checkDelivery(world: World): void {
  const { messages, rooms, server, shown, taken, holed } = world;
  expect(server.violations).toEqual([]);
  expect(messages.filter(({ outcome }) => outcome === "pending")).toEqual([]);
  expect(rooms.map(({ state }) => state)).toEqual(rooms.map(() => "connected"));
  inOrderOnce(taken);
  const chats = rooms.map(({ chat }) => chat.map(({ text }) => text));
  const textsOf = (wanted: Message["type"]) =>
    new Set(messages.filter(({ type }) => type === wanted).map(({ text }) => text));
  const [said, whispered, data] = [textsOf("say"), textsOf("whisper"), textsOf("data")];
  for (const [index, texts] of shown.entries()) {
    const chat = chats[index] as string[];
    expect([...new Set(texts)], "each is shown once").toEqual(texts);
    expect([...new Set(chat)], "each is in the chat once").toEqual(chat);
    inOrderOnce(chat.filter((text) => said.has(text)));
    // What is for one alone arrives in order among its kind.
    for (const kind of [whispered, data]) {
      inOrderOnce(texts.filter((text) => kind.has(text) && !text.startsWith(`${index}-`)));
    }
    expect(chat).toEqual(expect.arrayContaining(server.chat.map(({ text }) => text)));
  }
  for (const { text, type, who: from, to, toSid, outcome } of messages.filter((message) => message.outcome === "resolved")) {
    expect(outcome).toBe("resolved");
    if (type === "say") {
      expect(taken, `${text} was taken`).toContain(text);
    } else if (!holed.has(toSid)) {
      expect(shown[to], `${text} reached the one it was for`).toContain(text);
    }
    if (type !== "data") {
      expect(chats[from], `${text} is in its sender's chat`).toContain(text);
    }
  }
}

/** A few seconds; `PROPERTY_MS` runs longer, for each property. */
const limits = { numRuns: Infinity, interruptAfterTimeLimit: Number(process.env["PROPERTY_MS"] ?? 2_500) };

it("every message arrives once and in order, or its sender is told, whatever happens to connections, sessions and the server", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 80, size: "max" }), network, async (steps, way) => {
      const world = new World(way);
      await world.join();
      for (const action of steps) {
        await world.do(action);
      }
      await world.heal();
      checkDelivery(world);
    }),
    limits,
  );
}, limits.interruptAfterTimeLimit + 60_000);

it("nothing waits any more a second after everybody left, whatever happened before", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40, size: "max" }), network, async (steps, way) => {
      const world = new World(way);
      await world.join();
      for (const action of steps) {
        await world.do(action);
      }
      let left = 0;
      world.rooms.forEach((room) => void room.leave().then(() => (left += 1)));
      await world.clock.advance(1_000);
      await settle();
      expect([left, world.rooms.map(({ state }) => state)]).toEqual([PEOPLE, world.rooms.map(() => "disconnected")]);
      expect(world.messages.filter(({ outcome }) => outcome === "pending")).toEqual([]);
      expect(world.server.violations).toEqual([]);
      const sockets = world.server.sockets.length;
      await world.clock.advance(600_000);
      expect([world.server.sockets.length, world.clock.pending]).toEqual([sockets, 0]);
    }),
    limits,
  );
}, limits.interruptAfterTimeLimit + 60_000);
