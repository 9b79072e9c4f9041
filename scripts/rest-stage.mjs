// What the REST API is asked about by scripts/test-rest.sh: a room with people in it, one who waits, a message, a ban, dead letters, an
// allocation of the relay.
//
// Prints its port. POST /stage?letter=1&allocation=1 with the header X-Server sets a new stage up on that server, as the bearer of Authorization, and
// answers with its names; the stage before is cleared. POST /webhooks/taken takes webhooks, POST /webhooks/gone wants none (410).
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { WebSocket } from "ws";
import { allocate } from "./turn-allocation.mjs";

const [keyId, keySecret] = process.env.ANTIPHON_KEYS.split(":");
const PATIENCE_MS = 10_000;

let stages = 0;
let standing; // The sockets and the room of the stage that is set up.

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

function accessToken(room, identity) {
  const now = Math.floor(Date.now() / 1_000);
  const claims = { iss: keyId, sub: identity, aud: "antiphon", iat: now, exp: now + 3_600, grants: { room, join: true } };
  const text = `${base64url({ alg: "HS256", typ: "JWT" })}.${base64url(claims)}`;
  return `${text}.${createHmac("sha256", keySecret).update(text).digest("base64url")}`;
}

/** Joins, and sends these frames; whoever it is stays until its socket is closed. */
function enter(server, room, identity, frames = []) {
  const socket = new WebSocket(`ws://${server}/v1/connect`, ["antiphon.v1.json", `antiphon.token.${accessToken(room, identity)}`]);
  return new Promise((resolve, reject) => {
    socket.onopen = () => socket.send(JSON.stringify({ join: {} }));
    socket.onerror = () => reject(new Error(`${identity} cannot connect`));
    socket.onclose = ({ code }) => reject(new Error(`${identity} was closed with ${code}`));
    let sid;
    socket.onmessage = ({ data }) => {
      const { joined, ackSeq = 0 } = JSON.parse(data);
      if (joined) {
        ({ sid } = joined);
        frames.forEach((frame, index) => socket.send(JSON.stringify({ seq: index + 1, ...frame })));
      }
      if (sid && ackSeq >= frames.length) {
        resolve({ sid, socket });
      }
    };
  });
}

async function setUp(server, authorization, { wantsLetter, wantsAllocation }) {
  const ask = async (method, path, body) => {
    const answer = await fetch(`http://${server}/v1/${path}`, {
      method,
      headers: { authorization, "content-type": "application/json" },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (!answer.ok) {
      throw new Error(`${method} ${path} was answered ${answer.status}: ${await answer.text()}`);
    }
    return answer.status === 204 ? undefined : answer.json();
  };
  await clear(ask);
  stages += 1;
  const room = `stage-${stages}`;
  standing = { room, sockets: [] };
  const track = (trackId, kind, source) => ({ publish: { track: { trackId, kind, source } } });
  const tracks = [track("mic", "AUDIO", "MICROPHONE"), track("cam", "VIDEO", "CAMERA")];
  const ada = await enter(server, room, "ada", tracks);
  await ask("PATCH", `rooms/${room}`, { lobby: true });
  const bob = await enter(server, room, "bob");
  standing.sockets = [ada.socket, bob.socket];
  const { id } = await ask("POST", `rooms/${room}/chat`, { text: "Five minutes, please." });
  await ask("POST", `rooms/${room}/bans`, { identity: "mallory" });
  const letter = wantsLetter ? await deadLetter(ask) : undefined;
  const allocation = wantsAllocation ? await allocationOf("ada", ask) : undefined;
  return { room, participant: ada.sid, waiting: bob.sid, message: id, identity: "mallory", webhook: "gone", letter, user: "ada", allocation };
}

async function clear(ask) {
  if (standing !== undefined) {
    const { room, sockets } = standing;
    standing = undefined;
    sockets.forEach((socket) => socket.close());
    // What was tested may have ended it.
    await ask("DELETE", `rooms/${room}`).catch(() => {});
    await ask("DELETE", "turn/allocations?user=ada");
  }
}

/** Has the relay carry media for this one, as far as an allocation, and gives its id. */
async function allocationOf(identity, ask) {
  const { iceServers } = await ask("POST", "ice-servers", { identity });
  standing.sockets.push(await allocate(iceServers.find(({ username }) => username !== undefined)));
  const { allocations } = await ask("GET", `turn/allocations?user=${identity}`);
  return allocations[0].id;
}

/** The endpoint that wants none gets what happened on this stage, and it becomes dead letters. */
async function deadLetter(ask) {
  for (const since = Date.now(); Date.now() - since < PATIENCE_MS; ) {
    const { deadLetters } = await ask("GET", "webhooks/gone/dead-letters?limit=1");
    if (deadLetters.length > 0) {
      return deadLetters[0].id;
    }
  }
  throw new Error("no webhook became a dead letter");
}

const stage = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, "http://stage");
  const answer = (status, body = "") => response.writeHead(status, { "content-type": "application/json" }).end(body);
  request.resume();
  if (pathname === "/webhooks/taken") {
    answer(204);
  } else if (pathname === "/webhooks/gone") {
    answer(410);
  } else if (pathname === "/stage") {
    const { authorization, "x-server": server } = request.headers;
    const wants = { wantsLetter: searchParams.has("letter"), wantsAllocation: searchParams.has("allocation") };
    setUp(server, authorization, wants).then(
      (names) => answer(200, JSON.stringify(names)),
      (error) => answer(500, JSON.stringify({ error: String(error) })),
    );
  } else {
    answer(404);
  }
});
stage.listen(0, "127.0.0.1", () => console.log(stage.address().port));
