//! Load on a TURN server: what relaying a packet costs it, what an allocation's life does, and how much memory one takes.
//!
//! Everything is on the loopback interface and in one thread: thousands of clients share a socket (`socket`, `clients`), keep
//! allocations (`allocations`), and send packets through them to a peer that sends them back (`exchange`). Each answer and each
//! packet is checked. The scenario is [`run_turn`].

mod allocations;
mod clients;
mod credential;
mod exchange;
mod message;
mod payload;
mod report;
mod server;
mod socket;
mod wire;

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};

use self::{
    allocations::{Allocations, PeerAddresses, RENEW_AFTER},
    clients::Clients,
    exchange::{Cell, Exchange},
    socket::BatchSocket,
};
pub use self::{
    credential::{Credential, Minter},
    report::{CellReport, LifeReport, TurnReport},
    server::{COTURN_IS_MISSING, TurnServer, TurnSoftware},
    wire::Carriage,
};
use crate::{
    fault::{Fault, Tally},
    process::Process,
};

/// What is asked of a TURN server.
#[derive(Debug, Clone)]
pub struct TurnSetup {
    /// Where it listens for UDP, on the loopback interface.
    pub server: SocketAddr,
    /// Mints credentials that it takes.
    pub minter: Minter,
    /// Its process, when that can be measured.
    pub process: Option<Process>,
    /// How packets travel; each way is measured.
    pub carriages: Vec<Carriage>,
    /// Bytes of a packet; each size is measured.
    pub sizes: Vec<usize>,
    /// Allocations that packets go through in turn; each number is measured, the smallest first.
    pub allocations: Vec<usize>,
    /// Packets in flight, of all clients together.
    pub window: usize,
    /// Allocations that are made and ended.
    pub lives: usize,
    /// How long packets go before they are counted.
    pub settle: Duration,
    /// How long they are counted.
    pub duration: Duration,
    /// How long an answer may take before it counts as missing.
    pub patience: Duration,
}

/// Allocations that live at the same time where lives are counted.
const LIVES_AT_ONCE: usize = 250;

/// Measures. Blocks.
///
/// # Errors
/// When nothing can be measured. Wrong and missing answers are faults in the report.
pub fn run_turn(setup: &TurnSetup) -> anyhow::Result<TurnReport> {
    setup.check()?;
    let faults = Tally::default();
    let mut report = TurnReport::default();
    match measure(setup, &faults, &mut report) {
        Ok(()) => {}
        // What a server does wrong is the report's to tell.
        Err(error) => match error.downcast::<Fault>() {
            Ok(fault) => faults.record(&fault),
            Err(error) => return Err(error),
        },
    }
    report.faults = faults.snapshot();
    Ok(report)
}

impl TurnSetup {
    fn check(&self) -> anyhow::Result<()> {
        ensure!(
            self.server.ip().is_loopback() && self.server.is_ipv4(),
            "--server: expected an address in 127.0.0.0/8"
        );
        ensure!(self.window >= 1, "--window: expected at least 1");
        ensure!(
            self.allocations.iter().all(|count| (1..=16_000).contains(count)),
            "--allocations: expected 1 to 16000"
        );
        ensure!(self.sizes.iter().all(|bytes| (16..=1_400).contains(bytes)), "--bytes: expected 16 to 1400");
        ensure!(
            self.settle + self.duration < RENEW_AFTER,
            "--duration: expected less than {} s",
            RENEW_AFTER.as_secs()
        );
        Ok(())
    }

    fn cpu_seconds(&self) -> anyhow::Result<Option<f64>> {
        self.process.map(|process| process.cpu_seconds()).transpose()
    }
}

/// The peers: one is talked with over channels, the other never is, else the server would use the channel on its own.
struct Peers {
    by_channel: BatchSocket,
    by_indication: BatchSocket,
}

impl Peers {
    fn bind() -> std::io::Result<Self> {
        let bind = || BatchSocket::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        Ok(Self { by_channel: bind()?, by_indication: bind()? })
    }

    fn addresses(&self) -> std::io::Result<PeerAddresses> {
        let (by_channel, by_indication) = (self.by_channel.local_address()?, self.by_indication.local_address()?);
        Ok(PeerAddresses { by_channel, by_indication })
    }

    fn of(&mut self, carriage: Carriage) -> &mut BatchSocket {
        match carriage {
            Carriage::ChannelData => &mut self.by_channel,
            Carriage::Indication => &mut self.by_indication,
        }
    }
}

fn measure(setup: &TurnSetup, faults: &Tally, report: &mut TurnReport) -> anyhow::Result<()> {
    let clients = Clients::new(setup.server, setup.patience).context("the clients' socket")?;
    let mut allocations = Allocations::new(clients, setup.minter.clone());
    let mut peers = Peers::bind().context("the peers' sockets")?;
    let addresses = peers.addresses()?;
    let mut counts = setup.allocations.clone();
    counts.sort_unstable();
    let mut run = 0;
    for count in counts {
        let (had, rss_before) = (allocations.list().len(), rss_kib(setup)?);
        allocations.grow(count)?;
        allocations.renew(addresses)?;
        if let Some((before, after)) = rss_before.zip(rss_kib(setup)?)
            && count > had
        {
            // Of the last and largest step: what the first allocations need once, they share with nobody.
            report.rss_kib_per_allocation = Some((after as f64 - before as f64) / (count - had) as f64);
        }
        for &carriage in &setup.carriages {
            for &bytes in &setup.sizes {
                allocations.renew(addresses)?;
                let cell = Cell { carriage, bytes, allocations: count, window: setup.window };
                run += 1;
                let exchange = Exchange::new((&mut allocations, peers.of(carriage)), cell, run, faults)?;
                let exchanged = exchange.run(setup.settle, setup.duration, || setup.cpu_seconds())?;
                report.cells.push(CellReport::new(cell, &exchanged));
            }
        }
    }
    allocations.release()?;
    report.life = (setup.lives > 0).then(|| measure_lives(setup, &mut allocations)).transpose()?;
    Ok(())
}

/// Allocations are made, two requests each, and ended.
fn measure_lives(setup: &TurnSetup, allocations: &mut Allocations) -> anyhow::Result<LifeReport> {
    let (begun, cpu_before) = (Instant::now(), setup.cpu_seconds()?);
    let mut left = setup.lives;
    while left > 0 {
        let wave = left.min(LIVES_AT_ONCE);
        allocations.grow(wave)?;
        allocations.release()?;
        left -= wave;
    }
    let cpu_seconds = cpu_before.zip(setup.cpu_seconds()?).map(|(before, after)| after - before);
    Ok(LifeReport::new(setup.lives, begun.elapsed().as_secs_f64(), cpu_seconds))
}

fn rss_kib(setup: &TurnSetup) -> anyhow::Result<Option<u64>> {
    setup.process.map(Process::rss_kib).transpose()
}
