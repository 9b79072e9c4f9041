import { leadThrough } from "../pages/lead-through.mjs";
import { Tab } from "./tab.mjs";

/** Somebody who uses the call page. */
export class CallTab extends Tab {
  #url;
  #room;

  constructor(page, { name, url, room }) {
    super(page, name);
    this.#url = url;
    this.#room = room;
  }

  /** Its media goes through a path from now on. @param {import("./udp-path.mjs").UdpPath} path */
  async leadThrough(path) {
    await this.page.exposeFunction("udpPathTo", (address, port) => path.to(address, port));
    await this.page.addInitScript(`{
      const leadThrough = ${leadThrough};
      const Connection = window.RTCPeerConnection;
      window.RTCPeerConnection = function (configuration) {
        const connection = new Connection(configuration);
        leadThrough(window.udpPathTo, connection);
        return connection;
      };
    }`);
  }

  /** An element by its `data-testid`. @param {string} testId */
  part(testId) {
    return this.page.getByTestId(testId);
  }

  /** Opens the page before the call. @param {{ token?: string, moderate?: boolean }} [invitation] */
  async open({ token, moderate = false } = {}) {
    const address = new URL(this.#url);
    address.searchParams.set("room", this.#room);
    if (token !== undefined) {
      address.searchParams.set("token", token);
    }
    if (moderate) {
      address.searchParams.set("moderate", "1");
    }
    await this.page.goto(address.href);
  }

  /** Joins from the page before the call, with or without devices. */
  async enter() {
    await this.part("name-input").fill(this.name);
    // Enabled once the devices have been asked for, whatever the answer.
    await this.page.locator('[data-testid="camera-toggle"]:enabled').waitFor();
    await this.page.locator('[data-testid="mic-toggle"]:enabled').waitFor();
    await this.part("join-button").click();
  }

  /** Opens the page and joins. @param {Parameters<CallTab["open"]>[0]} [invitation] */
  async join(invitation) {
    await this.open(invitation);
    await this.enter();
    await this.part("call-screen").waitFor();
  }

  /** The tile with somebody's camera. @param {Tab} other */
  async tileOf(other) {
    return this.page.locator(`[data-testid="tile"][data-identity="${await other.identity}"]`);
  }

  /** Turns the switch "Relay only" in the settings of the call. */
  async switchOnlyByRelay() {
    await this.part("more-toggle").click();
    await this.part("settings-button").click();
    await this.part("relay-switch").click();
    await this.part("settings-dialog").getByRole("button", { name: "Done" }).click();
  }

  /** Writes a message. The chat has to be open. @param {string} text */
  async say(text) {
    await this.part("chat-input").fill(text);
    await this.page.keyboard.press("Enter");
  }

  /** A message is in the chat, exactly once. @param {string} text */
  async reads(text) {
    const message = this.part("chat-message").filter({ hasText: text });
    await message.first().waitFor();
    if ((await message.count()) !== 1) {
      throw new Error(`${this.name} reads ${await message.count()} times: ${text}`);
    }
  }

  /** The end screen is there; gives why. @returns {Promise<{ kind: string, code: string | null, words: string }>} */
  async end() {
    const screen = this.part("end-screen");
    await screen.waitFor();
    return {
      kind: await screen.getAttribute("data-kind"),
      code: await screen.getAttribute("data-code"),
      words: await screen.innerText(),
    };
  }
}
