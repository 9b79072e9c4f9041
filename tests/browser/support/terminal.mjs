import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { eventually } from "./eventually.mjs";

/** Builds may be waited for. */
const PATIENCE_MS = 120_000;

/** What the tests' own runners leave in the environment: a reader's terminal has none of it. */
const OURS = new Set(["NODE_TEST_CONTEXT", "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES"]);

/** Process groups that run. None outlives the tests. */
const running = new Set();
process.on("exit", () => running.forEach((command) => command.kill("SIGKILL")));

/** A port that is free now. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Somebody at a terminal, who types what a text says. */
export class Terminal {
  /** An empty one. */
  directory = mkdtempSync(join(tmpdir(), "antiphon-reader-"));
  /** What was exported. @type {Record<string, string>} */
  environment = { XDG_RUNTIME_DIR: this.directory };
  #commands = [];

  /** Runs commands to their end, and gives what they printed. */
  async run(text, directory) {
    const command = this.start(text, directory);
    const status = await command.exited;
    if (status !== 0) {
      throw new Error(`exit status ${status}:\n${text}\n${command.printed}`);
    }
    return command.output;
  }

  /** Starts commands. */
  start(text, directory) {
    const command = new Command(text, directory, { ...process.env, ...this.environment }, join(this.directory, `variables-${this.#commands.length}`));
    this.#commands.push(command);
    return command;
  }

  /** Ends everything. */
  async close() {
    await Promise.all(this.#commands.map((command) => command.kill("SIGKILL")));
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Commands that run in a shell, as a process group of their own. */
class Command {
  /** What they wrote to standard output. */
  output = "";
  /** And to either. */
  printed = "";
  #shell;
  #variables;

  constructor(text, directory, environment, variables) {
    this.#variables = variables;
    const env = Object.fromEntries(Object.entries(environment).filter(([name]) => !OURS.has(name)));
    // What is exported on the way can be asked for, as in the terminal itself.
    const traced = text.replace(/^(export .*)$/gm, `$1\nenv > '${variables}'`);
    this.#shell = spawn("bash", ["-euo", "pipefail", "-c", traced], { cwd: directory, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    running.add(this);
    this.exited = once(this.#shell, "close").then(([code, signal]) => {
      running.delete(this);
      return code ?? signal;
    });
    this.#shell.stdout.setEncoding("utf8").on("data", (printed) => {
      this.output += printed;
      this.printed += printed;
    });
    this.#shell.stderr.setEncoding("utf8").on("data", (printed) => (this.printed += printed));
  }

  /** It prints this, sooner or later. */
  async prints(text) {
    let status;
    void this.exited.then((ended) => (status = ended));
    await eventually(`"${text}" is printed`, () => ({ printed: this.printed.slice(-2_000), status }), {
      isReached: ({ printed, status }) => printed.includes(text) || status !== undefined,
      withinMs: PATIENCE_MS,
    });
    if (!this.printed.includes(text)) {
      throw new Error(`it ended with ${status} and did not print "${text}":\n${this.printed}`);
    }
  }

  /** The value of a variable that it exported. */
  variable(name) {
    const line = readFileSync(this.#variables, "utf8").split("\n").find((candidate) => candidate.startsWith(`${name}=`));
    return line?.slice(name.length + 1);
  }

  /** Ctrl-C. */
  async interrupt() {
    await this.kill("SIGINT");
  }

  /** Sends a signal to all that it started, and waits for their end. */
  async kill(signal) {
    if (this.#shell.exitCode === null && this.#shell.signalCode === null) {
      try {
        process.kill(-this.#shell.pid, signal);
      } catch (error) {
        // It ended this very moment.
        if (error.code !== "ESRCH") throw error;
      }
    }
    await this.exited;
  }
}
