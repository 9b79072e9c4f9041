//! Load on a real TURN server, Debian's coturn: clean where nothing stands between, and a fault for whatever a proxy between them
//! spoils.

use std::{
    collections::{HashMap, hash_map::Entry},
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use antiphon_loadtest::turn::{Carriage, Minter, TurnReport, TurnServer, TurnSetup, TurnSoftware, run_turn};
use tokio::{net::UdpSocket, task::spawn_blocking};

const CARRIAGES: [Carriage; 2] = [Carriage::ChannelData, Carriage::Indication];
/// Longer than any answer: what goes from the server to a client and is as long as this is a packet that was relayed.
const PACKET_BYTES: usize = 1_000;

fn setup(server: SocketAddr, minter: Minter) -> TurnSetup {
    TurnSetup {
        server,
        minter,
        process: None,
        carriages: CARRIAGES.into(),
        sizes: vec![PACKET_BYTES],
        allocations: vec![1, 3],
        window: 8,
        lives: 5,
        settle: Duration::from_millis(20),
        duration: Duration::from_millis(100),
        patience: Duration::from_secs(10),
    }
}

async fn play(setup: TurnSetup) -> TurnReport {
    spawn_blocking(move || run_turn(&setup)).await.expect("it does not panic").expect("a report")
}

async fn start_coturn() -> TurnServer {
    spawn_blocking(|| TurnServer::start(&TurnSoftware::Coturn)).await.expect("it does not panic").expect("coturn")
}

/// What becomes of a packet on its way to a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spoil {
    FlipBit,
    Drop,
    Repeat,
    Misdeliver,
}

/// Stands between the clients and the server and spoils every tenth packet.
async fn start_proxy(server: SocketAddr, spoil: Spoil) -> SocketAddr {
    let front = Arc::new(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port"));
    let address = front.local_addr().expect("bound");
    let relayed = Arc::new(AtomicU64::new(0));
    tokio::spawn(async move {
        let mut behind: HashMap<SocketAddr, Arc<UdpSocket>> = HashMap::new();
        let mut buffer = [0; 2_048];
        loop {
            let (length, client) = front.recv_from(&mut buffer).await.expect("a socket of its own");
            let socket = match behind.entry(client) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    let socket = Arc::new(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port"));
                    socket.connect(server).await.expect("loopback");
                    tokio::spawn(deliver(socket.clone(), front.clone(), client, spoil, relayed.clone()));
                    new.insert(socket)
                }
            };
            socket.send(&buffer[..length]).await.expect("loopback");
        }
    });
    address
}

async fn deliver(
    socket: Arc<UdpSocket>,
    front: Arc<UdpSocket>,
    client: SocketAddr,
    spoil: Spoil,
    relayed: Arc<AtomicU64>,
) {
    let mut buffer = [0; 2_048];
    while let Ok(length) = socket.recv(&mut buffer).await {
        let spoilt = length >= PACKET_BYTES && relayed.fetch_add(1, Relaxed) % 10 == 9;
        let message = &mut buffer[..length];
        let neighbour = SocketAddr::from((Ipv4Addr::new(127, 64, 9, 9), client.port()));
        let (times, to) = match spoil {
            Spoil::FlipBit if spoilt => {
                message[PACKET_BYTES / 2] ^= 1;
                (1, client)
            }
            Spoil::Drop if spoilt => (0, client),
            Spoil::Repeat if spoilt => (2, client),
            Spoil::Misdeliver if spoilt => (1, neighbour),
            Spoil::FlipBit | Spoil::Drop | Spoil::Repeat | Spoil::Misdeliver => (1, client),
        };
        for _ in 0..times {
            front.send_to(message, to).await.expect("loopback");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn coturn_relays_every_packet_and_ends_every_allocation() {
    let coturn = start_coturn().await;
    let setup = TurnSetup { process: Some(coturn.process()), ..setup(coturn.address(), coturn.minter().clone()) };
    let report = play(setup).await;
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.cells.len(), CARRIAGES.len() * 2);
    for cell in &report.cells {
        assert!(cell.packets > 0 && cell.server_cpu_us_per_packet.is_some(), "{report}");
        assert!(cell.lost * 1_000 <= cell.sent, "{report}");
    }
    assert_eq!(report.life.as_ref().map(|life| life.allocations), Some(5), "{report}");
    assert!(report.rss_kib_per_allocation.is_some(), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_proxy_spoils_is_a_fault() {
    let coturn = start_coturn().await;
    for (spoil, expected) in [
        (Spoil::FlipBit, "damaged"),
        (Spoil::Drop, "loss"),
        (Spoil::Repeat, "unexpected"),
        (Spoil::Misdeliver, "unexpected"),
    ] {
        let proxy = start_proxy(coturn.address(), spoil).await;
        // One way at a time: a lost packet is waited for.
        let setup = TurnSetup {
            carriages: vec![Carriage::ChannelData],
            allocations: vec![3],
            lives: 0,
            ..setup(proxy, coturn.minter().clone())
        };
        let report = play(setup).await;
        assert!(report.faults.contains_key(expected), "{spoil:?}: {report}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_credential_of_another_secret_is_a_fault() {
    let coturn = start_coturn().await;
    let report = play(setup(coturn.address(), Minter::new("another"))).await;
    assert_eq!(report.faults.keys().collect::<Vec<_>>(), [&"refused"], "{report}");
    assert!(report.cells.is_empty(), "{report}");
}

#[tokio::test]
async fn only_the_loopback_interface_is_loaded() {
    let far = setup("192.0.2.1:3478".parse().expect("an address"), Minter::new("secret"));
    let error = run_turn(&far).expect_err("refused before anything is sent");
    assert!(error.to_string().contains("127.0.0.0/8"), "{error}");
}
