//! Load on what gives ICE servers, against the floor, and against one that gives what it should not.

use std::{
    net::SocketAddr,
    num::NonZeroU32,
    time::{Duration, Instant},
};

use antiphon_loadtest::{
    mint::{MintReport, MintSetup, MintWire, floor, run_mint},
    token::Tokens,
    turn::Minter,
};
use axum::{Json, Router, routing::post};
use serde_json::json;
use tokio::net::TcpListener;

const SECRET: &str = "the relays' secret";

async fn ask(server: SocketAddr, wire: MintWire, secret: &str) -> anyhow::Result<MintReport> {
    ask_at(None, server, wire, secret).await
}

async fn ask_at(
    rate: Option<NonZeroU32>,
    server: SocketAddr,
    wire: MintWire,
    secret: &str,
) -> anyhow::Result<MintReport> {
    let setup = MintSetup {
        server,
        wire,
        tokens: Tokens::from_key("key:secret").expect("a key"),
        minter: Minter::new(secret),
        process: None,
        connections: 4,
        rate,
        settle: Duration::from_millis(20),
        duration: Duration::from_millis(100),
        patience: Duration::from_secs(20),
    };
    run_mint(&setup).await
}

async fn start_floor() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(floor::run(listener, SECRET, vec!["turn:127.0.0.1:3478".to_owned()]));
    address
}

#[tokio::test]
async fn the_floor_mints_for_whom_it_is_asked() {
    let report = ask(start_floor().await, MintWire::Floor, SECRET).await.expect("a report");
    assert!(report.is_clean(), "{report}");
    assert!(report.mints > 0, "{report}");
}

#[tokio::test]
async fn at_a_rate_no_more_is_asked_for() {
    let rate = NonZeroU32::new(400).expect("above 0");
    let begun = Instant::now();
    let report = ask_at(Some(rate), start_floor().await, MintWire::Floor, SECRET).await.expect("a report");
    assert!(report.is_clean() && report.mints > 0, "{report}");
    let most = f64::from(rate.get()) * begun.elapsed().as_secs_f64() + 4.0;
    assert!(report.mints as f64 <= most, "{report}, and not above {most}");
}

#[tokio::test]
async fn a_credential_that_the_relay_would_refuse_is_no_mint() {
    let error = ask(start_floor().await, MintWire::Floor, "another secret").await.expect_err("nothing was right");
    assert!(error.to_string().contains("by another secret"), "{error}");
}

#[tokio::test]
async fn a_refusal_is_no_mint() {
    let refuse = || async { (hyper::StatusCode::TOO_MANY_REQUESTS, Json(json!({ "code": "rate_limited" }))) };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let router = Router::new().route("/v1/ice-servers", post(refuse));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let error = ask(address, MintWire::Antiphon, SECRET).await.expect_err("nothing was given");
    assert!(error.to_string().contains("429"), "{error}");
}
