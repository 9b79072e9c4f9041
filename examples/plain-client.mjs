// Antiphon without the SDK: joins the token's room, offers to whoever is there, answers whoever comes, says hello, leaves at "bye".
// node examples/plain-client.mjs ws://127.0.0.1:7880 TOKEN      (Node 22 has WebSocket; older ones take the `ws` package)
import { createHash } from "node:crypto";

const [base, token] = process.argv.slice(2);
const WebSocket = globalThis.WebSocket ?? (await import("ws")).WebSocket;
const socket = new WebSocket(`${base}/v1/connect`, ["antiphon.v1.json", `antiphon.token.${token}`]);

// Descriptions as a browser would give them, except that nobody listens behind them. The answer has the offer's sections.
const fingerprint = createHash("sha256").update("nobody").digest("hex").toUpperCase().replace(/..\B/g, "$&:");
const mine = { "ice-ufrag": "Pl41", "ice-pwd": "0123456789abcdefghijklmn", fingerprint: `sha-256 ${fingerprint}` };
const offerSdp = `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r
m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=recvonly\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r
a=setup:actpass\r\n${Object.keys(mine).map((name) => `a=${name}:${mine[name]}\r\n`).join("")}`;
const answerSdp = (sdp) =>
  sdp
    .replace(/^a=(candidate|end-of-candidates|msid|ssrc).*\r\n/gm, "")
    .replace(/^a=(sendrecv|sendonly|recvonly)\r$/gm, "a=inactive\r")
    .replace(/^a=(ice-ufrag|ice-pwd|fingerprint):.*\r$/gm, (_, name) => `a=${name}:${mine[name]}\r`)
    .replace(/^a=setup:.*\r$/gm, "a=setup:passive\r");

let seq = 0; // Frames are numbered 1, 2, 3 …; `join` and `ack` are not.
const send = (frame) => socket.send(JSON.stringify(frame.join || frame.ack ? frame : { seq: ++seq, ...frame }));
const offer = (to) => send({ offer: { to, negotiationId: `plain-${seq}`, sdp: offerSdp } });
let me;

socket.onopen = () => send({ join: {} });
socket.onclose = ({ code }) => console.log(`closed ${code}`);
socket.onmessage = ({ data }) => {
  const { cursor, joined, participantLeft, offer: offered, answer, candidate, chat, left, error } = JSON.parse(data);
  if (cursor) send({ ackCursor: cursor, ack: {} });
  if (joined) {
    me = joined.sid;
    console.log(`joined as ${me}`);
    for (const { sid } of joined.snapshot.participants ?? []) if (sid !== me) offer(sid);
    send({ chat: { text: "hello from a plain client" } });
  } else if (offered) {
    console.log(`offer from ${offered.from}`);
    send({ answer: { to: offered.from, negotiationId: offered.negotiationId, sdp: answerSdp(offered.sdp) } });
  } else if (answer) console.log(`answer from ${answer.from}`);
  else if (candidate) console.log(`candidate from ${candidate.from}`);
  else if (chat) {
    console.log(`${chat.sid === me ? "me" : chat.identity}: ${chat.text}`);
    if (chat.text === "bye") send({ leave: {} });
  } else if (participantLeft) console.log(`${participantLeft.identity} left`);
  else if (left) console.log(`left: ${left.reason}`);
  else if (error) console.log(`error ${error.code}: ${error.message}`);
};
