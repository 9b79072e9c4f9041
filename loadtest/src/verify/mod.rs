//! Whether a server keeps its promises, whatever breaks: a checker in the manner of Jepsen.
//!
//! [`player`] are clients that come and go, talk, lose their connections and resume; [`check`] proves from their histories that
//! nothing was lost, doubled or reordered, that there are no ghosts, and that no room is split.

pub mod away;
pub mod check;
pub mod letter;
pub mod player;
mod recorder;
pub mod report;

use std::{sync::Arc, time::Duration};

use antiphon_protocol::Format;
use anyhow::ensure;
use tokio::{
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::{Instant, MissedTickBehavior, interval, sleep, timeout},
};

pub use self::recorder::Recorder;
use self::{
    check::{Bounds, Checker},
    player::{Habits, Phase, Player, Stage},
    report::{Broken, Report, Thresholds},
};
use crate::{process::allow_sockets, target::Target};

/// How often the checker looks for what takes time to be wrong.
const TICK: Duration = Duration::from_secs(1);

/// How often it is asked whether all is settled.
const SETTLE_POLL: Duration = Duration::from_millis(200);

/// What is played, and how it is judged.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The servers; a client connects to any of them at random.
    pub targets: Vec<Arc<Target>>,
    /// What is spoken to them.
    pub format: Format,
    /// How many rooms.
    pub rooms: usize,
    /// How many clients, spread evenly over them.
    pub clients: usize,
    /// Chooses what the clients do.
    pub seed: u64,
    /// How often they do what.
    pub habits: Habits,
    /// How long things may take.
    pub bounds: Bounds,
    /// How long all may take to settle in the end.
    pub settle: Duration,
    /// What has to be checked and broken for the run to say anything.
    pub thresholds: Thresholds,
}

/// Clients at play.
#[derive(Debug)]
pub struct Run {
    setup: Setup,
    recorder: Arc<Recorder>,
    phase: watch::Sender<Phase>,
    players: JoinSet<()>,
    ticker: JoinHandle<()>,
}

impl Run {
    /// Lets the clients begin.
    ///
    /// # Errors
    /// When the setup makes no sense, or this process may not have so many sockets.
    pub fn start(setup: Setup) -> anyhow::Result<Self> {
        ensure!(setup.rooms > 0, "--rooms: expected at least 1");
        ensure!(setup.clients >= setup.rooms, "--clients: expected at least one for each of {} rooms", setup.rooms);
        ensure!(!setup.targets.is_empty(), "--url: expected at least one");
        // While a client moves it has two.
        allow_sockets(setup.clients * 2)?;
        let recorder = Arc::new(Recorder::new(Checker::new(setup.rooms, setup.bounds), Instant::now()));
        let stage = Arc::new(Stage {
            targets: setup.targets.clone(),
            format: setup.format,
            habits: setup.habits.clone(),
            recorder: Arc::clone(&recorder),
            run: rand::random(),
        });
        let (phase, watched) = watch::channel(Phase::Run);
        let mut players = JoinSet::new();
        for client in 0..setup.clients {
            let (room, is_moderator) = (client % setup.rooms, client < setup.rooms);
            let player = Player::new(Arc::clone(&stage), watched.clone(), client, room, is_moderator, setup.seed);
            players.spawn(player.play());
        }
        let ticker = tokio::spawn(tick(Arc::clone(&recorder)));
        Ok(Self { setup, recorder, phase, players, ticker })
    }

    /// How many clients.
    #[must_use]
    pub fn clients(&self) -> usize {
        self.setup.clients
    }

    /// Where the clients write their histories.
    #[must_use]
    pub fn recorder(&self) -> Arc<Recorder> {
        Arc::clone(&self.recorder)
    }

    /// Stops the load, waits until everything has settled or has had its time to, and judges.
    pub async fn settle(mut self, broken: &[Broken]) -> Report {
        let begun = Instant::now();
        self.phase.send_replace(Phase::Settle);
        while !self.recorder.is_settled() && begun.elapsed() < self.setup.settle {
            sleep(SETTLE_POLL).await;
        }
        let settled_in = self.recorder.is_settled().then(|| begun.elapsed());
        self.ticker.abort();
        let findings = self.recorder.finish();
        self.phase.send_replace(Phase::Done);
        // Whoever is connecting is in no hurry to be asked.
        if timeout(TICK, async { while self.players.join_next().await.is_some() {} }).await.is_err() {
            self.players.abort_all();
        }
        Report::new(&self.setup, findings, &self.recorder, broken, settled_in)
    }
}

/// Plays for so long, with nothing broken on purpose.
///
/// # Errors
/// When the setup makes no sense, or this process may not have so many sockets.
pub async fn run_verify(setup: Setup, duration: Duration) -> anyhow::Result<Report> {
    let run = Run::start(setup)?;
    sleep(duration).await;
    Ok(run.settle(&[]).await)
}

async fn tick(recorder: Arc<Recorder>) {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        recorder.tick();
    }
}
