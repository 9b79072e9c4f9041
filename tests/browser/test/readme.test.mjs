import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { codeBlocks } from "../support/code-blocks.mjs";
import { eventually } from "../support/eventually.mjs";
import { paths } from "../support/paths.mjs";
import { scenario } from "../support/stage.mjs";
import { freePort, Terminal } from "../support/terminal.mjs";

const readme = readFileSync(join(paths.repository, "README.md"), "utf8");

scenario(
  "the README, block by block: a call by make run, then an own page with an own token server",
  async (stage) => {
    const [page, port, reader] = [await freePort(), await freePort(), new Terminal()];
    // What is not as the README has it: the ports, which others on this machine may have; where cargo puts what it
    // builds; and the clone, which is this repository.
    const replaced = [
      ["make run\n", `make run ARGS="--listen 127.0.0.1:${port}"\n`],
      ["localhost:7880", `localhost:${port}`],
      ["listen(8080)", `listen(${page})`],
      ["target/debug/antiphon", paths.server],
      ["../antiphon/sdk/typescript", join(paths.repository, "sdk/typescript")],
      ["mkdir ../my-app && cd ../my-app", `mkdir ${reader.directory}/my-app && cd ${reader.directory}/my-app`],
    ];
    const blocks = codeBlocks(readme).map((block) => ({
      ...block,
      text: replaced.reduce((text, [from, to]) => text.replaceAll(from, to), block.text),
    }));
    const take = (language) => {
      const block = blocks.shift();
      assert.equal(block?.language, language, block?.text);
      return block;
    };
    try {
      // Try it.
      const trial = reader.start(take("sh").text, paths.repository);
      await trial.prints(`http://127.0.0.1:${port}`);
      const tabs = ["ada", "tallis"].map((name) => stage.callTab(name, `http://localhost:${port}`));
      const callers = await Promise.all(tabs);
      for (const caller of callers) {
        await caller.join();
      }
      await Promise.all(callers.map((caller) => caller.receivesMediaFrom(1)));
      const token = await reader.run(take("sh").text, paths.repository);
      assert.match(token.trim(), /^[\w-]+\.[\w-]+\.[\w-]+$/);
      await trial.interrupt();

      // Your own page.
      const server = reader.start(take("sh").text, paths.repository);
      await server.prints(`http://127.0.0.1:${port}`);
      reader.environment.ANTIPHON_KEYS = server.variable("ANTIPHON_KEYS");
      await reader.run(take("sh").text, paths.repository);
      const app = join(reader.directory, "my-app");
      for (const language of ["html", "js"]) {
        const { file, text } = take(language);
        writeFileSync(join(app, file), text);
      }
      const own = reader.start(take("sh").text, app);
      const [first, second] = [stage.plainTab("first", "about:blank"), stage.plainTab("second", "about:blank")];
      for (const tab of [await first, await second]) {
        const opens = () => tab.page.goto(`http://localhost:${page}`).then(() => true, () => false);
        await eventually("the own server answers", async () => ({ isOpen: await opens(), said: own.printed }), {
          isReached: ({ isOpen }) => isOpen,
          withinMs: 60_000,
        });
      }
      for (const tab of [await first, await second]) {
        await tab.page.locator("video").waitFor();
        await tab.page.locator("audio").waitFor({ state: "attached" });
        await eventually("a picture is shown", () => tab.page.locator("video").evaluate(({ videoWidth, currentTime }) => videoWidth > 0 && currentTime > 0));
        await tab.page.getByText("Ada: hello").waitFor();
      }
      await own.interrupt();
      await server.interrupt();

      // A picture of the parts, and what runs this test.
      take("mermaid");
      assert.match(await reader.run(take("sh").text.replace("make test", "make --dry-run test"), paths.repository), /npm test/);
      assert.deepEqual(blocks, []);
    } finally {
      await reader.close();
    }
  },
  // It builds, and installs packages.
  { withinMs: 420_000 },
);
