import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PROGRAM = "turnserver";
const START_DEADLINE_MS = 15_000;
const DAY_S = 86_400;

/** Relays that run. None outlives the tests, however these end. */
const running = new Set();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** Debian's coturn on this machine, with credentials by a shared secret (draft-uberti-behave-turn-rest-00). */
export class Coturn {
  /** What it wrote. */
  log = "";
  #process;
  #exited;
  #secrets;
  #state = mkdtempSync(join(tmpdir(), "antiphon-coturn-"));

  constructor(port, secrets) {
    this.port = port;
    this.#secrets = secrets;
    const settings = {
      "listening-ip": "127.0.0.1",
      "relay-ip": "127.0.0.1",
      "listening-port": port,
      realm: "antiphon.test",
      userdb: join(this.#state, "turndb"),
      pidfile: join(this.#state, "pid"),
      "log-file": "stdout",
    };
    const flags = ["-n", "--use-auth-secret", "--allow-loopback-peers", "--no-tls", "--no-dtls", "--no-cli", "--no-multicast-peers"];
    const given = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
    given.push(...secrets.map((secret) => `--static-auth-secret=${secret}`));
    this.#process = spawn(PROGRAM, [...flags, ...given, "--simple-log", "--verbose"], { stdio: ["ignore", "pipe", "pipe"] });
    running.add(this.#process);
    this.#process.on("exit", () => running.delete(this.#process));
    this.#exited = once(this.#process, "exit");
    for (const output of [this.#process.stdout, this.#process.stderr]) {
      output.setEncoding("utf8").on("data", (text) => (this.log += text));
    }
  }

  /** @param {{ secrets?: string[] }} [options] all of them are good */
  static async start({ secrets = ["the-secret-of-this-relay"] } = {}) {
    const coturn = new Coturn(await freePort(), secrets);
    const deadline = Date.now() + START_DEADLINE_MS;
    while (!(await answersBinding(coturn.port))) {
      if (Date.now() > deadline || coturn.#process.exitCode !== null) {
        throw new Error(`coturn did not start:\n${coturn.log}`);
      }
    }
    return coturn;
  }

  /** @param {"udp" | "tcp"} [transport] */
  uri(transport = "udp") {
    return `turn:127.0.0.1:${this.port}?transport=${transport}`;
  }

  /** It as a value of `--ice-servers`, with credentials for a day. @param {"udp" | "tcp"} [transport] */
  iceServer(transport = "udp") {
    const username = `${Math.floor(Date.now() / 1_000) + DAY_S}:test`;
    const credential = createHmac("sha1", this.#secrets[0]).update(username).digest("base64");
    return `${this.uri(transport)}&user=${username}&pass=${encodeURIComponent(credential)}`;
  }

  /** Ends it as a crash would. */
  async close() {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill("SIGKILL");
      await this.#exited;
    }
    rmSync(this.#state, { recursive: true, force: true });
  }
}

async function freePort() {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  return port;
}

/** Sends a STUN Binding request (RFC 8489, section 3) and waits a little for any answer. */
async function answersBinding(port) {
  const request = Buffer.alloc(20);
  request.writeUInt16BE(0x0001, 0);
  request.writeUInt32BE(0x2112a442, 4);
  request.write("antiphon-tes", 8);
  const socket = createSocket("udp4");
  // Nobody listens yet: the next request may be answered.
  socket.on("error", () => {});
  const answered = new Promise((resolve) => {
    socket.once("message", () => resolve(true));
    setTimeout(() => resolve(false), 100);
  });
  socket.send(request, port, "127.0.0.1");
  const is = await answered;
  socket.close();
  return is;
}
