// Compares proto/ with the newest release tag (vX.Y.Z): a change that would break a client of that release fails.
import { execFileSync, spawnSync } from "node:child_process";

const git = (...args) => execFileSync("git", args, { encoding: "utf8" }).trim();
const tags = git("tag", "--list", "v*.*.*", "--sort=-version:refname");
const release = tags.split("\n").find((tag) => /^v\d+\.\d+\.\d+$/.test(tag));

if (release === undefined && git("rev-parse", "--is-shallow-repository") === "true") {
  console.log("buf breaking: this clone is shallow and has no tags, so nothing was compared: git fetch --unshallow --tags");
  // Where it must be compared, saying so is not enough.
  process.exitCode = process.env.CI ? 1 : 0;
} else if (release === undefined) {
  console.log("buf breaking: there is no release tag vX.Y.Z yet, so there is nothing to compare with.");
} else {
  console.log(`buf breaking: comparing proto/ with ${release}`);
  const { status } = spawnSync("buf", ["breaking", "--against", `.git#tag=${release}`], { stdio: "inherit" });
  process.exitCode = status ?? 1;
}
