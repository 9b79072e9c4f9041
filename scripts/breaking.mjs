// Compares proto/ with the newest release tag (vX.Y.Z): a change that would break a client of that release fails.
import { execFileSync, spawnSync } from "node:child_process";

const tags = execFileSync("git", ["tag", "--list", "v*.*.*", "--sort=-version:refname"], { encoding: "utf8" });
const release = tags.split("\n").find((tag) => /^v\d+\.\d+\.\d+$/.test(tag));

if (release === undefined) {
  console.log("buf breaking: there is no release tag vX.Y.Z yet, so there is nothing to compare with.");
} else {
  console.log(`buf breaking: comparing proto/ with ${release}`);
  const { status } = spawnSync("buf", ["breaking", "--against", `.git#tag=${release}`], { stdio: "inherit" });
  process.exitCode = status ?? 1;
}
