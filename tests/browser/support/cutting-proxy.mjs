import { once } from "node:events";
import { connect, createServer } from "node:net";

/**
 * Where a WebSocket connection breaks: when so many bytes of one direction have passed, its HTTP handshake included.
 *
 * @typedef {{ direction: "toServer" | "toClient", position: number, ending: "reset" | "close" }} Cut
 */

/** A TCP proxy before the server that breaks WebSocket connections at chosen bytes, and holds bytes back. */
export class CuttingProxy {
  #listener;
  #serverPort;
  #connections = new Set();
  #planCut = () => undefined;
  #delayMs = { toServer: 0, toClient: 0 };
  #isHolding = false;
  #isRefusing = false;
  /** The cuts that were made. @type {Cut[]} */
  cuts = [];

  constructor(listener, serverPort) {
    this.#listener = listener;
    this.#serverPort = serverPort;
  }

  /** @param {number} serverPort on 127.0.0.1 */
  static async listen(serverPort) {
    const listener = createServer({ noDelay: true });
    const proxy = new CuttingProxy(listener, serverPort);
    listener.on("connection", (client) => proxy.#accept(client));
    listener.listen(0, "127.0.0.1");
    await once(listener, "listening");
    return proxy;
  }

  get url() {
    return `http://127.0.0.1:${this.#listener.address().port}`;
  }

  /** Each WebSocket connection from now on breaks where `plan` says; `undefined` leaves it whole. @param {() => Cut | undefined} plan */
  cutBy(plan) {
    this.#planCut = plan;
  }

  /** Breaks every connection that there is. */
  breakAll() {
    for (const connection of this.#connections) {
      end(connection, "reset");
    }
  }

  /** Refuses new connections until `accept`. */
  refuse() {
    this.#isRefusing = true;
  }

  /** Accepts connections again. */
  accept() {
    this.#isRefusing = false;
  }

  /** From now on the bytes of a direction arrive so much later. @param {Partial<{ toServer: number, toClient: number }>} delayMs */
  delay(delayMs) {
    this.#delayMs = { ...this.#delayMs, ...delayMs };
  }

  /** Nothing passes until `release`; nothing is lost either. */
  hold() {
    this.#isHolding = true;
  }

  /** What was held passes now, in its order. */
  release() {
    this.#isHolding = false;
    for (const { toServer, toClient } of this.#connections) {
      toServer.pump();
      toClient.pump();
    }
  }

  async close() {
    this.breakAll();
    await new Promise((resolve) => this.#listener.close(resolve));
  }

  #accept(client) {
    if (this.#isRefusing) {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ port: this.#serverPort, host: "127.0.0.1", noDelay: true });
    const isHolding = () => this.#isHolding;
    const connection = {
      client,
      server,
      toServer: new Flow(server, { delayMs: () => this.#delayMs.toServer, isHolding }),
      toClient: new Flow(client, { delayMs: () => this.#delayMs.toClient, isHolding }),
    };
    this.#connections.add(connection);
    client.once("data", (first) => {
      const cut = first.toString("latin1").startsWith("GET /v1/connect") ? this.#planCut() : undefined;
      if (cut !== undefined) {
        connection[cut.direction].breakAfter(cut.position, () => {
          this.cuts.push(cut);
          end(connection, cut.ending);
        });
      }
    });
    client.on("data", (bytes) => connection.toServer.pass(bytes));
    server.on("data", (bytes) => connection.toClient.pass(bytes));
    client.on("end", () => connection.toServer.finish());
    server.on("end", () => connection.toClient.finish());
    for (const [socket, other] of [[client, server], [server, client]]) {
      // The other side learns of it by the close.
      socket.on("error", () => {});
      socket.on("close", () => {
        this.#connections.delete(connection);
        other.destroy();
      });
    }
  }
}

/** The bytes of one direction. */
class Flow {
  #socket;
  #timing;
  /** @type {{ bytes: Buffer | undefined, dueAt: number }[]} */
  #waiting = [];
  #timer;
  #passed = 0;
  #limit = Infinity;
  #onLimit = () => {};

  constructor(socket, timing) {
    this.#socket = socket;
    this.#timing = timing;
  }

  /** Breaks when `position` bytes have passed. */
  breakAfter(position, onLimit) {
    this.#limit = position;
    this.#onLimit = onLimit;
  }

  pass(bytes) {
    this.#enqueue(bytes);
  }

  finish() {
    this.#enqueue(undefined);
  }

  /** Lets pass what is due. */
  pump() {
    clearTimeout(this.#timer);
    while (this.#waiting.length > 0 && !this.#timing.isHolding() && !this.#socket.destroyed) {
      const { bytes, dueAt } = this.#waiting[0];
      const waitMs = dueAt - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.pump(), waitMs);
        return;
      }
      this.#waiting.shift();
      this.#write(bytes);
    }
  }

  #enqueue(bytes) {
    this.#waiting.push({ bytes, dueAt: performance.now() + this.#timing.delayMs() });
    this.pump();
  }

  #write(bytes) {
    if (bytes === undefined) {
      this.#socket.end();
      return;
    }
    const left = this.#limit - this.#passed;
    this.#passed += Math.min(left, bytes.length);
    if (bytes.length < left) {
      this.#socket.write(bytes);
    } else if (left > 0) {
      this.#socket.write(bytes.subarray(0, left), this.#onLimit);
    }
  }
}

function end({ client, server }, ending) {
  for (const socket of [client, server]) {
    if (ending === "reset") {
      socket.resetAndDestroy();
    } else {
      socket.destroy();
    }
  }
}
