import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";

import { TrackSchema } from "./gen/antiphon/v1/models_pb.js";
import { RemoteTrack } from "./remote-track.js";

test("detaching gives the elements that showed the track, each once", () => {
  const track = new RemoteTrack(create(TrackSchema, { trackId: "t1" }));
  const elements = [{}, {}, {}].map((element) => track.attach(element as HTMLVideoElement));
  const [first, ...others] = elements;
  const stranger = {} as HTMLVideoElement;

  expect(track.detach(stranger)).toEqual([]);
  expect(track.detach(first)).toEqual([first]);
  expect(track.detach()).toEqual(others);
  expect(track.detach()).toEqual([]);
  expect(elements.map(({ srcObject }) => srcObject)).toEqual([null, null, null]);
});
