import { build } from "vite";

import { paths } from "./paths.mjs";
import { Tab } from "./tab.mjs";

/** An answer of the server without the call page's Content-Security-Policy, to put the script into. */
const BARE = "/healthz";

let script;

/** Media goes through relays alone, and these are reached so. @typedef {"any" | "udp" | "tcp" | "tls"} RelayBy */

/** A page with the SDK and nothing else; what it offers stands in `pages/sdk-page.mjs`. */
export class SdkTab extends Tab {
  #session;

  /**
   * @param {import("playwright-core").Page | import("puppeteer-core").Page} page
   * @param {{ name: string, url: string, path?: import("./udp-path.mjs").UdpPath, isUntouched?: boolean, relayBy?: RelayBy }} options
   *   `isUntouched`: nothing is evaluated in the page, which would count as a gesture of the person
   */
  static async open(page, { name, url, path, isUntouched = false, relayBy }) {
    const tab = new SdkTab(page, name);
    script ??= bundle();
    if (isUntouched) {
      await page.addInitScript(await script);
    }
    if (path !== undefined) {
      await page.exposeFunction("udpPathTo", (address, port) => path.to(address, port));
    }
    // From the server itself: browsers keep pages of no known place from local addresses.
    await page.goto(new URL(BARE, url).href);
    if (relayBy !== undefined) {
      await page.evaluate((way) => (window.relayBy = way), relayBy);
    }
    if (!isUntouched) {
      await page.addScriptTag({ content: await script, type: "module" });
      await page.waitForFunction(() => window.sdkPage !== undefined);
    }
    return tab;
  }

  /** Evaluates an expression in the page without a gesture of the person. @param {string} expression */
  async quietly(expression) {
    this.#session ??= await this.page.context().newCDPSession(this.page);
    const { result, exceptionDetails } = await this.#session.send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
      userGesture: false,
    });
    if (exceptionDetails !== undefined) {
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    }
    return result.value;
  }

  /** Joins, with a camera and a microphone. @param {string} token */
  join(token) {
    return this.page.evaluate((given) => window.sdkPage.join(given), token);
  }

  /** Sends text as data to everyone. @param {string} text @param {{ topic: string, lossy: boolean }} options */
  sendData(text, options) {
    return this.page.evaluate(([sent, how]) => window.antiphon.room.sendData(new TextEncoder().encode(sent), how), [text, options]);
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
