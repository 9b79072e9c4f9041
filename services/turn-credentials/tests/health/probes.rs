//! Who is handed out.

use antiphon_service_kit::config::HumanDuration;

use crate::{
    client::Client,
    coturn::Place,
    refusing_relay::RefusingRelay,
    support::{OLD, Probing, udp},
};

/// Coturn frees what was given back over UDP a second later, and its quotas with it.
const COTURN_INTERVAL: HumanDuration = HumanDuration::from_secs(3);

#[tokio::test]
async fn a_coturn_is_probed_by_udp_tcp_and_tls_and_gets_its_allocations_back() {
    let place = Place::new();
    // A probe that kept its allocation would be the last one of its user.
    let _coturn = place.start(&["--static-auth-secret", OLD, "--user-quota", "1"]).await;
    let (plain, tls) = (place.plain, place.tls);
    let uris = [udp(plain), format!("turn:{plain}?transport=tcp"), format!("turns:{tls}?transport=tcp")];
    let probing = Probing::start(&uris, |config| {
        config.probe_ca_file = Some(place.certificate.clone());
        config.probe_interval = COTURN_INTERVAL;
    });
    for uri in &uris {
        probing.until("three good probes", async |probing| probing.probes(uri, "good") >= 3.0).await;
        assert_eq!((probing.probes(uri, "refused"), probing.probes(uri, "dead")), (0.0, 0.0), "{uri}");
    }
    assert_eq!(probing.urls().await, uris);
}

#[tokio::test]
async fn a_certificate_that_browsers_would_refuse_takes_the_tls_uri_out_alone() {
    let place = Place::new();
    let _coturn = place.start(&["--static-auth-secret", OLD]).await;
    let uris = [udp(place.plain), format!("turns:{}?transport=tcp", place.tls)];
    let probing = Probing::start(&uris, |_| {});
    probing.until("TLS leaves", async |probing| probing.urls().await == uris[..1]).await;
    probing.until("UDP stays", async |probing| probing.probes(&uris[0], "good") >= 2.0).await;
    assert_eq!(probing.urls().await, uris[..1]);
}

#[tokio::test]
async fn a_relay_that_dies_leaves_and_returns_after_two_good_probes() {
    let place = Place::new();
    let arguments = ["--static-auth-secret", OLD];
    let coturn = place.start(&arguments).await;
    let uri = udp(place.plain);
    let probing = Probing::start(std::slice::from_ref(&uri), |_| {});
    probing.until("a good probe", async |probing| probing.probes(&uri, "good") >= 1.0).await;
    assert_eq!(probing.urls().await, [uri.as_str()]);
    drop(coturn);
    probing.until("it leaves", async |probing| probing.urls().await == ["stun:127.0.0.1"]).await;
    assert!(probing.probes(&uri, "dead") >= 2.0);
    let before = probing.probes(&uri, "good");
    let _coturn = place.start(&arguments).await;
    probing.until("it returns", async |probing| probing.urls().await == [uri.as_str()]).await;
    assert!(probing.probes(&uri, "good") >= before + 2.0);
}

#[tokio::test]
async fn a_relay_that_drains_or_is_full_leaves_at_the_first_refusal() {
    let relay = RefusingRelay::start(OLD).await;
    let uri = udp(relay.address);
    let probing = Probing::start(std::slice::from_ref(&uri), |_| {});
    for code in [403, 486, 508, 401, 300, 500] {
        probing.until("it is handed out", async |probing| probing.urls().await == [uri.as_str()]).await;
        let refused = probing.probes(&uri, "refused");
        relay.refuse_with(code);
        probing.until("it leaves", async |probing| probing.urls().await == ["stun:127.0.0.1"]).await;
        assert!(probing.probes(&uri, "refused") > refused, "{code}");
        let good = probing.probes(&uri, "good");
        relay.refuse_with(0);
        probing.until("it returns", async |probing| probing.urls().await == [uri.as_str()]).await;
        assert!(probing.probes(&uri, "good") >= good + 2.0, "{code}");
    }
}

#[tokio::test]
async fn a_coturn_whose_quota_is_used_up_leaves_and_returns() {
    let place = Place::new();
    let _coturn = place.start(&["--static-auth-secret", OLD, "--total-quota", "1"]).await;
    let uri = udp(place.plain);
    let probing = Probing::start(std::slice::from_ref(&uri), |config| config.probe_interval = COTURN_INTERVAL);
    let minted = probing.mint().await;
    let server = &minted.servers[0];
    let (username, password) = (server.username.clone(), server.credential.clone());
    let (username, password) = (username.expect("a username"), password.expect("a password"));
    // A probe may have the one allocation that there is.
    let holder = loop {
        match Client::allocate(place.plain, &username, &password).await {
            Ok(holder) => break holder,
            Err(code) => assert_eq!(code, 486),
        }
        tokio::task::yield_now().await;
    };
    probing.until("it leaves", async |probing| probing.urls().await == ["stun:127.0.0.1"]).await;
    assert!(probing.probes(&uri, "refused") >= 1.0);
    holder.release().await;
    probing.until("it returns", async |probing| probing.urls().await == [uri.as_str()]).await;
}

#[tokio::test]
async fn where_nothing_else_is_left_dead_relays_are_handed_out() {
    // A port that nobody has.
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").expect("a port");
    let uri = udp(socket.local_addr().expect("an address"));
    drop(socket);
    let probing = Probing::start(std::slice::from_ref(&uri), |config| {
        config.providers.truncate(1);
    });
    probing.until("it is dead", async |probing| probing.probes(&uri, "dead") >= 2.0).await;
    assert_eq!(probing.urls().await, [uri.as_str()]);
}

#[tokio::test]
async fn without_an_interval_nothing_is_probed() {
    let relay = RefusingRelay::start(OLD).await;
    relay.refuse_with(403);
    let uri = udp(relay.address);
    let probed = Probing::start(std::slice::from_ref(&uri), |_| {});
    let probing = Probing::start(std::slice::from_ref(&uri), |config| {
        config.probe_interval = HumanDuration(std::time::Duration::ZERO)
    });
    probed.until("the other leaves", async |probing| probing.urls().await == ["stun:127.0.0.1"]).await;
    assert_eq!((probing.urls().await, probing.probes(&uri, "refused")), (vec![uri], 0.0));
}
