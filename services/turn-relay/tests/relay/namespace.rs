//! In a network of its own, where every address there is leads to one socket: what leaves the relay for whatever address, it hears.

use std::{
    env,
    net::{SocketAddr, UdpSocket},
    process::Command,
    time::Duration,
};

use antiphon_turn_core::{Transport, stun::attribute};
use antiphon_turn_relay::TurnConfig;
use tokio::task::block_in_place;

use crate::{
    client::TurnClient,
    server::{RelayServer, config, eventually},
};

const INSIDE: &str = "ANTIPHON_TEST_INSIDE";

const NAME: &str = "namespace::nothing_leaves_for_addresses_that_are_none_of_the_internet";

/// Every address is this machine's by a local route, but only two are its interface's.
const NETWORK: &str = "ip link set lo up \
    && ip address add 203.0.113.5/32 dev lo && ip -6 address add 2001:db8::5/128 dev lo nodad \
    && ip route add local 0.0.0.0/0 dev lo && ip -6 route add local ::/0 dev lo \
    && exec timeout 60 \"$@\"";

const REFUSED: [&str; 9] = [
    "127.0.0.1",
    "10.0.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "::1",
    "fc00::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "2002:a00:1::",
];

const ALLOWED: [&str; 2] = ["203.0.113.9", "2001:db8::9"];

#[test]
fn nothing_leaves_for_addresses_that_are_none_of_the_internet() {
    if env::var_os(INSIDE).is_some() {
        return inside();
    }
    let mut command = Command::new("unshare");
    command.args(["--net", "--map-root-user", "sh", "-c", NETWORK, "sh"]);
    command.arg(env::current_exe().expect("it runs")).args(["--exact", NAME, "--nocapture"]).env(INSIDE, "yes");
    let said = command.output().expect("unshare (util-linux) is needed: apt-get install util-linux iproute2");
    let (stdout, stderr) = (String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    let has_run = stdout.contains("test result:");
    assert!(has_run, "unshare and ip, and the right to have a network of one's own, are needed: {stderr}");
    assert!(said.status.success() && stdout.contains("1 passed"), "{stdout}{stderr}");
}

#[tokio::main]
async fn inside() {
    let hearing = UdpSocket::bind("[::]:0").expect("a port");
    hearing.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
    let port = hearing.local_addr().expect("bound").port();
    let at = |text: &str| SocketAddr::new(text.parse().expect(text), port);
    let heard = || {
        let mut buffer = [0; 1_500];
        let (length, _) = hearing.recv_from(&mut buffer).expect("something comes");
        String::from_utf8_lossy(&buffer[..length]).into_owned()
    };
    let server = RelayServer::start(TurnConfig {
        turn_listen: ["203.0.113.5:0", "[2001:db8::5]:0"].map(|address| address.parse().expect(address)).into(),
        turn_allow_peers: ["203.0.113.9/32", "2001:db8::9/128"].map(|network| network.parse().expect(network)).into(),
        ..config()
    });
    block_in_place(|| {
        // Whoever may send to these addresses is heard at once: the network is as it should be.
        let stranger = UdpSocket::bind("[::]:0").expect("a port");
        for refused in REFUSED {
            stranger.send_to(refused.as_bytes(), at(refused)).expect(refused);
            assert_eq!(heard(), refused);
        }
        let mut client = TurnClient::connect(&server, Transport::Udp, "acme/ada");
        client
            .allocate_with(|request| request.attribute(attribute::ADDITIONAL_ADDRESS_FAMILY, &[2, 0, 0, 0]))
            .expect("allocated");
        for (channel, refused) in (0x4000..).zip(REFUSED) {
            assert_eq!(client.permit(at(refused)), Err(403), "{refused}");
            assert_eq!(client.bind_channel(channel, at(refused)), Err(403), "{refused}");
            client.send_indication(at(refused), refused.as_bytes());
            client.send_on(channel, refused.as_bytes());
        }
        // Behind all of those on each of both ways out: the first that is heard is the first that left.
        for allowed in ALLOWED {
            client.permit(at(allowed)).expect(allowed);
            client.send_indication(at(allowed), allowed.as_bytes());
            assert_eq!(heard(), allowed);
        }
        hearing.set_nonblocking(true).expect("set");
        assert!(hearing.recv_from(&mut [0; 16]).is_err(), "something came");
    });
    eventually("the refused ones are counted", async || {
        server.metric("antiphon_turn_discarded_total", "refused_peer").await == REFUSED.len() as f64
    })
    .await;
    server.stop().await;
}
