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
    case undefined:
      return name === undefined ? Response.json({ rooms: ROOMS }) : Response.json(ROOMS.find((room) => room.name === name));
    default:
      return new Response(null, { status: 404 });
  }
};
