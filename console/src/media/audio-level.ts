import { loudness } from "../model/loudness";

const INTERVAL_MS = 80;
const WINDOW_SAMPLES = 1_024;

interface Watch {
  readonly analyser: AnalyserNode;
  readonly samples: Float32Array<ArrayBuffer>;
  readonly onLevel: (level: number) => void;
}

// One context and one timer for the whole page: browsers allow few contexts, and sixteen timers are sixteen wake-ups.
let context: AudioContext | null = null;
let timer: ReturnType<typeof setInterval> | null = null;
const watches = new Set<Watch>();

/** Reports the loudness of an audio track (0 to 1) twelve times a second, until the returned function is called. */
export function watchLevel(track: MediaStreamTrack, onLevel: (level: number) => void): () => void {
  const audio = (context ??= new AudioContext());
  // A context that was made before the first click waits for one; each new track is a chance to go on.
  if (audio.state === "suspended") void audio.resume().catch(() => undefined);

  const source = audio.createMediaStreamSource(new MediaStream([track]));
  const analyser = audio.createAnalyser();
  analyser.fftSize = WINDOW_SAMPLES;
  source.connect(analyser);
  const watch: Watch = { analyser, samples: new Float32Array(WINDOW_SAMPLES), onLevel };
  watches.add(watch);
  timer ??= setInterval(measureAll, INTERVAL_MS);

  return () => {
    source.disconnect();
    watches.delete(watch);
    if (watches.size === 0) rest();
  };
}

/** Nobody listens: an open context keeps the sound hardware awake. */
function rest(): void {
  if (timer !== null) clearInterval(timer);
  timer = null;
  void context?.close().catch(() => undefined);
  context = null;
}

function measureAll(): void {
  for (const { analyser, samples, onLevel } of watches) {
    analyser.getFloatTimeDomainData(samples);
    onLevel(loudness(samples));
  }
}
