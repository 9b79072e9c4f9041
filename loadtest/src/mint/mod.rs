//! Load on a service that gives ICE servers over HTTP (`POST /v1/ice-servers`), and the floor that it is compared with.
//!
//! Clients with a connection each ask, one request after the other, in turn for many identities. Each answer is checked: the
//! servers, the credential by the relays' secret, its expiry, whose it is.

pub mod floor;

use std::{
    collections::BTreeMap,
    fmt,
    net::SocketAddr,
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, ensure};
use hyper::{Method, StatusCode, header::HeaderValue};
use serde::{Deserialize, Serialize};
use tokio::{
    task::JoinSet,
    time::{self, Interval, MissedTickBehavior, interval_at, sleep},
};

use crate::{
    fault::{Counted, Fault, write_faults},
    http::{Connection, Server, bearer},
    live::{Live, Progress},
    process::Process,
    report::Latency,
    token::Tokens,
    turn::Minter,
};

/// Identities that ask in turn: as many tokens to verify.
const IDENTITIES: usize = 500;
const ASKED: &str = "ICE servers";

/// What speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MintWire {
    /// `POST /v1/ice-servers` of docs/turn.md.
    Antiphon,
    /// See [`floor`].
    Floor,
}

/// What is asked of the service.
#[derive(Debug)]
pub struct MintSetup {
    /// Where it listens.
    pub server: SocketAddr,
    /// What it speaks.
    pub wire: MintWire,
    /// Signs the clients' tokens.
    pub tokens: Tokens,
    /// Has the relays' secret.
    pub minter: Minter,
    /// Its process, when that can be measured.
    pub process: Option<Process>,
    /// Connections; each has one request in flight.
    pub connections: usize,
    /// Requests a second, of all connections together; `None`: as fast as they are answered.
    pub rate: Option<NonZeroU32>,
    /// How long to ask before it is measured.
    pub settle: Duration,
    /// How long to measure.
    pub duration: Duration,
    /// How long an answer may take before it counts as missing.
    pub patience: Duration,
}

/// What a run found.
#[derive(Debug, Clone, Serialize)]
pub struct MintReport {
    /// Answers while it was measured.
    pub mints: u64,
    /// In a second.
    pub mints_per_second: f64,
    /// Processor time of the server for one, where its process is known.
    pub server_cpu_us_per_mint: Option<f64>,
    /// From the request to the whole answer.
    pub latency: Latency,
    /// Wrong and missing answers; empty in a good run.
    pub faults: BTreeMap<&'static str, Counted>,
}

impl MintReport {
    /// Whether every answer was right.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.faults.is_empty()
    }
}

impl fmt::Display for MintReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cpu = self.server_cpu_us_per_mint.map_or("-".to_owned(), |cpu| format!("{cpu:.2}"));
        let Latency { p50_us, p99_us, .. } = self.latency;
        for (name, value) in [
            ("mints", self.mints.to_string()),
            ("mints/s", format!("{:.0}", self.mints_per_second)),
            ("server CPU µs/mint", cpu),
            ("p50 µs", p50_us.to_string()),
            ("p99 µs", p99_us.to_string()),
        ] {
            writeln!(formatter, "  {name:<28} {value:>14}")?;
        }
        write_faults(&self.faults, formatter)
    }
}

/// Asks at the rate, or as fast as it is answered, and measures.
///
/// # Errors
/// When nothing can be measured. Wrong answers are faults in the report.
pub async fn run_mint(setup: &MintSetup) -> anyhow::Result<MintReport> {
    ensure!(setup.connections >= 1, "--connections: expected at least 1");
    let live = Arc::new(Live::default());
    let progress = Progress::show("mint".to_owned(), live.clone());
    let askers: Arc<[Asker]> = (0..IDENTITIES).map(|index| Asker::new(setup, index)).collect::<Result<_, _>>()?;
    let mut tasks = JoinSet::new();
    let begin = time::Instant::now();
    for index in 0..setup.connections {
        let mut pace = pace(setup, begin, index);
        let server = Server { address: setup.server, authority: setup.server.to_string(), patience: setup.patience };
        let (askers, minter, live) = (askers.clone(), setup.minter.clone(), live.clone());
        tasks.spawn(async move {
            live.entered(1);
            if let Err(fault) = ask_until_stopped(&server, &askers, index, &mut pace, &minter, &live).await {
                live.fault(&fault);
            }
            live.left();
        });
    }
    sleep(setup.settle).await;
    let cpu = || setup.process.map(|process| process.cpu_seconds()).transpose();
    let (cpu_before, before, begun) = (cpu()?, live.deliveries(), Instant::now());
    live.measure();
    sleep(setup.duration).await;
    let (cpu_after, mints, seconds) = (cpu()?, live.deliveries() - before, begun.elapsed().as_secs_f64());
    live.stop();
    while let Some(asked) = tasks.join_next().await {
        asked?;
    }
    drop(progress);
    ensure!(mints > 0, "nothing was minted: {:?}", live.faults().snapshot());
    let cpu_us = cpu_before.zip(cpu_after).map(|(before, after)| (after - before) * 1e6 / mints as f64);
    Ok(MintReport {
        mints,
        mints_per_second: mints as f64 / seconds,
        server_cpu_us_per_mint: cpu_us,
        latency: Latency::of(live.latencies()),
        faults: live.faults().snapshot(),
    })
}

/// Somebody who has a token.
#[derive(Debug)]
struct Asker {
    identity: String,
    path: String,
    authorization: HeaderValue,
}

impl Asker {
    fn new(setup: &MintSetup, index: usize) -> anyhow::Result<Self> {
        let identity = format!("client-{index}");
        let path = match setup.wire {
            MintWire::Antiphon => "/v1/ice-servers".to_owned(),
            MintWire::Floor => format!("/floor/ice-servers/{identity}"),
        };
        // The floor is sent the same header, which it does not read.
        let token = setup.tokens.issue("load", &identity)?;
        let authorization = bearer(&token).context("a token")?;
        Ok(Self { identity, path, authorization })
    }
}

/// When a connection asks: all of them in turn. One that is late catches up.
fn pace(setup: &MintSetup, begin: time::Instant, index: usize) -> Option<Interval> {
    let between = (Duration::from_secs(1) / setup.rate?.get()).max(Duration::from_nanos(1));
    let connections = u32::try_from(setup.connections).unwrap_or(u32::MAX);
    let mut pace = interval_at(begin + between * u32::try_from(index).unwrap_or(u32::MAX), between * connections);
    pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
    Some(pace)
}

async fn ask_until_stopped(
    server: &Server,
    askers: &[Asker],
    first: usize,
    pace: &mut Option<Interval>,
    minter: &Minter,
    live: &Live,
) -> Result<(), Fault> {
    let mut connection = Connection::open(server).await?;
    // They begin apart, so that two do not ask for the same one at the same time.
    for asker in askers.iter().cycle().skip(first * askers.len() / 64) {
        if let Some(pace) = pace {
            pace.tick().await;
        }
        if live.is_stopped() {
            break;
        }
        let asked_at = Instant::now();
        let answer = connection.ask(&asker.authorization, Method::POST, &asker.path, None).await?;
        let took = asked_at.elapsed();
        check(answer.status, &answer.body, &asker.identity, minter, unix_now_s())?;
        live.delivered(took);
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    ice_servers: Vec<IceServer>,
    ttl: u64,
    refresh_after: u64,
}

#[derive(Deserialize)]
struct IceServer {
    urls: Vec<String>,
    username: String,
    credential: String,
}

fn check(status: StatusCode, body: &[u8], identity: &str, minter: &Minter, now_s: u64) -> Result<(), Fault> {
    let wrong = |why: String| Fault::WrongAnswer { request: ASKED, why };
    if status != StatusCode::OK {
        return Err(wrong(format!("{status}: {}", String::from_utf8_lossy(body))));
    }
    let Answer { ice_servers, ttl, refresh_after } =
        serde_json::from_slice(body).map_err(|error| wrong(error.to_string()))?;
    if ice_servers.is_empty() || refresh_after >= ttl {
        return Err(wrong(format!("{} servers for {ttl} s, again after {refresh_after} s", ice_servers.len())));
    }
    for IceServer { urls, username, credential } in &ice_servers {
        let (expiry, user) = username.split_once(':').ok_or_else(|| wrong("a username without expiry".to_owned()))?;
        let expires_at_s: u64 = expiry.parse().map_err(|_| wrong("an expiry that is no number".to_owned()))?;
        if urls.is_empty() || urls.iter().any(|url| !url.starts_with("turn")) {
            return Err(wrong(format!("URLs {urls:?}")));
        }
        // Users are of a tenant, where there are tenants.
        if user.rsplit('/').next() != Some(identity) {
            return Err(wrong(format!("a credential of {user} for {identity}")));
        }
        if !(now_s..=now_s + ttl + 1).contains(&expires_at_s) {
            return Err(wrong(format!("an expiry {expires_at_s} at {now_s} with a lifetime of {ttl} s")));
        }
        if *credential != minter.mint(user, expires_at_s).password {
            return Err(wrong(format!("a credential of {user} by another secret")));
        }
    }
    Ok(())
}

fn unix_now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const NOW_S: u64 = 1_700_000_000;

    fn answer() -> Value {
        let credential = Minter::new("secret").mint("acme/ada", NOW_S + 3_600);
        let server = json!({
            "urls": ["turn:turn.example:3478"], "username": credential.username, "credential": credential.password,
        });
        json!({ "iceServers": [server], "ttl": 3_600, "refreshAfter": 3_000 })
    }

    fn checked(status: StatusCode, answer: &Value) -> Result<(), Fault> {
        check(status, answer.to_string().as_bytes(), "ada", &Minter::new("secret"), NOW_S)
    }

    #[test]
    fn a_credential_that_the_relay_will_take_passes() {
        assert!(checked(StatusCode::OK, &answer()).is_ok());
    }

    #[test]
    fn anothers_forged_expired_or_empty_answer_is_wrong() {
        let server = |field: &str, value: Value| {
            let mut answer = answer();
            answer["iceServers"][0][field] = value;
            answer
        };
        let minted = |secret: &str, user: &str, expires_at_s: u64| {
            let credential = Minter::new(secret).mint(user, expires_at_s);
            let mut answer = server("username", json!(credential.username));
            answer["iceServers"][0]["credential"] = json!(credential.password);
            answer
        };
        for wrong in [
            minted("secret", "acme/bob", NOW_S + 3_600),
            minted("another", "acme/ada", NOW_S + 3_600),
            minted("secret", "acme/ada", NOW_S - 1),
            minted("secret", "acme/ada", NOW_S + 7_200),
            server("username", json!("ada")),
            server("urls", json!([])),
            server("urls", json!(["http://turn.example"])),
            json!({ "iceServers": [], "ttl": 3_600, "refreshAfter": 3_000 }),
            json!({ "iceServers": answer()["iceServers"], "ttl": 3_600, "refreshAfter": 3_600 }),
            json!({ "code": "unauthenticated" }),
        ] {
            assert!(checked(StatusCode::OK, &wrong).is_err(), "{wrong}");
        }
        assert!(checked(StatusCode::TOO_MANY_REQUESTS, &answer()).is_err());
    }
}
