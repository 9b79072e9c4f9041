import { eventually } from "./eventually.mjs";

/** Energy that a beep of the fake microphone has and silence has not: noise makes 1e-9 a second of it, a beep 0.1. */
const AUDIBLE = 0.01;

/** A page with a room in `window.antiphon.room`. */
export class Tab {
  /** Lines of the page's console, and its errors. @type {string[]} */
  log = [];

  /** @param {import("playwright-core").Page} page @param {string} name */
  constructor(page, name) {
    this.page = page;
    this.name = name;
    page.on("console", (message) => this.log.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => this.log.push(`uncaught: ${error.stack}`));
  }

  get sid() {
    return this.page.evaluate(() => window.antiphon.room.localParticipant.sid);
  }

  get identity() {
    return this.page.evaluate(() => window.antiphon.room.localParticipant.identity);
  }

  /** How its peer connections stand, without the connections themselves. */
  peers() {
    return this.page.evaluate(() =>
      [...(window.antiphon?.room.peers.values() ?? [])].map(({ connection, ...view }) => ({
        ...view,
        iceConnectionState: connection?.iceConnectionState ?? "new",
      })),
    );
  }

  /** All that its peer connections tell of themselves, for whoever looks into a failure. */
  connections() {
    return this.page.evaluate(() =>
      Promise.all(
        [...(window.antiphon?.room.peers.values() ?? [])].map(async ({ connection, ...view }) => ({
          ...view,
          connectionState: connection?.connectionState,
          iceConnectionState: connection?.iceConnectionState,
          iceGatheringState: connection?.iceGatheringState,
          signalingState: connection?.signalingState,
          localDescription: connection?.localDescription?.toJSON(),
          remoteDescription: connection?.remoteDescription?.toJSON(),
          stats: [...((await connection?.getStats())?.values() ?? [])],
        })),
      ),
    );
  }

  /** What came from each peer since its connection began: frames decoded and audio energy, by sid. */
  async received() {
    const stats = await this.page.evaluate(() => window.antiphon?.room.getStats() ?? []);
    return Object.fromEntries(
      stats.map(({ sid, received }) => [
        sid,
        {
          frames: received.reduce((sum, { frames }) => sum + frames, 0),
          audioEnergy: received.reduce((sum, { audioEnergy }) => sum + audioEnergy, 0),
        },
      ]),
    );
  }

  /**
   * Pictures and sound arrive from each of `count` peers, from now on.
   *
   * @param {number} count
   * @param {{ withinMs?: number, frames?: number }} [options]
   */
  async receivesMediaFrom(count, { withinMs = 20_000, frames = 5 } = {}) {
    let before = {};
    await eventually(
      `${this.name} receives pictures and sound from ${count}`,
      async () => {
        const now = await this.received();
        // Peers that were not there yet are measured from their first sight.
        before = { ...now, ...before };
        return Object.keys(now).map((sid) => ({
          sid,
          frames: now[sid].frames - before[sid].frames,
          audioEnergy: now[sid].audioEnergy - before[sid].audioEnergy,
        }));
      },
      {
        isReached: (grown) => grown.length === count && grown.every((from) => from.frames >= frames && from.audioEnergy >= AUDIBLE),
        withinMs,
      },
    );
  }
  /** The only peer's pictures arrive, and soon nothing is to be heard over so many of them. */
  async receivesSilence({ frames = 15 } = {}) {
    let since;
    await eventually(
      `${this.name} receives pictures without sound`,
      async () => {
        const [now] = Object.values(await this.received());
        // What was on the way when the microphone went off is heard to its end.
        if (since === undefined || now.audioEnergy - since.audioEnergy >= AUDIBLE) {
          since = now;
        }
        return { frames: now.frames - since.frames };
      },
      { isReached: (silent) => silent.frames >= frames },
    );
  }
}
