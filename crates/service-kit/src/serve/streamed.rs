use std::{future::Future, sync::Arc};

use tokio::sync::watch;

/// An answer that lasts, such as a stream of events: an extension of the response, with which its connection counts as a WebSocket
/// does. It gives its place in HTTP back, has no lifetime, and is closed when the answer has ended.
///
/// Whoever produces the answer says with [`Streamed::end`] that it is over. A client that does not read keeps the last bytes from
/// leaving: it is cut off once the connection has lived as long as connections may.
#[derive(Debug, Clone)]
pub struct Streamed(Arc<watch::Sender<bool>>);

impl Default for Streamed {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl Streamed {
    /// Nothing more will come.
    pub fn end(&self) {
        self.0.send_replace(true);
    }

    /// Completes when nothing more will come.
    pub(super) fn ended(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut ended = self.0.subscribe();
        async move {
            // An error means that whoever produced it is gone.
            let _ = ended.wait_for(|ended| *ended).await;
        }
    }
}
