//! What a run counts while it lasts, and the line that shows it.

use std::{
    io::{IsTerminal as _, Write as _, stderr},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval},
};

use crate::{
    fault::{Fault, Tally},
    histogram::Histogram,
};

/// Counters that all clients of a run share.
#[derive(Debug, Default)]
pub struct Live {
    present: AtomicU64,
    delivered: AtomicU64,
    measuring: AtomicBool,
    stopped: AtomicBool,
    latencies: Histogram,
    faults: Tally,
}

impl Live {
    /// So many more clients are in their rooms.
    pub fn entered(&self, clients: usize) {
        self.present.fetch_add(clients as u64, Relaxed);
    }

    /// A client's connection is gone.
    pub fn left(&self) {
        self.present.fetch_sub(1, Relaxed);
    }

    /// Clients in their rooms.
    #[must_use]
    pub fn present(&self) -> u64 {
        self.present.load(Relaxed)
    }

    /// One message reached one recipient.
    pub fn delivered(&self, latency: Duration) {
        self.delivered.fetch_add(1, Relaxed);
        self.latency(latency);
    }

    /// Records a time without counting a delivery.
    pub fn latency(&self, latency: Duration) {
        if self.measuring.load(Relaxed) {
            self.latencies.record_time(latency);
        }
    }

    /// Messages delivered so far.
    #[must_use]
    pub fn deliveries(&self) -> u64 {
        self.delivered.load(Relaxed)
    }

    /// From now on latencies count.
    pub fn measure(&self) {
        self.measuring.store(true, Relaxed);
    }

    /// The rooms finish the round they are in.
    pub fn stop(&self) {
        self.measuring.store(false, Relaxed);
        self.stopped.store(true, Relaxed);
    }

    /// Whether [`Live::stop`] was called.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Relaxed)
    }

    /// The latencies recorded while measuring.
    #[must_use]
    pub fn latencies(&self) -> &Histogram {
        &self.latencies
    }

    /// Counts a fault.
    pub fn fault(&self, fault: &Fault) {
        self.faults.record(fault);
    }

    /// The faults so far.
    #[must_use]
    pub fn faults(&self) -> &Tally {
        &self.faults
    }
}

/// Shows a run's counters on stderr until it is dropped.
#[derive(Debug)]
pub struct Progress {
    task: JoinHandle<()>,
    in_place: bool,
}

impl Progress {
    /// Begins: a line that rewrites itself on a terminal, one every ten seconds elsewhere.
    #[must_use]
    pub fn show(label: String, live: Arc<Live>) -> Self {
        let in_place = stderr().is_terminal();
        let period = Duration::from_secs(if in_place { 1 } else { 10 });
        let task = tokio::spawn(async move {
            let begun = Instant::now();
            let mut before = 0;
            let mut ticks = interval(period);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks.tick().await;
            loop {
                ticks.tick().await;
                let delivered = live.deliveries();
                let per_second = (delivered - before) / period.as_secs();
                before = delivered;
                let line = format!(
                    "{label}: {:>4} s, {} clients, {delivered} messages ({per_second}/s), p99 {} µs, {} faults",
                    begun.elapsed().as_secs(),
                    live.present(),
                    live.latencies().quantile(0.99),
                    live.faults().total(),
                );
                let (start, end) = if in_place { ("\r\x1b[K", "") } else { ("", "\n") };
                // Nobody reads progress: not a reason to stop measuring.
                drop(write!(stderr(), "{start}{line}{end}"));
            }
        });
        Self { task, in_place }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.task.abort();
        if self.in_place {
            drop(write!(stderr(), "\r\x1b[K"));
        }
    }
}
