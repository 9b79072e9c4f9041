import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import WebSocket from "ws";

import { API_KEY } from "../../../tests/browser/support/access-token.mjs";
import { AntiphonServer } from "../../../tests/browser/support/antiphon-server.mjs";

const examples = join(dirname(fileURLToPath(import.meta.url)), "..");
const root = join(examples, "../..");
const target = resolve(root, process.env.CARGO_TARGET_DIR ?? "target");
const tools = join(target, "tools");

/** What signs, by language; scripts/ensure-tools.sh has installed what it needs. */
const signers = {
  node: { command: process.execPath, arguments: ["node/token.mjs"], source: "node/token.mjs" },
  python: { command: join(tools, "python/bin/python"), arguments: ["python/sign_token.py"], source: "python/sign_token.py" },
  go: { command: join(tools, "bin/token-example-go"), arguments: [], source: "go/main.go" },
  ruby: { command: "ruby", arguments: ["ruby/token.rb"], source: "ruby/token.rb" },
  rust: { command: join(target, "debug/antiphon-token-example"), arguments: [], source: "rust/src/main.rs" },
};

const run = promisify(execFile);
const JOIN_DEADLINE_MS = 10_000;
let server;

before(async () => {
  server = await AntiphonServer.start();
});
after(() => server.close());

for (const [language, signer] of Object.entries(signers)) {
  test(`a token that is signed in ${language} joins its room`, async () => {
    const env = { ...process.env, ANTIPHON_KEY_ID: API_KEY.id, ANTIPHON_KEY_SECRET: API_KEY.secret };
    const { stdout } = await run(signer.command, [...signer.arguments, language, "rehearsal"], { cwd: examples, env });
    const { joined } = await answerTo(stdout.trim(), {});
    const { room, participants } = joined.snapshot;
    assert.equal(room.name, "rehearsal");
    assert.deepEqual(
      participants.filter(({ sid }) => sid === joined.sid).map(({ identity, name }) => ({ identity, name })),
      [{ identity: language, name: language }],
    );
    const elsewhere = await answerTo(stdout.trim(), { room: "elsewhere" });
    assert.equal(elsewhere.error.code, "permission_denied");
  });
}

test("the page about tokens shows every example as it is", () => {
  const page = readFileSync(join(root, "docs/tokens.md"), "utf8");
  for (const { source } of Object.values(signers)) {
    const text = readFileSync(join(examples, source), "utf8").trim();
    assert.ok(page.includes(text), `docs/tokens.md must hold examples/tokens/${source} as it is`);
  }
});

/** The answer to a join with this token. */
function answerTo(token, join) {
  const url = `${server.url.replace(/^http/, "ws")}/v1/connect`;
  const socket = new WebSocket(url, ["antiphon.v1.json", `antiphon.token.${token}`]);
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("no answer to join")), JOIN_DEADLINE_MS);
    socket.on("open", () => socket.send(JSON.stringify({ join })));
    socket.on("message", (frame) => resolve(JSON.parse(frame.toString())));
    socket.on("error", reject);
    socket.on("close", () => clearTimeout(late));
  }).finally(() => socket.terminate());
}
