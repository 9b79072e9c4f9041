import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";

import { IceServersSchema } from "../gen/antiphon/v1/signal_pb.js";
import { FakeClock, settle } from "../testing/fake-clock.js";
import { IceServerList, isRelayKept } from "./ice-servers.js";

function list() {
  const clock = new FakeClock();
  const asked: number[] = [];
  const servers = new IceServerList(clock, () => void asked.push(clock.now()));
  const take = (refreshAfter: number) =>
    servers.take(create(IceServersSchema, { iceServers: [{ urls: ["turn:a.test"] }], refreshAfter }));
  const renew = () => {
    const renewal = { isDone: false };
    void servers.renew().then(() => (renewal.isDone = true));
    return renewal;
  };
  return { clock, asked, take, renew };
}

describe("ICE servers that are asked for again", () => {
  it("are waited for, once for everybody who asks", async () => {
    const { clock, asked, take, renew } = list();
    take(3_600);
    await clock.advance(5_000);
    const renewals = [renew(), renew()];
    await settle();
    expect([asked, renewals.map(({ isDone }) => isDone)]).toEqual([[5_000], [false, false]]);
    take(3_600);
    await settle();
    expect(renewals.map(({ isDone }) => isDone)).toEqual([true, true]);
    expect(clock.pending).toBe(0);
  });

  it("are not waited for longer than half a second", async () => {
    const { clock, take, renew } = list();
    take(3_600);
    await clock.advance(5_000);
    const renewal = renew();
    await clock.advance(499);
    expect(renewal.isDone).toBe(false);
    await clock.advance(1);
    expect(renewal.isDone).toBe(true);
  });

  it("are not asked for where they came just now, or are the same for everybody", async () => {
    const { clock, asked, take, renew } = list();
    take(0);
    await clock.advance(5_000);
    const renewals = [renew()];
    take(3_600);
    await clock.advance(999);
    renewals.push(renew());
    await settle();
    expect([asked, renewals.map(({ isDone }) => isDone)]).toEqual([[], [true, true]]);
  });
});

it("a relayed path stays where its server and its credentials do", () => {
  const relay = { urls: ["turn:a.test?transport=udp", "turns:a.test"], username: "u", credential: "c" };
  const other = { urls: "turn:b.test", username: "u", credential: "c" };
  const before = [{ urls: "stun:a.test" }, relay, other];
  const used = "turn:a.test?transport=udp";
  expect(isRelayKept(used, before, [{ ...relay, urls: used }])).toBe(true);
  expect(isRelayKept(used, before, [{ ...relay, username: "later" }, other])).toBe(false);
  expect(isRelayKept(used, before, [{ ...relay, credential: "later" }, other])).toBe(false);
  expect(isRelayKept(used, before, [{ ...relay, urls: "turns:a.test" }, other])).toBe(false);
  expect(isRelayKept(undefined, before, [relay, other])).toBe(true);
  expect(isRelayKept(undefined, before, [relay])).toBe(false);
});
