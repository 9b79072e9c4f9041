import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** WCAG 2.2 AA, and what axe's authors hold for good practice. */
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Colours that a page is looked at in. */
const SCHEMES = ["light", "dark"];

/**
 * Nothing on the page as it is now hinders somebody, in light or dark.
 *
 * @param {import("./tab.mjs").Tab} tab
 * @param {string} where what is on the screen, for the failure's text
 */
export async function isAccessible({ page }, where) {
  for (const colorScheme of SCHEMES) {
    // What moves has no colour to measure.
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    if (!(await page.evaluate(() => "axe" in window))) {
      // Not as a script tag: the page's Content-Security-Policy allows none of a stranger's.
      await page.evaluate(source);
    }
    const violations = await page.evaluate(async (tags) => {
      const results = await window.axe.run(document, { runOnly: tags, resultTypes: ["violations"] });
      return results.violations.map(({ id, help, nodes }) => ({ id, help, at: nodes.map(({ html, failureSummary }) => ({ html, failureSummary })) }));
    }, TAGS);
    assert.deepEqual(violations, [], `${where}, ${colorScheme}`);
  }
}
