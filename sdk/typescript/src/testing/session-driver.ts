import { create } from "@bufbuild/protobuf";
import { expect } from "vitest";

import { LimitsSchema } from "../gen/antiphon/v1/models_pb.js";
import { ServerFrameSchema } from "../gen/antiphon/v1/signal_pb.js";
import type { Command, SessionEvent } from "../session/commands.js";
import type { ClientKind, OutgoingFrame } from "../session/frames.js";
import { exponentialBackoff, type ReconnectPolicy } from "../session/reconnect-policy.js";
import { SessionCore } from "../session/session-core.js";
import type { ServerInit } from "./fake-socket.js";

/** A frame that stands in the room's order. */
export const chat = (text: string): ClientKind => ({ case: "chat", value: { text } });

/** A core with its time, and what it wanted done. */
export class Driver {
  readonly core: SessionCore;
  now = 10_000;
  commands: Command[] = [];

  constructor({ renewable = true, policy }: { renewable?: boolean; policy?: ReconnectPolicy } = {}) {
    this.core = new SessionCore({
      policy: policy ?? exponentialBackoff({ random: () => 0.5, giveUpAfterMs: 60_000 }),
      renewable,
      greeting: () => ({ case: "join", value: { room: "rehearsal" } }),
    });
  }

  do(input: (core: SessionCore, now: number) => void): this {
    input(this.core, this.now);
    for (let command = this.core.poll(); command !== undefined; command = this.core.poll()) {
      this.commands.push(command);
    }
    return this;
  }

  receive(connection: number, frame: ServerInit): this {
    return this.do((core, now) => core.received(connection, create(ServerFrameSchema, frame), now));
  }

  /** Lets time pass up to `ms` from now, deadline by deadline. */
  wait(ms: number): this {
    const until = this.now + ms;
    for (let steps = 0; ; steps += 1) {
      expect(steps).toBeLessThan(1_000);
      const deadline = this.core.deadline(this.now);
      if (deadline === undefined || deadline > until) {
        break;
      }
      this.now = Math.max(this.now, deadline);
      this.do((core, now) => core.timeout(now));
    }
    this.now = until;
    return this;
  }

  /** In the room over connection 1. */
  joined(frame: ServerInit = {}): this {
    this.do((core, now) => core.start(now)).do((core, now) => core.opened(1, now));
    this.receive(1, {
      cursor: "1.1.0",
      kind: {
        case: "joined",
        value: {
          sid: "me",
          resumeToken: "token-1",
          snapshot: {},
          limits: create(LimitsSchema, { pingIntervalMs: 20_000 }),
        },
      },
      ...frame,
    });
    this.take();
    return this;
  }

  take(): Command[] {
    const taken = this.commands;
    this.commands = [];
    return taken;
  }

  frames(): { connection: number; frame: OutgoingFrame }[] {
    return this.take().flatMap((command) =>
      command.type === "Transmit" ? [{ connection: command.connection, frame: command.frame }] : [],
    );
  }

  events(): SessionEvent[] {
    return this.take().flatMap((command) => (command.type === "Report" ? [command.event] : []));
  }
}

/** The answer to a resume. */
export const resumed = (value: object = {}): ServerInit => ({
  kind: { case: "resumed", value: { recovered: true, resumeToken: "token-2", sid: "me", lastSeq: 0, ...value } },
});

/** A refusal. */
export const error = (code: string, details: object = {}): ServerInit => ({
  kind: { case: "error", value: { code, message: "no", ...details } },
});
