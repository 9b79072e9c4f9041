import puppeteer from "puppeteer-core";

import { paths } from "./paths.mjs";
import { Tab } from "./tab.mjs";

/** Its own fake devices, no questions, and calls within one machine. */
const PREFERENCES = {
  "media.navigator.streams.fake": true,
  "media.navigator.permission.disabled": true,
  // Five pictures a second are enough to see media flow.
  "media.navigator.video.default_fps": 5,
  "media.autoplay.default": 0,
  "media.autoplay.blocking_policy": 0,
  "media.peerconnection.ice.loopback": true,
  "media.peerconnection.ice.obfuscate_host_addresses": false,
  // Nothing of its own goes out.
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "media.gmp-manager.updateEnabled": false,
};

/** Debian's Firefox over WebDriver BiDi, which Playwright does not speak. */
export function launchFirefox() {
  return puppeteer.launch({
    browser: "firefox",
    executablePath: paths.firefox,
    headless: true,
    extraPrefsFirefox: PREFERENCES,
    // A busy machine starts it slowly.
    timeout: 60_000,
    protocolTimeout: 60_000,
  });
}

/** A page of Firefox that is `viewport` large, in a context of its own, which shares nothing with others. */
export async function firefoxPage(browser, viewport) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  await page.setViewport(viewport);
  return { context, page };
}

/** Somebody who uses the call page in Firefox. */
export class FirefoxCallTab extends Tab {
  #url;
  #room;

  constructor(page, { name, url, room }) {
    super(page, name);
    this.#url = url;
    this.#room = room;
  }

  /** An element by its `data-testid`. @param {string} testId */
  part(testId) {
    return this.page.locator(selector(testId));
  }

  /** Opens the page and joins, with devices. */
  async join() {
    const address = new URL(this.#url);
    address.searchParams.set("room", this.#room);
    await this.page.goto(address.href);
    await this.part("name-input").fill(this.name);
    // Enabled once the devices have been asked for.
    await this.page.waitForSelector(`${selector("camera-toggle")}:enabled`);
    await this.part("join-button").click();
    await this.page.waitForSelector(selector("call-screen"));
  }

  /** Writes a message. The chat has to be open. @param {string} text */
  async say(text) {
    await this.part("chat-input").fill(text);
    await this.page.keyboard.press("Enter");
  }

  /** What is in the chat. @returns {Promise<string[]>} */
  messages() {
    return this.page.$$eval(selector("chat-message"), (messages) => messages.map(({ innerText }) => innerText));
  }

  /** The size and time of the video in a part of the page; nothing where there is none. @param {string} parent a CSS selector */
  video(parent) {
    return this.page.$$eval(`${parent} video`, ([video]) => ({ width: video?.videoWidth ?? 0, at: video?.currentTime ?? 0 }));
  }
}

function selector(testId) {
  return `[data-testid="${testId}"]`;
}
