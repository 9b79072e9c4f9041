import type { MediaDevicesLike } from "./capture.js";
import type { Clock } from "./clock.js";
import type { Logger } from "./logger.js";
import type { AudioContextLike } from "./media/level-meter.js";
import type { Format } from "./session/codec.js";
import type { ReconnectPolicy } from "./session/reconnect-policy.js";
import type { WebSocketFactory } from "./session/socket.js";

/** How a room behaves. Everything has a default. */
export interface RoomOptions {
  /** When to try again after the connection broke. Default: `exponentialBackoff()`. */
  readonly reconnectPolicy?: ReconnectPolicy;
  /**
   * Goes into every `RTCPeerConnection`; its `iceServers` are added to the server's. `certificates` are left out: that
   * each connection has its own tells the other end when one was rebuilt.
   */
  readonly rtcConfiguration?: RTCConfiguration;
  /** Text frames with JSON (default), or binary ones. */
  readonly format?: Format;
  /** Leave when the page goes away, so that nobody sees a participant who is not there. Default `true`. */
  readonly leaveOnPageHide?: boolean;
  /** Default: only warnings and errors, to the console. */
  readonly logger?: Logger;
  /** Default `new WebSocket(…)`. */
  readonly webSocket?: WebSocketFactory;
  /** Default `new RTCPeerConnection(…)`. */
  readonly peerConnection?: (configuration: RTCConfiguration) => RTCPeerConnection;
  /** Default `navigator.mediaDevices`. */
  readonly mediaDevices?: MediaDevicesLike;
  /** Measures one's own voice. Default `new AudioContext()`, made when a microphone is first heard. */
  readonly audioContext?: () => AudioContextLike | undefined;
  /** Default: the browser's. */
  readonly clock?: Clock;
  /** A number in [0, 1), for the default policy's jitter. Default `Math.random`. */
  readonly random?: () => number;
}

/** How this client joins. */
export interface JoinOptions {
  /** Needed when the token names no room. */
  readonly room?: string;
  /** Display name, instead of the token's. */
  readonly name?: string;
  /** The application's own text about this participant, instead of the token's. */
  readonly metadata?: string;
  /** The application's own values about this participant, instead of the token's. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Gives up joining. Afterwards it has no effect: use `leave`. */
  readonly signal?: AbortSignal;
}
