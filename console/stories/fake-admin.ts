import type { ListedRoom, Participant } from "../src/admin/model/resources";

const NAMES = ["Ada Lovelace", "Thomas Tallis", "Giovanni Gabrieli", "Clara Schumann", "Hildegard of Bingen"];
const STARTED = Date.now() - 47 * 60_000;

const ROOMS: readonly ListedRoom[] = ["quiet-garden-42", "rehearsal", "second-choir", "stand-up", "support-2291"].map((name, index) => ({
  name,
  locked: index === 1,
  lobby: index === 0,
  maxParticipants: index === 0 ? 16 : 0,
  topology: { active: "MESH" },
  createdAtMs: STARTED + index * 400_000,
  participantCount: [5, 12, 3, 8, 2][index] ?? 0,
  waitingCount: index === 0 ? 2 : 0,
}));

function person(index: number, state: Participant["state"]): Participant {
  const microphone = { trackId: "m", kind: "AUDIO", source: "MICROPHONE", muted: index % 3 === 1 } as const;
  const camera = { trackId: "c", kind: "VIDEO", source: "CAMERA", muted: false } as const;
  return {
    sid: `gaytemzugu3doob${index}`,
    identity: `guest-${index}`,
    name: NAMES[index % NAMES.length] ?? "",
    state,
    role: index === 0 ? "MODERATOR" : "SPEAKER",
    tracks: state === "WAITING" ? [] : index === 4 ? [microphone] : [microphone, camera],
    joinedAtMs: STARTED + index * 90_000,
  };
}

/** A room's events, as the server streams them: all at once, and the stream stays open. */
function events(): Response {
  const { name = "", ...room } = ROOMS[0] ?? {};
  const participants = NAMES.slice(0, 4).map((_, index) => person(index, "CONNECTED"));
  const late = person(4, "CONNECTED");
  const frames: readonly (readonly [string, unknown])[] = [
    ["snapshot", { snapshot: { room: { ...room, name }, participants, waiting: [person(6, "WAITING")] } }],
    ["participantJoined", { participant: { ...late, tracks: [] } }],
    ["trackPublished", { sid: late.sid, track: late.tracks[0] }],
    ["chat", { name: "Clara Schumann", text: "Bar 12 has the repeat." }],
    ["participantWaiting", { participant: person(8, "WAITING") }],
    ["participantUpdated", { participant: person(2, "DISCONNECTED") }],
  ];
  const text = frames.map(([kind, body]) => `event: ${kind}\ndata: ${JSON.stringify({ [kind]: body })}\n\n`).join("");
  const body = new ReadableStream<Uint8Array>({ start: (stream) => stream.enqueue(new TextEncoder().encode(text)) });
  return new Response(body);
}

/** Answers as the REST API does, for looking at the admin view without a server. */
export const fakeAdminFetch: typeof fetch = async (input, init = {}) => {
  const { pathname } = new URL(input instanceof Request ? input.url : input);
  if (init.method !== undefined && init.method !== "GET") return new Response(null, { status: 204 });
  const [, , , name, list] = pathname.split("/");
  if (pathname.startsWith("/dev/")) return new Response(null, { status: 204 });
  switch (list) {
    case "participants":
      return Response.json({ participants: NAMES.map((_, index) => person(index, index === 2 ? "DISCONNECTED" : "CONNECTED")) });
    case "lobby":
      return Response.json({ participants: [person(6, "WAITING"), person(8, "WAITING")] });
    case "bans":
      return Response.json({ bans: [{ identity: "guest-eve", untilMs: Date.now() + 3_000_000 }] });
    case "events":
      return events();
    case undefined:
      return name === undefined ? Response.json({ rooms: ROOMS }) : Response.json(ROOMS.find((room) => room.name === name));
    default:
      return new Response(null, { status: 404 });
  }
};
