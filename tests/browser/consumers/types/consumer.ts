// What an application writes, for the type checker: nobody runs it.
import {
  AntiphonError,
  type ChatMessage,
  type ErrorCode,
  exponentialBackoff,
  JoinError,
  type RemoteParticipant,
  type RemoteTrack,
  Room,
  type RoomOptions,
} from "@antiphon/client";

const options: RoomOptions = { format: "proto", reconnectPolicy: exponentialBackoff() };
const room = new Room(options);

room.on("trackSubscribed", (track: RemoteTrack, participant: RemoteParticipant) => {
  const element: HTMLMediaElement = track.attach();
  element.title = participant.name;
});
room.on("chat", ({ name, text, sentAt }: ChatMessage) => console.log(name, text, sentAt.toISOString()));
room.on("data", ({ payload, topic, lossy }, participant) => console.log(payload.byteLength, topic, lossy, participant?.identity));
const forget: () => void = room.on("reconnecting", ({ attempt, retryInMs }) => console.log(attempt + retryInMs));
forget();

export async function call(url: string): Promise<ErrorCode | undefined> {
  try {
    await room.join(url, async () => "token", { name: "Ada", attributes: { seat: "7" }, signal: AbortSignal.timeout(5_000) });
  } catch (error) {
    if (error instanceof JoinError) {
      return error.code;
    }
    throw error;
  }
  await room.localParticipant.setCameraEnabled(true, { width: 1_280 });
  const message: ChatMessage = await room.sendChat("hello");
  await room.sendData(new TextEncoder().encode(message.text), { topic: "echo", lossy: true });
  for (const participant of room.participants.values()) {
    const camera: RemoteTrack | undefined = participant.trackFrom("camera");
    console.log(participant.sid, camera?.muted);
  }
  return undefined;
}

// What is wrong does not compile.

// @ts-expect-error: no such event
room.on("participantJoint", () => {});
// @ts-expect-error: a message is no number
room.on("chat", (message: number) => message);
// @ts-expect-error: no such source
room.localParticipant.trackFrom("webcam");
// @ts-expect-error: the SDK makes participants, the application does not
room.participants.set("sid", undefined);
// @ts-expect-error: what is internal is not in the types
room.localParticipant.announceAll();
// @ts-expect-error: an error's code is not to be changed
new AntiphonError("banned", "").code = "internal";
