import { createSocket } from "node:dgram";
import { once } from "node:events";

import { SeededRandom } from "./seeded-random.mjs";

const DTLS_HANDSHAKE = 22;
const DTLS_ALERT = 21;
const FATAL = 2;
const HANDSHAKE_FAILURE = 40;

/**
 * The way that media takes between tabs: every packet goes through here, because each tab is told this path's ports in
 * the place of the other's (`pages/sdk-page.mjs`).
 */
export class UdpPath {
  /** Part of the packets that are dropped, in [0, 1]. */
  loss = 0;
  /** DTLS handshakes are answered by an alert. */
  failsHandshakes = false;
  #random;
  #routes = new Map();
  #sockets = [];
  #isClosed = false;

  /** @param {number} seed decides which packets are dropped */
  constructor(seed) {
    this.#random = new SeededRandom(seed);
  }

  /** The port here that leads to `port` at `address`. @param {string} address @param {number} port */
  to(address, port) {
    const key = `${address} ${port}`;
    if (!this.#routes.has(key)) {
      this.#routes.set(key, this.#listen(address, port));
    }
    return this.#routes.get(key);
  }

  close() {
    this.#isClosed = true;
    for (const socket of this.#sockets.splice(0)) {
      socket.close();
    }
  }

  async #listen(address, port) {
    const listener = await this.#socket();
    /** A socket for each sender, so that answers find their way back. */
    const upstreams = new Map();
    listener.on("message", async (packet, sender) => {
      const key = `${sender.address} ${sender.port}`;
      if (!upstreams.has(key)) {
        const upstream = this.#socket();
        upstreams.set(key, upstream);
        (await upstream).on("message", (answer) => this.#pass(answer, listener, sender));
      }
      this.#pass(packet, await upstreams.get(key), { address, port });
    });
    return listener.address().port;
  }

  async #socket() {
    const socket = createSocket("udp4");
    socket.bind(0);
    await once(socket, "listening");
    // As on any network: what cannot be delivered is gone.
    socket.on("error", () => {});
    if (this.#isClosed) {
      socket.close();
    } else {
      this.#sockets.push(socket);
    }
    return socket;
  }

  #pass(packet, socket, { address, port }) {
    if (!this.#isClosed && this.#random.next() >= this.loss) {
      socket.send(this.failsHandshakes && packet[0] === DTLS_HANDSHAKE ? alertInPlaceOf(packet) : packet, port, address, () => {});
    }
  }
}

/** The same record header (RFC 6347, section 4.1) with a fatal alert (RFC 5246, section 7.2). */
function alertInPlaceOf(packet) {
  const alert = Buffer.alloc(15);
  packet.copy(alert, 0, 0, 11);
  alert[0] = DTLS_ALERT;
  alert.writeUInt16BE(2, 11);
  alert.set([FATAL, HANDSHAKE_FAILURE], 13);
  return alert;
}
