import { Button } from "../components/button";
import { Callout } from "../components/callout";
import { deviceWords } from "../model/device-words";
import type { Words } from "../model/words";
import type { Preview } from "./use-preview";

/** Says what is wrong with the devices, once where both have the same trouble. */
export function DeviceTroubles({ preview }: { preview: Preview }) {
  const troubles = wordsFor(preview);
  return troubles.map((words, index) => (
    <Callout key={words.title} words={words} testId="device-trouble">
      {index === troubles.length - 1 && preview.inputs.camera.trouble !== "insecure" ? (
        <Button size="sm" onClick={() => preview.retry()} data-testid="device-retry">
          Try again
        </Button>
      ) : null}
    </Callout>
  ));
}

function wordsFor({ inputs }: Preview): Words[] {
  const microphone = inputs.microphone.trouble;
  const camera = inputs.camera.trouble;
  if (microphone !== null && microphone === camera) return [deviceWords("both", microphone)];
  return [
    ...(microphone === null ? [] : [deviceWords("microphone", microphone)]),
    ...(camera === null ? [] : [deviceWords("camera", camera)]),
  ];
}
