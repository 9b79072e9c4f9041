import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { chromium } from "playwright-core";

import { AdminTab } from "./admin-tab.mjs";
import { AntiphonServer } from "./antiphon-server.mjs";
import { CallTab } from "./call-tab.mjs";
import { Coturn } from "./coturn.mjs";
import { Crowd } from "./crowd.mjs";
import { CuttingProxy } from "./cutting-proxy.mjs";
import { FirefoxCallTab, firefoxPage, launchFirefox } from "./firefox.mjs";
import { paths } from "./paths.mjs";
import { SdkTab } from "./sdk-tab.mjs";
import { Tab } from "./tab.mjs";
import { UdpPath } from "./udp-path.mjs";

/** Five pictures a second are enough to see media flow, and leave the processor to the rest. The second camera sees depth only. */
const FAKE_DEVICES = "--use-fake-device-for-media-stream=fps=5,device-count=3";

const ALLOW_DEVICES = "--use-fake-ui-for-media-stream";
const PLAY_AT_ONCE = "--autoplay-policy=no-user-gesture-required";

/** Browsers by what they allow: devices, or none, or sound only after a gesture. */
const BROWSERS = {
  granted: [ALLOW_DEVICES, PLAY_AT_ONCE],
  denied: ["--use-fake-ui-for-media-stream=deny", PLAY_AT_ONCE],
  silent: [ALLOW_DEVICES, "--autoplay-policy=document-user-activation-required"],
};

const VIEWPORT = { width: 1_000, height: 700 };

const FLAGS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Calls also work on a machine without a network.
  "--allow-loopback-in-peer-connection",
  // For servers, and relays by TLS, that made up their certificates.
  "--ignore-certificate-errors",
  FAKE_DEVICES,
];

/**
 * A test with servers, proxies and tabs, which are gone afterwards. When it fails, pictures of the tabs and everything
 * that was logged are left in `tests/output`.
 *
 * @param {string} name
 * @param {(stage: Stage) => Promise<void>} play
 * @param {{ withinMs?: number }} [options]
 */
export function scenario(name, play, { withinMs = 90_000 } = {}) {
  test(name, async () => {
    const stage = new Stage();
    try {
      await inTime(play(stage), withinMs);
    } catch (error) {
      await stage.keepEvidence(name, error);
      throw error;
    } finally {
      await stage.close();
    }
  });
}

/** Firefox, and Chromiums by the answer that they give to pages that ask for devices; shared by a file's tests. */
const browsers = new Map();

after(async () => {
  for (const browser of browsers.values()) {
    await (await browser).close();
  }
});

/** What takes part in one test. */
export class Stage {
  /** In a room of its own. */
  room = `stage-${Math.random().toString(36).slice(2, 10)}`;
  #servers = [];
  #proxies = [];
  #tabs = [];
  #contexts = [];
  #crowds = [];
  #paths = [];
  #relays = [];

  /** Starts a server. @param {Parameters<typeof AntiphonServer.start>[0]} [options] */
  async server(options) {
    const server = await AntiphonServer.start(options);
    this.#servers.push(server);
    return server;
  }

  /** Starts a TURN server. @param {Parameters<typeof Coturn.start>[0]} [options] */
  async coturn(options) {
    const relay = await Coturn.start(options);
    this.#relays.push(relay);
    return relay;
  }

  /** Puts a proxy before a server. @param {AntiphonServer} server */
  async proxy(server) {
    const proxy = await CuttingProxy.listen(server.port);
    this.#proxies.push(proxy);
    return proxy;
  }

  /**
   * A tab with the call page of `url`.
   *
   * @param {string} name
   * @param {string} url
   * @param {{ permissions?: "granted" | "denied", viewport?: { width: number, height: number }, path?: UdpPath }} [options] `path`: what its media goes through
   */
  async callTab(name, url, { permissions = "granted", viewport, path } = {}) {
    const tab = this.#keep(new CallTab(await this.#page(permissions, viewport), { name, url, room: this.room }));
    if (path !== undefined) {
      await tab.leadThrough(path);
    }
    return tab;
  }

  /** A tab with some other page. @param {string} name @param {string} url */
  async plainTab(name, url) {
    const tab = this.#keep(new Tab(await this.#page("granted"), name));
    await tab.page.goto(url);
    return tab;
  }

  /** A tab of Firefox with the call page of `url`. @param {string} name @param {string} url */
  async firefoxCallTab(name, url) {
    return this.#keep(new FirefoxCallTab(await this.#firefoxPage(), { name, url, room: this.room }));
  }

  /** A tab of Firefox with the SDK alone. @param {string} name @param {string} url */
  async firefoxSdkTab(name, url) {
    return this.#keep(await SdkTab.open(await this.#firefoxPage(), { name, url }));
  }

  /** A tab with the admin view of `url`. @param {string} name @param {string} url */
  async adminTab(name, url, { viewport } = {}) {
    return this.#keep(new AdminTab(await this.#page("granted", viewport), { name, url }));
  }

  /** People without browsers, for rooms that are full. @param {AntiphonServer} server @param {string} [room] */
  crowd(server, room = this.room) {
    const crowd = new Crowd(server, room);
    this.#crowds.push(crowd);
    return crowd;
  }

  /** A way for media between tabs. @param {number} [seed] decides which packets are lost */
  udpPath(seed = 1) {
    const path = new UdpPath(seed);
    this.#paths.push(path);
    return path;
  }

  /**
   * A tab with the SDK alone, at an address of `url`'s server.
   *
   * @param {string} name
   * @param {string} url
   * @param {{ path?: UdpPath, browser?: "granted" | "denied" | "silent", relayBy?: import("./sdk-tab.mjs").RelayBy }} [options] `path`: what its media goes through
   */
  async sdkTab(name, url, { path, browser = "granted", relayBy } = {}) {
    const page = await this.#page(browser);
    return this.#keep(await SdkTab.open(page, { name, url, path, relayBy, isUntouched: browser === "silent" }));
  }

  /** Leaves behind what a failure is understood by. */
  async keepEvidence(scenarioName, error) {
    const directory = join(paths.output, scenarioName.replace(/[^\w]+/g, "-").slice(0, 60));
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "failure.txt"), `${error.stack}\n`);
    this.#servers.forEach(({ log }, index) => writeFileSync(join(directory, `server-${index + 1}.log`), log));
    for (const tab of this.#tabs) {
      writeFileSync(join(directory, `${tab.name}.log`), tab.log.join("\n"));
      // The tab may have crashed; the rest is worth keeping all the same.
      await tab.page.screenshot({ path: join(directory, `${tab.name}.png`), timeout: 5_000 }).catch(() => {});
      const connections = await Promise.race([tab.connections().catch(String), delay(10_000, "no answer")]);
      writeFileSync(join(directory, `${tab.name}.connections.json`), JSON.stringify(connections, undefined, 2));
    }
  }

  /** Ends everything. */
  async close() {
    this.#crowds.forEach((crowd) => crowd.close());
    await Promise.all(this.#contexts.map((context) => context.close()));
    this.#paths.forEach((path) => path.close());
    await Promise.all(this.#proxies.map((proxy) => proxy.close()));
    await Promise.all(this.#servers.map((server) => server.close()));
    await Promise.all(this.#relays.map((relay) => relay.close()));
  }

  #keep(tab) {
    this.#tabs.push(tab);
    return tab;
  }

  /** Contexts share nothing, as browsers of different people. */
  async #page(permissions, viewport = VIEWPORT) {
    if (!browsers.has(permissions)) {
      browsers.set(
        permissions,
        chromium.launch({ executablePath: paths.chromium, args: [...FLAGS, ...BROWSERS[permissions]] }),
      );
    }
    const context = await (await browsers.get(permissions)).newContext({ viewport });
    this.#contexts.push(context);
    return context.newPage();
  }

  async #firefoxPage() {
    if (!browsers.has("firefox")) {
      browsers.set("firefox", launchFirefox());
    }
    const { context, page } = await firefoxPage(await browsers.get("firefox"), VIEWPORT);
    this.#contexts.push(context);
    return page;
  }
}

async function inTime(played, withinMs) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the scenario did not end within ${withinMs} ms`)), withinMs);
  });
  try {
    await Promise.race([played, late]);
  } finally {
    clearTimeout(timer);
  }
}
