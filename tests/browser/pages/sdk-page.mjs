import { Room } from "@antiphon/client";

import { leadThrough } from "./lead-through.mjs";

const CAMERA = { width: 320, height: 240 };
const SAMPLE_MS = 200;
/** What counts as new: a picture; sound that is no noise, as the fake microphone makes once a second. */
const NEWS = { frames: 1, audioEnergy: 0.01 };
/** Reconnects without much waiting, so that a test sees many connections. */
const RECONNECT_WITHIN_MS = 50;

/** Every peer connection that was ever made, and the states that its ICE agent went through. */
const connections = [];

/** The way to relays that may be used, by the beginning and the end of their URLs. */
const RELAY_URLS = { any: /^turns?:/, udp: /^turn:.*udp$/, tcp: /^turn:.*tcp$/, tls: /^turns:/ };

/** A configuration with those servers alone that the test leaves. */
function restricted(configuration) {
  if (window.relayBy === undefined) {
    return configuration;
  }
  const allowed = (url) => RELAY_URLS[window.relayBy].test(url);
  const iceServers = configuration.iceServers.map((server) => ({ ...server, urls: [server.urls].flat().filter(allowed) }));
  return { ...configuration, iceServers: iceServers.filter(({ urls }) => urls.length > 0) };
}

const room = new Room({
  ...(window.relayBy === undefined ? {} : { rtcConfiguration: { iceTransportPolicy: "relay" } }),
  reconnectPolicy: { nextDelayMs: (_, { retryAfterMs = 0 }) => retryAfterMs + Math.random() * RECONNECT_WITHIN_MS },
  peerConnection: (configuration) => {
    const connection = new RTCPeerConnection(restricted(configuration));
    const configure = connection.setConfiguration.bind(connection);
    connection.setConfiguration = (other) => configure(restricted(other));
    if (window.udpPathTo !== undefined) {
      leadThrough(window.udpPathTo, connection);
    }
    const made = { connection, iceStates: [] };
    connection.addEventListener("iceconnectionstatechange", () => made.iceStates.push(connection.iceConnectionState));
    connections.push(made);
    return connection;
  },
});

/** What the room told of each participant's connection, in its order, by identity. */
const qualities = {};
room.on("connectionQualityChanged", (quality, participant) => {
  (qualities[participant.isLocal ? "own" : participant.identity] ??= []).push(quality);
});

/** Chat messages in the order in which they came, as "sid text". */
const heard = [];
room.on("chat", ({ sid, text }) => heard.push(`${sid} ${text}`));

/** Data in the order in which it came: who sent it, its topic, how, and its text. */
const delivered = [];
room.on("data", ({ topic, lossy, payload }, participant) => delivered.push({ identity: participant?.identity, topic, lossy, text: new TextDecoder().decode(payload) }));

/** Times that the connection came back: in the same session with nothing missed, or otherwise. */
const reconnections = { resumed: 0, otherwise: 0 };
room.on("reconnected", ({ resumed }) => (reconnections[resumed ? "resumed" : "otherwise"] += 1));

// Sound counts as heard only where it is played.
room.on("trackSubscribed", (track) => document.body.append(track.attach()));

async function join(token) {
  const media = await navigator.mediaDevices.getUserMedia({ audio: true, video: CAMERA });
  await Promise.all([
    room.localParticipant.publish(media.getAudioTracks()[0], { source: "microphone" }),
    room.localParticipant.publish(media.getVideoTracks()[0], { source: "camera" }),
  ]);
  await room.join(location.origin, token);
}

/** Joins with devices that the SDK opens, with some of them, or with none. */
async function joinWith(token, { microphone = false, camera = false } = {}) {
  await room.localParticipant.setMicrophoneEnabled(microphone);
  await room.localParticipant.setCameraEnabled(camera, CAMERA);
  await room.join(location.origin, token);
}

/** What was told of devices that were lost, of sound that the browser held back, and of the end. */
const told = { deviceLost: [], audioPlayback: [], disconnected: [] };
room.on("disconnected", (reason) => told.disconnected.push(reason));
room.on("deviceLost", (track, replacement) => told.deviceLost.push({ source: track.source, isReplaced: replacement !== undefined }));
room.on("audioPlaybackChanged", (canPlay) => told.audioPlayback.push(canPlay));

/** Publishes one more video track and does not wait for the server. */
async function share() {
  const media = await navigator.mediaDevices.getUserMedia({ video: { ...CAMERA, width: 160, height: 120 } });
  const published = room.localParticipant.publish(media.getVideoTracks()[0], { source: "screenShare" });
  published.catch((error) => console.error("not shared:", error));
}

/** Takes back what `share` published. */
async function unshare() {
  await room.localParticipant.unpublish(room.localParticipant.trackFrom("screenShare"));
}

/** Frames decoded of everybody's shared track, by sid; 0 where nothing came. */
async function sharedFrames() {
  const frames = {};
  for (const [sid, participant] of room.participants) {
    const track = participant.trackFrom("screenShare")?.mediaStreamTrack;
    const receiver = room.peers.get(sid)?.connection?.getReceivers().find((candidate) => candidate.track === track);
    const stats = [...((await receiver?.getStats()) ?? new Map()).values()];
    frames[sid] = stats.find(({ type }) => type === "inbound-rtp")?.framesDecoded ?? 0;
  }
  return frames;
}

/** Says something every `intervalMs`, until the function that it gives is called; that one tells what was said. */
function chatter(intervalMs) {
  const sent = [];
  const timer = setInterval(() => sent.push(room.sendChat(`message ${sent.length + 1}`)), intervalMs);
  return async () => {
    clearInterval(timer);
    const outcomes = await Promise.allSettled(sent);
    return outcomes.map(({ status, reason }) => (status === "fulfilled" ? "sent" : `${reason}`));
  };
}

let stopChatter;
let watched;

/** Samples what is decoded: the longest time without a new picture, and the longest without sound. */
function watchMedia() {
  const startedAt = performance.now();
  const last = { frames: { value: 0, at: startedAt }, audioEnergy: { value: 0, at: startedAt } };
  watched = { longestStallMs: { frames: 0, audioEnergy: 0 }, samples: 0 };
  const sample = async () => {
    const received = (await room.getStats()).flatMap((peer) => peer.received);
    const now = performance.now();
    for (const [name, seen] of Object.entries(last)) {
      const value = received.reduce((sum, track) => sum + track[name], 0);
      watched.longestStallMs[name] = Math.max(watched.longestStallMs[name], now - seen.at);
      if (value >= seen.value + NEWS[name]) {
        last[name] = { value, at: now };
      }
    }
    watched.samples += 1;
    setTimeout(sample, SAMPLE_MS);
  };
  void sample();
}

window.antiphon = { room };
window.sdkPage = {
  join,
  joinWith,
  told,
  share,
  unshare,
  sharedFrames,
  watchMedia,
  startChatter: (intervalMs) => void (stopChatter = chatter(intervalMs)),
  stopChatter: () => stopChatter(),
  heard: () => heard,
  qualities: () => qualities,
  delivered: () => delivered,
  reconnections: () => reconnections,
  media: () => ({ ...watched, connections: connections.map(({ iceStates, connection }) => ({ iceStates, now: connection.iceConnectionState })) }),
};
