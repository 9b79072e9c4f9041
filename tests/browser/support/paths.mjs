import { join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../../../", import.meta.url));

/** Where things are, from the repository's root. */
export const paths = {
  repository,
  /** The server: `ANTIPHON_BIN`, else cargo's debug build. */
  server: process.env.ANTIPHON_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(repository, "target"), "debug/antiphon"),
  chromium: process.env.CHROMIUM || "/usr/bin/chromium",
  firefox: process.env.FIREFOX || "/usr/bin/firefox-esr",
  /** What is left of failed tests. */
  output: join(repository, "tests/output"),
  sdkPage: fileURLToPath(new URL("../pages/sdk-page.mjs", import.meta.url)),
  consumers: fileURLToPath(new URL("../consumers", import.meta.url)),
  plainClient: join(repository, "examples/plain-client.mjs"),
};
