import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { build } from "esbuild";
import { expect, test } from "vitest";

import { BUNDLE } from "../scripts/bundle.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));

/** Bytes on the way to a browser. Raise it knowingly: what makes the SDK larger is downloaded by everyone who is called. */
const BUDGET = 60_000;

/** An error class alone drags nothing in. */
const ERROR_BUDGET = 1_000;

/** Minified, and as a web server would compress it. */
async function gzippedBytes(contents: string): Promise<number> {
  const { outputFiles } = await build({
    ...BUNDLE,
    stdin: { contents, resolveDir: HERE },
    write: false,
  });
  return gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).byteLength;
}

test("the whole SDK, minified and compressed, stays within its budget", async () => {
  const bytes = await gzippedBytes('export * from "./index.ts";');
  console.log(`the whole SDK: ${bytes} bytes minified and gzipped, of ${BUDGET}`);
  expect(bytes).toBeGreaterThan(ERROR_BUDGET);
  expect(bytes).toBeLessThanOrEqual(BUDGET);
});

test("what is not imported is not bundled", async () => {
  const bytes = await gzippedBytes('export { AntiphonError } from "./index.ts";');
  console.log(`AntiphonError alone: ${bytes} bytes`);
  expect(bytes).toBeGreaterThan(0);
  expect(bytes).toBeLessThanOrEqual(ERROR_BUDGET);
});
