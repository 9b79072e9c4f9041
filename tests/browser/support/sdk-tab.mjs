import { build } from "vite";

import { paths } from "./paths.mjs";
import { Tab } from "./tab.mjs";

const PAGE = "/sdk-page.html";
const HTML = `<!doctype html><title>SDK</title><script type="module" src="/sdk-page.js"></script>`;

let script;

/** A page with the SDK and nothing else; what it offers stands in `pages/sdk-page.mjs`. */
export class SdkTab extends Tab {
  /** @param {import("playwright-core").Page} page @param {{ name: string, url: string }} options */
  static async open(page, { name, url }) {
    const tab = new SdkTab(page, name);
    script ??= bundle();
    const body = await script;
    // The page has the server's origin, without the server knowing of it.
    await page.route(`${url}${PAGE}`, (route) => route.fulfill({ contentType: "text/html", body: HTML }));
    await page.route(`${url}/sdk-page.js`, (route) => route.fulfill({ contentType: "text/javascript", body }));
    await page.goto(`${url}${PAGE}`);
    await page.waitForFunction(() => window.sdkPage !== undefined);
    return tab;
  }

  /** Joins, with a camera and a microphone. @param {string} token */
  join(token) {
    return this.page.evaluate((given) => window.sdkPage.join(given), token);
  }
}

async function bundle() {
  const output = await build({
    configFile: false,
    logLevel: "error",
    build: { write: false, minify: false, lib: { entry: paths.sdkPage, formats: ["es"], fileName: "sdk-page" } },
  });
  return [output].flat()[0].output[0].code;
}
