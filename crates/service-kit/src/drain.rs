//! How a process ends: it says so, moves its clients, then goes.

use tokio::sync::watch;

/// Where the process is on its way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Serving.
    Running,
    /// Not ready any more, still accepting, asking clients to move.
    Draining,
    /// Nothing new is accepted; what is under way has moments left.
    Stopped,
}

/// Moves the process on. Going back is not possible.
#[derive(Debug, Clone)]
pub struct ShutdownTrigger(watch::Sender<Phase>);

/// Tells where the process is. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Shutdown(watch::Receiver<Phase>);

/// A process that is running. When every trigger is dropped, it counts as stopped.
#[must_use]
pub fn shutdown() -> (ShutdownTrigger, Shutdown) {
    let (sender, receiver) = watch::channel(Phase::Running);
    (ShutdownTrigger(sender), Shutdown(receiver))
}

impl ShutdownTrigger {
    /// Begins the drain.
    pub fn drain(&self) {
        self.advance(Phase::Draining);
    }

    /// Ends the drain: its clients are gone, or its time is up.
    pub fn stop(&self) {
        self.advance(Phase::Stopped);
    }

    fn advance(&self, phase: Phase) {
        self.0.send_if_modified(|current| {
            let later = phase > *current;
            if later {
                *current = phase;
            }
            later
        });
    }
}

impl Shutdown {
    /// Where the process is.
    #[must_use]
    pub fn phase(&self) -> Phase {
        *self.0.borrow()
    }

    /// Completes once clients are asked to move, or later.
    pub async fn draining(&self) {
        self.reached(Phase::Draining).await;
    }

    /// Completes once nothing new is accepted.
    pub async fn stopped(&self) {
        self.reached(Phase::Stopped).await;
    }

    async fn reached(&self, phase: Phase) {
        let mut receiver = self.0.clone();
        // An error means that every trigger is gone: nobody is left to say it.
        let _ = receiver.wait_for(|current| *current >= phase).await;
    }
}

/// The operating system's requests to end: SIGTERM and SIGINT (Ctrl-C).
#[derive(Debug)]
pub struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    /// Takes the signals over from their default, which is to end the process at once.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn install() -> std::io::Result<Self> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    /// Completes when the next one comes.
    pub async fn next(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
        #[cfg(not(unix))]
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn phases_go_forward_only() {
        let (trigger, shutdown) = shutdown();
        assert_eq!(shutdown.phase(), Phase::Running);
        trigger.drain();
        shutdown.draining().await;
        assert_eq!(shutdown.phase(), Phase::Draining);
        trigger.stop();
        trigger.drain();
        assert_eq!(shutdown.phase(), Phase::Stopped);
        shutdown.stopped().await;
    }

    #[tokio::test]
    async fn a_process_whose_triggers_are_gone_is_stopped() {
        let (trigger, shutdown) = shutdown();
        drop(trigger);
        shutdown.stopped().await;
    }
}
