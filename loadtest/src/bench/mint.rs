//! A credential over HTTP with a verified token, and the floor's without.

use std::{
    fs,
    net::SocketAddr,
    num::NonZeroU32,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use hyper::Method;
use tokio::{
    task::spawn_blocking,
    time::{Instant, sleep},
};

use super::{
    Plan,
    comparison::{Beside, Comparison},
    tell,
};
use crate::{
    child::{ChildServer, Files, free_address, secret},
    http::{Connection, Server as HttpServer, bearer},
    mint::{MintSetup, MintWire, run_mint},
    token::Tokens,
    turn::{TurnServer, TurnSoftware},
};

const CONNECTIONS: usize = 16;
/// Requests a second, for both: the busier a server is, the less of its time goes into waking threads, and the floor would be the busier one.
const RATE: NonZeroU32 = NonZeroU32::new(4_000).expect("above 0");
const START_LIMIT: Duration = Duration::from_secs(20);
const START_POLL: Duration = Duration::from_millis(50);

/// As it is shipped: tokens verified, relays probed, every mint counted and written to the log. The limits stay on, raised to what
/// comes from few clients here.
fn settings(secrets_file: &Path, uri: &str) -> String {
    format!(
        "[ice]\n\
         tenant-credential-rate = 1000000\n\
         subject-credential-burst = 100000000\n\
         [[ice.providers]]\n\
         type = \"coturn\"\n\
         secrets-file = {:?}\n\
         relays = [{{ uris = [{uri:?}] }}]\n",
        secrets_file.display().to_string(),
    )
}

pub(super) async fn compare_mint(plan: &Plan, service: &Path, relay: &Path) -> anyhow::Result<Comparison> {
    let mut comparison = Comparison::new("mint", "cpu", "us", Beside::Floor);
    // A relay that lives: one that is dead would not be handed out.
    let software = TurnSoftware::Relay(relay.to_owned());
    let relay = spawn_blocking(move || TurnServer::start(&software)).await??;
    for round in 1..=plan.load_rounds {
        let ours = measure(plan, Minting::start(service, &relay)?).await?;
        let floors = measure(plan, Minting::start_floor(&relay)?).await?;
        comparison.push(ours, floors);
        tell(&comparison, round, plan.load_rounds);
    }
    Ok(comparison)
}

/// A service that mints; it ends with this value.
struct Minting {
    server: ChildServer,
    setup: MintSetup,
}

impl Minting {
    fn start(path: &Path, relay: &TurnServer) -> anyhow::Result<Self> {
        let (address, key, files) = (free_address()?, format!("bench:{}", secret()), Files::new());
        let secrets_file = files.with("secret");
        fs::write(&secrets_file, relay.secret())?;
        fs::write(files.with("toml"), settings(&secrets_file, &uri(relay)))?;
        let mut command = Command::new(path);
        command.arg("--config").arg(files.with("toml")).arg("--listen").arg(address.to_string());
        command.env_clear().env("ANTIPHON_KEYS", &key);
        let server = ChildServer::start(&mut command, files, None)?;
        Self::of(server, (address, MintWire::Antiphon), &key, relay)
    }

    fn start_floor(relay: &TurnServer) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe().context("this program's path")?);
        command.args(["mint-floor", "--listen", "127.0.0.1:0", "--urls", &uri(relay)]);
        command.env("ANTIPHON_LOADTEST_TURN_SECRET", relay.secret());
        let mut server = ChildServer::start(&mut command, Files::new(), Some(Stdio::piped()))?;
        let address = server.printed_address()?;
        Self::of(server, (address, MintWire::Floor), "bench:unread", relay)
    }

    fn of(
        server: ChildServer,
        (address, wire): (SocketAddr, MintWire),
        key: &str,
        relay: &TurnServer,
    ) -> anyhow::Result<Self> {
        let setup = MintSetup {
            server: address,
            wire,
            tokens: Tokens::from_key(key)?,
            minter: relay.minter().clone(),
            process: Some(server.process()),
            connections: CONNECTIONS,
            rate: Some(RATE),
            settle: Duration::ZERO,
            duration: Duration::ZERO,
            patience: super::PATIENCE,
        };
        Ok(Self { server, setup })
    }

    /// It takes part when it answers anything at all: what it answers is checked later.
    async fn wait_until_it_answers(&mut self) -> anyhow::Result<()> {
        let MintSetup { server: address, patience, .. } = self.setup;
        let http = HttpServer { address, authority: address.to_string(), patience };
        let deadline = Instant::now() + START_LIMIT;
        loop {
            if let Some(status) = self.server.ended()? {
                bail!("the minting service ended ({status}); its log: {}", self.server.keep_log().display());
            }
            let answered =
                async { Connection::open(&http).await?.ask(&bearer("none")?, Method::GET, "/healthz", None).await };
            match answered.await {
                Ok(_) => return Ok(()),
                Err(fault) if Instant::now() >= deadline => {
                    bail!("no minting service: {fault}; its log: {}", self.server.keep_log().display())
                }
                Err(_) => sleep(START_POLL).await,
            }
        }
    }
}

async fn measure(plan: &Plan, mut minting: Minting) -> anyhow::Result<f64> {
    minting.wait_until_it_answers().await?;
    (minting.setup.settle, minting.setup.duration) = (plan.settle, plan.duration);
    let report = run_mint(&minting.setup).await?;
    ensure!(report.is_clean(), "{report}the server's log: {}", minting.server.keep_log().display());
    report.server_cpu_us_per_mint.context("no processor time")
}

fn uri(relay: &TurnServer) -> String {
    format!("turn:{}?transport=udp", relay.address())
}
