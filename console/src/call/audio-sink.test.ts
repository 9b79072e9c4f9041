import { expect, it } from "vitest";
import { somebody } from "../testing/somebody";
import { AudioSink } from "./audio-sink";

const sound = (trackId: string) => ({ trackId, muted: false, media: {} as MediaStreamTrack });

/** What React tells the elements apart by. */
function keys(...people: Parameters<typeof somebody>[]): (string | null)[] {
  const elements = AudioSink({
    people: people.map((person) => somebody(...person)),
    speaker: "",
    round: 0,
    onBlocked: () => undefined,
  });
  return elements.map(({ key }) => key);
}

it("nobody's sound starts anew because somebody else comes or goes", () => {
  const ada: Parameters<typeof somebody> = ["ada", { microphone: sound("m1"), screenAudio: sound("s1") }];
  const bob: Parameters<typeof somebody> = ["bob", { microphone: sound("m2") }];
  expect(keys(["me"], ada, bob)).toEqual(["ada/m1", "ada/s1", "bob/m2"]);
  expect(keys(bob)).toEqual(["bob/m2"]);
});

it("somebody who comes again plays through an element of its own", () => {
  expect(keys(["ada-again", { microphone: sound("m1") }])).toEqual(["ada-again/m1"]);
});
