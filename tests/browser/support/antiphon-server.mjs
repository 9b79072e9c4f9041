import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { accessToken, adminToken, API_KEY } from "./access-token.mjs";
import { paths } from "./paths.mjs";

const START_DEADLINE_MS = 15_000;
const STOP_DEADLINE_MS = 20_000;

/** Servers that run. None outlives the tests, however these end. */
const running = new Set();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** The real server, on a port and with a key that stay the same when it is started again. */
export class AntiphonServer {
  #flags;
  #environment;
  #port = 0;
  #process;
  #exited;
  #state = mkdtempSync(join(tmpdir(), "antiphon-server-"));
  #log = "";

  constructor(flags, environment) {
    this.#flags = flags;
    this.#environment = environment;
  }

  /**
   * @param {{ flags?: string[], environment?: Record<string, string>, files?: Record<string, string> }} [options] further flags and
   *   settings of `antiphon`, and files where it starts; with an `antiphon.toml` it is no development server
   */
  static async start({ flags = [], environment = {}, files = {} } = {}) {
    const isConfigured = "antiphon.toml" in files;
    const server = new AntiphonServer(isConfigured ? ["--config", "antiphon.toml", ...flags] : flags, environment);
    Object.entries(files).forEach(([name, text]) => server.write(name, text));
    await server.startAgain();
    return server;
  }

  get port() {
    return this.#port;
  }

  get url() {
    return `${this.#flags.includes("--https") ? "https" : "http"}://127.0.0.1:${this.#port}`;
  }

  /** What it wrote, over all its lives. */
  get log() {
    return this.#log;
  }

  /** A token for one of its rooms, see {@link accessToken}. */
  token(participant) {
    return accessToken(participant);
  }

  /** A token for its REST API. */
  adminToken() {
    return adminToken();
  }

  /** Writes a file where it starts. @param {string} name @param {string} text */
  write(name, text) {
    writeFileSync(join(this.#state, name), text);
  }

  /** Starts the server that was stopped or killed. */
  async startAgain() {
    const child = spawn(paths.server, ["--listen", `127.0.0.1:${this.#port}`, ...this.#flags], {
      env: {
        ...process.env,
        ANTIPHON_KEYS: `${API_KEY.id}:${API_KEY.secret}`,
        XDG_RUNTIME_DIR: this.#state,
        ...this.#environment,
      },
      cwd: this.#state,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = child;
    running.add(child);
    this.#exited = once(child, "exit").then(([code, signal]) => code ?? signal);
    child.on("exit", () => running.delete(child));
    const started = new Promise((resolve) => {
      let said = "";
      child.stdout.setEncoding("utf8").on("data", (text) => {
        this.#log += text;
        said += text;
        const port = /https?:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1];
        if (port !== undefined) {
          resolve(Number(port));
        }
      });
    });
    child.stderr.setEncoding("utf8").on("data", (text) => (this.#log += text));
    this.#port = await Promise.race([
      started,
      this.#exited.then((code) => Promise.reject(new Error(`the server exited at once (${code}):\n${this.#log}`))),
      rejectAfter(START_DEADLINE_MS, "the server did not start"),
    ]);
  }

  /** Ends it as a crash would: nobody is told. */
  async kill() {
    this.#process.kill("SIGKILL");
    await this.#exited;
  }

  /** Ctrl-C. Resolves with the exit code once it has drained. */
  async interrupt() {
    this.#process.kill("SIGINT");
    return Promise.race([this.#exited, rejectAfter(STOP_DEADLINE_MS, "the server did not stop")]);
  }

  /** Ends it for good. */
  async close() {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      await this.kill();
    }
    rmSync(this.#state, { recursive: true, force: true });
  }
}

function rejectAfter(ms, message) {
  return new Promise((_, reject) => setTimeout(() => reject(new Error(`${message} within ${ms} ms`)), ms).unref());
}
