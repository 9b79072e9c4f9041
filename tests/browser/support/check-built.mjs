import { existsSync } from "node:fs";
import { join } from "node:path";

import { paths } from "./paths.mjs";

/** What the tests need, and how to get it. */
const NEEDED = [
  [paths.chromium, "install Debian's chromium, or name another one in CHROMIUM"],
  [paths.firefox, "install Debian's firefox-esr, or name another one in FIREFOX"],
  [paths.server, "cargo build -p antiphon, or name the binary in ANTIPHON_BIN"],
  [join(paths.repository, "sdk/typescript/dist/index.js"), "npm run build -w @antiphon/client"],
  [join(paths.repository, "console/dist/index.html"), "npm run build -w @antiphon/console"],
];

const missing = NEEDED.filter(([path]) => !existsSync(path));
for (const [path, cure] of missing) {
  console.error(`${path} is missing: ${cure}`);
}
process.exitCode = missing.length === 0 ? 0 : 1;
