import { once } from "node:events";

import { WebSocket } from "ws";

/** People without browsers: they are in the room and send no media. Real ones would need a machine each. */
export class Crowd {
  #server;
  #room;
  #sockets = [];
  #seqs = new WeakMap();

  /** @param {import("./antiphon-server.mjs").AntiphonServer} server @param {string} room */
  constructor(server, room) {
    this.#server = server;
    this.#room = room;
  }

  get size() {
    return this.#sockets.length;
  }

  /** One more, by name. Resolves once it is in. @param {string} name */
  async add(name) {
    const identity = `crowd-${this.size + 1}`;
    const token = this.#server.token({ room: this.#room, identity, name });
    const socket = new WebSocket(`ws://127.0.0.1:${this.#server.port}/v1/connect`, ["antiphon.v1.json", `antiphon.token.${token}`]);
    await once(socket, "open");
    socket.send(JSON.stringify({ join: {} }));
    const joined = await new Promise((resolve, reject) => {
      socket.on("message", (text) => {
        const frame = JSON.parse(text);
        if (frame.joined) resolve(frame.joined);
        if (frame.error) reject(new Error(`${name}: ${frame.error.code}`));
      });
      socket.on("close", (code) => reject(new Error(`${name}: closed with ${code}`)));
    });
    this.#sockets.push(socket);
    this.#seqs.set(socket, 0);
    return { sid: joined.sid, identity, send: (frame) => this.#send(socket, frame) };
  }

  /** They go, as when their browsers are closed. */
  close() {
    for (const socket of this.#sockets.splice(0)) {
      socket.terminate();
    }
  }

  #send(socket, frame) {
    const seq = this.#seqs.get(socket) + 1;
    this.#seqs.set(socket, seq);
    socket.send(JSON.stringify({ seq, ...frame }));
  }
}
