import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";

import { paths } from "../support/paths.mjs";

const pages = execFileSync("git", ["ls-files", "*.md"], { cwd: paths.repository, encoding: "utf8" }).trim().split("\n");

test("every link and picture of the documentation leads somewhere", () => {
  const broken = pages.flatMap((page) =>
    links(page)
      .filter((link) => !isThere(page, link))
      .map((link) => `${page}: ${link}`),
  );
  assert.ok(pages.length > 10);
  assert.deepEqual(broken, []);
});

/** Links to other files of the repository, and to headings. */
function links(page) {
  const prose = text(page).replace(/^```.*?^```/gms, "").replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()]/g, ""));
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link).filter((link) => !/^[a-z]+:/.test(link));
}

function isThere(page, link) {
  const [path, heading] = link.split("#");
  const target = path === "" ? page : join(dirname(page), path);
  return existsSync(join(paths.repository, target)) && (heading === undefined || headings(target).includes(heading));
}

/** As GitHub names them. */
function headings(page) {
  return [...text(page).matchAll(/^#+ (.*)$/gm)].map(([, words]) => words.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/ /g, "-"));
}

function text(page) {
  return readFileSync(join(paths.repository, page), "utf8");
}
