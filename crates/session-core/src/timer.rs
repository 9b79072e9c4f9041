//! What a session waits for.

/// The timers of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timer {
    /// An acknowledgement was held back long enough: send it alone.
    Ack,
    /// Nothing came for an interval: send a WebSocket ping.
    Ping,
    /// Nothing came for two intervals: the connection is dead.
    Silence,
    /// The access token expires soon: push a fresh one.
    RefreshToken,
    /// The ICE servers expire soon: push fresh ones.
    RefreshIceServers,
    /// The server moves its connections and it is this one's turn.
    GoAway,
    /// The client was asked to move, and is still here: close the connection.
    Overstayed,
}
