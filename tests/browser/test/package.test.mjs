import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import { API_KEY } from "../support/access-token.mjs";
import { codeBlocks } from "../support/code-blocks.mjs";
import { EmptyProject } from "../support/empty-project.mjs";
import { eventually } from "../support/eventually.mjs";
import { fileServer } from "../support/file-server.mjs";
import { paths } from "../support/paths.mjs";
import { scenario } from "../support/stage.mjs";

const guide = readFileSync(join(paths.repository, "docs/sdk.md"), "utf8");

/** The TypeScript of one of this repository's projects. */
const compiler = (project) => join(dirname(createRequire(join(paths.repository, project)).resolve("typescript/package.json")), "bin/tsc");

/** TypeScript as this repository has it, and the one before, which most projects still have, under module resolutions. */
const CHECKS = [
  [compiler("package.json"), "bundler"],
  [compiler("package.json"), "node16"],
  [compiler("sdk/reference/package.json"), "node16"],
];

test("the packed SDK has what a project needs, and nothing of its tests", async () => {
  const project = await EmptyProject.create("types");
  const sdk = project.file("node_modules/@antiphon/client");
  for (const file of ["README.md", "LICENSE-MIT", "LICENSE-APACHE", "dist/index.js", "dist/index.d.ts", "dist/antiphon.min.js", "src/index.ts"]) {
    assert.ok(existsSync(join(sdk, file)), file);
  }
  const files = readdirSync(sdk, { recursive: true });
  assert.deepEqual(files.filter((file) => /\.test\.|testing/.test(file)), []);

  // The guide's examples, as a reader would take them over.
  codeBlocks(guide, "ts").forEach(({ text }, index) => {
    const preamble = /^import .*\bRoom\b/.test(text) ? "" : `import { Room } from "@antiphon/client";\ndeclare const room: Room;\n`;
    writeFileSync(project.file(`guide-${index + 1}.ts`), `${preamble}${text}\nexport {};\n`);
  });
  // With the declarations of its dependency checked too, and what is wrong expected to fail.
  for (const [tsc, resolution] of CHECKS) {
    await project.node(tsc, "--project", project.file(`tsconfig.${resolution}.json`));
  }
});

scenario("an empty Node project signs a token with jose and joins by it", async (stage) => {
  const server = await stage.server();
  const project = await EmptyProject.create("node", ["jose@6", "ws@8"]);
  const [signing] = codeBlocks(guide, "js");
  writeFileSync(project.file("access-token.mjs"), signing.text);
  const printed = await project.node("join.mjs", server.url, API_KEY.id, API_KEY.secret, stage.room);
  assert.deepEqual(printed.trim().split("\n"), ["unauthenticated", `${stage.room}: ada: Ada: hello from Node`]);
});

test("an empty Vite project builds, and bundles only what it imports", async () => {
  const project = await EmptyProject.create("vite", ["vite@8"]);
  const vite = project.file("node_modules/vite/bin/vite.js");
  await project.node(vite, "build");
  await project.node(vite, "build", "error");
  const whole = scripts(project.file("dist/assets"));
  const error = scripts(project.file("error/dist/assets"));
  console.log(`Vite: ${gzipSync(whole).byteLength} bytes gzipped with Room, ${gzipSync(error).byteLength} with AntiphonError alone`);
  assert.match(whole, /WebSocket/);
  assert.doesNotMatch(error, /WebSocket|RTCPeerConnection/);
  assert.ok(error.length < 2_000, `${error.length} characters for an error class`);
});

scenario("a plain page loads the packed SDK through an import map and joins", async (stage) => {
  const project = await EmptyProject.create("page");
  const files = await fileServer(project.path);
  const server = await stage.server({ flags: ["--allowed-origins", new URL(files.url).origin] });
  try {
    const { page } = await stage.plainTab("ada", files.url);
    await page.waitForFunction(() => window.antiphon !== undefined);
    const token = server.token({ room: stage.room, identity: "ada" });
    await page.evaluate(([url, given]) => window.antiphon.room.join(url, given), [server.url, token]);
    await eventually("the page is in the room", () => page.evaluate(() => window.antiphon.room.name), { isReached: (name) => name === stage.room });
  } finally {
    await files.close();
  }
});

/** All scripts of a directory. */
function scripts(directory) {
  return readdirSync(directory)
    .filter((name) => name.endsWith(".js"))
    .map((name) => readFileSync(join(directory, name), "utf8"))
    .join("\n");
}
