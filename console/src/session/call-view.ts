import type { ChatMessage, LocalParticipant, RemoteParticipant, Room } from "@antiphon/client";
import type { CallState, ChatEntry, Person, TrackState } from "../model/call-state";
import { readHand } from "../model/hand";
import { sameParts } from "../model/same-parts";

type AnyParticipant = LocalParticipant | RemoteParticipant;
type Source = Parameters<RemoteParticipant["trackFrom"]>[0];

/**
 * Reads a room as the page's plain state. Persons and messages that did not change keep their identity, so that React
 * leaves their tiles alone.
 */
export class CallView {
  readonly #people = new Map<string, Person>();
  #messages: readonly ChatMessage[] = [];
  #chat: readonly ChatEntry[] = [];

  read(room: Room, roomName: string, rest: Pick<CallState, "connection" | "announcement" | "ending">): CallState {
    const people = [
      this.#person(room.localParticipant),
      ...[...room.participants.values()].map((one) => this.#person(one)),
    ];
    this.#forgetAllBut(new Set(people.map(({ sid }) => sid)));
    return {
      ...rest,
      room: { name: room.name === "" ? roomName : room.name, isLocked: room.locked, hasLobby: room.lobby },
      people,
      lobby: [...room.waiting.values()].map(({ sid, identity, name }) => ({
        ...NOBODY,
        sid,
        identity,
        name: name === "" ? identity : name,
      })),
      chat: this.#readChat(room.chat, room.localParticipant.identity),
    };
  }

  #person(participant: AnyParticipant): Person {
    const known = this.#people.get(participant.sid);
    const { sid, identity, name, isLocal } = participant;
    const person: Person = {
      sid,
      identity,
      name: name === "" ? identity : name,
      isLocal,
      isModerator: participant.role === "moderator",
      isConnected: isLocal || participant.state === "connected",
      isSpeaking: participant.isSpeaking,
      quality: participant.connectionQuality ?? null,
      hand: readHand(participant.attributes),
      microphone: track(participant, "microphone", known?.microphone),
      camera: track(participant, "camera", known?.camera),
      screen: track(participant, "screenShare", known?.screen),
      screenAudio: track(participant, "screenShareAudio", known?.screenAudio),
    };
    if (known !== undefined && sameParts(known, person)) return known;
    this.#people.set(sid, person);
    return person;
  }

  #forgetAllBut(present: ReadonlySet<string>): void {
    for (const sid of this.#people.keys()) {
      if (!present.has(sid)) this.#people.delete(sid);
    }
  }

  #readChat(messages: readonly ChatMessage[], ownIdentity: string): readonly ChatEntry[] {
    if (messages === this.#messages) return this.#chat;
    const known = new Map(this.#messages.map((message, index) => [message, this.#chat[index]]));
    this.#messages = messages;
    this.#chat = messages.map((message) => known.get(message) ?? chatEntry(message, ownIdentity));
    return this.#chat;
  }
}

const NOBODY: Omit<Person, "sid" | "identity" | "name"> = {
  isLocal: false,
  isModerator: false,
  isConnected: true,
  isSpeaking: false,
  quality: null,
  hand: null,
  microphone: null,
  camera: null,
  screen: null,
  screenAudio: null,
};

function track(participant: AnyParticipant, source: Source, known: TrackState | null | undefined): TrackState | null {
  const found = participant.trackFrom(source);
  if (found === undefined) return null;
  const state: TrackState = { trackId: found.id, muted: found.muted, media: found.mediaStreamTrack ?? null };
  return known !== null && known !== undefined && sameParts(known, state) ? known : state;
}

function chatEntry(message: ChatMessage, ownIdentity: string): ChatEntry {
  const { id, sid, seq, identity, name, text, sentAt, to } = message;
  return {
    // Private messages of one's own have no id from the server.
    id: id === "" ? `${sid}/${seq}` : id,
    sid,
    identity,
    name: name === "" ? identity : name,
    text,
    sentAtMs: sentAt.getTime(),
    // Not the sid: that is another one after a session was lost.
    isOwn: identity === ownIdentity,
    isPrivate: to !== undefined,
  };
}
