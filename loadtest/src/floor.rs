//! The floor: the least that relaying WebSocket messages costs in Rust with axum, for servers to be compared with.
//!
//! `GET /floor/{room}/{me}`. A message begins with the recipient's name up to the first space, or `*` for everybody else
//! in the room, and is forwarded as it came. No authentication, acknowledgements, limits, metrics or resume; nothing
//! is parsed beyond the address. Kept as it is, so that figures of different days can be compared.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    extract::{
        Path, State, WebSocketUpgrade,
        ws::{Message, WebSocket},
    },
    response::Response,
    routing::get,
    serve::ListenerExt as _,
};
use tokio::{
    net::TcpListener,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};

const BUFFER_BYTES: usize = 4096;
const SHARDS: usize = 64;

/// Serves until the process ends.
///
/// # Errors
/// When the listener fails.
pub async fn run(listener: TcpListener) -> std::io::Result<()> {
    let router = Router::new().route("/floor/{room}/{me}", get(connect)).with_state(Registry::default());
    // Without it the kernel would hold a message back until the one before is acknowledged (Nagle): no relay runs so.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    axum::serve(listener, router).await
}

type Members = HashMap<String, UnboundedSender<Message>>;

#[derive(Clone)]
struct Registry {
    shards: Arc<[Mutex<HashMap<String, Members>>]>,
    hasher: RandomState,
}

impl Default for Registry {
    fn default() -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect(), hasher: RandomState::new() }
    }
}

impl Registry {
    fn shard(&self, room: &str) -> MutexGuard<'_, HashMap<String, Members>> {
        let index = self.hasher.hash_one(room) as usize % SHARDS;
        self.shards[index].lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[expect(clippy::disallowed_methods, reason = "a relay without limits is what the floor is")]
    fn enter(&self, room: String, me: String) -> (Seat, UnboundedReceiver<Message>) {
        let (sender, receiver) = unbounded_channel();
        self.shard(&room).entry(room.clone()).or_default().insert(me.clone(), sender.clone());
        (Seat { registry: self.clone(), room, me, sender }, receiver)
    }

    fn forward(&self, room: &str, me: &str, message: &Message) {
        let bytes: &[u8] = match message {
            Message::Text(text) => text.as_str().as_bytes(),
            Message::Binary(bytes) => bytes,
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => return,
        };
        let Some(recipient) = bytes.split(|byte| *byte == b' ').next().and_then(|name| str::from_utf8(name).ok())
        else {
            return;
        };
        let shard = self.shard(room);
        let Some(members) = shard.get(room) else { return };
        // A member whose connection has just ended no longer receives: there is nobody to tell.
        if recipient == "*" {
            for (_, sender) in members.iter().filter(|(name, _)| *name != me) {
                drop(sender.send(message.clone()));
            }
        } else if let Some(sender) = members.get(recipient) {
            drop(sender.send(message.clone()));
        }
    }
}

/// A member's entry in the registry; goes with it.
struct Seat {
    registry: Registry,
    room: String,
    me: String,
    sender: UnboundedSender<Message>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut shard = self.registry.shard(&self.room);
        let Some(members) = shard.get_mut(&self.room) else { return };
        // A newer connection of the same name has taken the place.
        if members.get(&self.me).is_some_and(|sender| sender.same_channel(&self.sender)) {
            members.remove(&self.me);
        }
        if members.is_empty() {
            shard.remove(&self.room);
        }
    }
}

async fn connect(
    State(registry): State<Registry>,
    Path((room, me)): Path<(String, String)>,
    upgrade: WebSocketUpgrade,
) -> Response {
    // Before the handshake is answered: who has its answer can be written to.
    let (seat, receiver) = registry.enter(room, me);
    upgrade
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(BUFFER_BYTES)
        .on_upgrade(move |socket| relay(socket, seat, receiver))
}

async fn relay(mut socket: WebSocket, seat: Seat, mut receiver: UnboundedReceiver<Message>) {
    loop {
        tokio::select! {
            received = socket.recv() => match received {
                Some(Ok(message)) => seat.registry.forward(&seat.room, &seat.me, &message),
                Some(Err(_)) | None => return,
            },
            Some(message) = receiver.recv() => {
                if socket.send(message).await.is_err() {
                    return;
                }
            }
        }
    }
}
