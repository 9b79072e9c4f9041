import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { paths } from "./paths.mjs";

const run = promisify(execFile);

/** Every directory that was made. None outlives the tests. */
const made = [];
process.on("exit", () => made.forEach((directory) => rmSync(directory, { recursive: true, force: true })));

function directory(name) {
  const path = mkdtempSync(join(tmpdir(), `antiphon-${name}-`));
  made.push(path);
  return path;
}

let tarball;

/** `@antiphon/client` as it would be published: the path of what `npm pack` makes. */
async function packedSdk() {
  const destination = directory("packed");
  await npm(["pack", "--workspace", "@antiphon/client", "--pack-destination", destination], paths.repository);
  return join(destination, readdirSync(destination)[0]);
}

/** A project of somebody else's, with the packed SDK in it. */
export class EmptyProject {
  constructor(path) {
    this.path = path;
  }

  /** @param {string} name of the directory in `consumers/` that it begins with @param {string[]} [packages] that it needs besides */
  static async create(name, packages = []) {
    tarball ??= packedSdk();
    const project = new EmptyProject(directory(name));
    cpSync(join(paths.consumers, name), project.path, { recursive: true });
    writeFileSync(project.file("package.json"), JSON.stringify({ private: true, type: "module" }));
    await npm(["install", "--prefer-offline", await tarball, ...packages], project.path);
    return project;
  }

  /** The path of one of its files. @param {string} name */
  file(name) {
    return join(this.path, name);
  }

  /** Runs a script of its own, or one of the repository's tools. Gives what it printed; rejects where it failed. */
  async node(script, ...args) {
    const { stdout } = await run(process.execPath, [script, ...args], { cwd: this.path }).catch((error) => {
      throw new Error(`${error.message}\n${error.stdout}`);
    });
    return stdout;
  }
}

async function npm(args, cwd) {
  await run("npm", [...args, "--no-audit", "--no-fund"], { cwd });
}
