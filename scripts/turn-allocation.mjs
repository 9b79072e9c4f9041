// One allocation of a TURN server, by UDP (RFC 8656 §7): something that a relay can list and end.
import { createHash, createHmac, randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";

const MAGIC_COOKIE = 0x2112a442;
const ALLOCATE = 0x0003;
const ALLOCATED = 0x0103;
const HEADER_BYTES = 20;
const USERNAME = 0x0006;
const MESSAGE_INTEGRITY = 0x0008;
const REALM = 0x0014;
const NONCE = 0x0015;
const REQUESTED_TRANSPORT = 0x0019;
const UDP = Buffer.from([17, 0, 0, 0]);
const PATIENCE_MS = 10_000;

/** Asks the server of an `RTCIceServer` for an allocation, and answers with the socket that has it. */
export async function allocate({ urls, username, credential }) {
  const [, host, port] = urls.map((url) => /^turn:([^[\]]+):(\d+)\?transport=udp$/.exec(url)).find((found) => found !== null);
  const socket = createSocket("udp4").unref();
  socket.connect(Number(port), host);
  await once(socket, "connect");
  const challenge = attributes(await answer(socket, message([[REQUESTED_TRANSPORT, UDP]])));
  const [realm, nonce] = [challenge.get(REALM), challenge.get(NONCE)];
  const key = createHash("md5").update(`${username}:${realm}:${credential}`).digest();
  const signed = [[REQUESTED_TRANSPORT, UDP], [USERNAME, Buffer.from(username)], [REALM, realm], [NONCE, nonce]];
  const allocated = await answer(socket, message(signed, key));
  if (allocated.readUInt16BE(0) !== ALLOCATED) {
    socket.close();
    throw new Error(`the relay refused an allocation: ${allocated.toString("hex")}`);
  }
  return socket;
}

async function answer(socket, request) {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const answered = once(socket, "message", { signal });
  socket.send(request);
  const [received] = await answered;
  return received;
}

/** An Allocate request; with a key it is signed by it (RFC 8489 §14.5). */
function message(pairs, key) {
  const body = Buffer.concat(pairs.map(([type, value]) => attribute(type, value)));
  const transaction = randomBytes(12);
  if (key === undefined) {
    return Buffer.concat([header(body.length, transaction), body]);
  }
  const covered = Buffer.concat([header(body.length + 24, transaction), body]);
  return Buffer.concat([covered, attribute(MESSAGE_INTEGRITY, createHmac("sha1", key).update(covered).digest())]);
}

function header(length, transaction) {
  const start = Buffer.alloc(8);
  start.writeUInt16BE(ALLOCATE, 0);
  start.writeUInt16BE(length, 2);
  start.writeUInt32BE(MAGIC_COOKIE, 4);
  return Buffer.concat([start, transaction]);
}

function attribute(type, value) {
  const padded = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  padded.writeUInt16BE(type, 0);
  padded.writeUInt16BE(value.length, 2);
  value.copy(padded, 4);
  return padded;
}

function attributes(received) {
  const found = new Map();
  for (let at = HEADER_BYTES; at + 4 <= received.length; ) {
    const length = received.readUInt16BE(at + 2);
    found.set(received.readUInt16BE(at), received.subarray(at + 4, at + 4 + length));
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return found;
}
