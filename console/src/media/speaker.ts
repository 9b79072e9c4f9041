/** Notes of the chime, in hertz: a fifth, which is heard on small speakers too. */
const NOTES = [523.25, 783.99];
const NOTE_S = 0.35;

/** Whether this browser lets pages choose the speaker (Audio Output Devices API §2). */
export function canChooseSpeaker(): boolean {
  return "setSinkId" in HTMLMediaElement.prototype;
}

/** Plays an element through a speaker; through the system's where that one cannot be had. */
export async function playThrough(element: HTMLMediaElement, deviceId: string): Promise<void> {
  if (!canChooseSpeaker() || element.sinkId === deviceId) return;
  try {
    await element.setSinkId(deviceId);
  } catch {
    // Unplugged in this moment, or not permitted.
    await element.setSinkId("").catch(() => undefined);
  }
}

/** Plays two notes through a speaker, so that one hears whether it is the right one. */
export async function playChime(deviceId: string): Promise<void> {
  const context = new AudioContext();
  const speaker = new Audio();
  const output = context.createMediaStreamDestination();
  speaker.srcObject = output.stream;
  try {
    await playThrough(speaker, deviceId);
    await speaker.play();
    await Promise.all(NOTES.map((hertz, index) => playNote(context, output, hertz, index * NOTE_S)));
  } finally {
    speaker.srcObject = null;
    await context.close();
  }
}

function playNote(context: AudioContext, output: AudioNode, hertz: number, delayS: number): Promise<void> {
  const start = context.currentTime + delayS;
  const gain = context.createGain();
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(0.3, start + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.001, start + 2 * NOTE_S);
  const tone = new OscillatorNode(context, { frequency: hertz });
  tone.connect(gain).connect(output);
  tone.start(start);
  tone.stop(start + 2 * NOTE_S);
  return new Promise((resolve) => tone.addEventListener("ended", () => resolve()));
}
