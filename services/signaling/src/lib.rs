//! Room signaling over WebSocket.
