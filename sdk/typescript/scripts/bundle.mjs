// The SDK and the protobuf runtime as one minified file, for pages that have no bundler: dist/antiphon.min.js.
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

/** How the one file is made; the test of its size makes it in the same way. */
export const BUNDLE = {
  bundle: true,
  minify: true,
  format: /** @type {const} */ ("esm"),
  target: "es2022",
  legalComments: /** @type {const} */ ("none"),
  banner: { js: "/*! @antiphon/client, MIT OR Apache-2.0; with @bufbuild/protobuf, Apache-2.0 AND BSD-3-Clause */" },
};

const root = fileURLToPath(new URL("..", import.meta.url));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build({
    ...BUNDLE,
    absWorkingDir: root,
    entryPoints: ["src/index.ts"],
    outfile: "dist/antiphon.min.js",
    sourcemap: true,
    logLevel: "warning",
  });
}
