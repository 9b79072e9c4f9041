import { expect, it } from "vitest";

import { type Device, DeviceWatch, listDevices } from "./devices.js";
import { settle } from "./testing/fake-clock.js";
import { FakeDevices } from "./testing/fake-media.js";

const MICROPHONE = { kind: "audioinput", deviceId: "m", label: "M" } as const;
const SPEAKER = { kind: "audiooutput", deviceId: "s", label: "S" } as const;

function watch() {
  const devices = new FakeDevices();
  devices.listed = [MICROPHONE];
  const told: (readonly Device[])[] = [];
  return { devices, told, watched: new DeviceWatch(devices, (all) => told.push(all)) };
}

it("lists devices by what they are for", async () => {
  const devices = new FakeDevices();
  expect((await listDevices(devices)).map(({ kind, id }) => [kind, id])).toEqual([
    ["microphone", "microphone-1"],
    ["camera", "camera-1"],
    ["speaker", "speaker-1"],
  ]);
  expect(await listDevices({ getUserMedia: devices.getUserMedia, getDisplayMedia: devices.getDisplayMedia })).toEqual([]);
});

it("tells each real change once, however often the browser says it", async () => {
  const { devices, told } = watch();
  await settle();
  devices.change();
  await settle();
  expect(told).toEqual([]);
  devices.change([MICROPHONE, SPEAKER]);
  devices.change();
  await settle();
  expect(told.map((all) => all.map(({ kind }) => kind))).toEqual([["microphone", "speaker"]]);
});

it("tells nothing any more once it is stopped", async () => {
  const { devices, told, watched } = watch();
  await settle();
  devices.change([SPEAKER]);
  watched.stop();
  await settle();
  devices.change([]);
  await settle();
  expect(told).toEqual([]);
});
