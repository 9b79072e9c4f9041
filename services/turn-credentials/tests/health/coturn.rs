//! Debian's coturn as a child process.

use std::{
    net::{SocketAddr, TcpListener, TcpStream, UdpSocket},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use antiphon_turn_core::stun::{Class, Method, Writer};

/// Where one listens, and its certificate. It can be started again there.
pub(crate) struct Place {
    pub(crate) plain: SocketAddr,
    pub(crate) tls: SocketAddr,
    pub(crate) certificate: PathBuf,
    directory: tempfile::TempDir,
}

/// A running coturn. It ends when dropped.
pub(crate) struct Coturn(Child);

impl Place {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
        let certificate = directory.path().join("cert.pem");
        std::fs::write(&certificate, made.cert.pem()).expect("written");
        std::fs::write(directory.path().join("key.pem"), made.signing_key.serialize_pem()).expect("written");
        Self { plain: free(), tls: free(), certificate, directory }
    }

    /// Starts coturn here, and waits until it listens.
    pub(crate) async fn start(&self, arguments: &[&str]) -> Coturn {
        let file = |name: &str| self.directory.path().join(name);
        let mut command = Command::new("turnserver");
        command
            .args(["-n", "--use-auth-secret", "--realm", "antiphon.test", "--listening-ip", "127.0.0.1"])
            .args(["--listening-port", &self.plain.port().to_string()])
            .args(["--tls-listening-port", &self.tls.port().to_string()])
            .args(["--relay-ip", "127.0.0.1", "--no-cli", "--no-dtls", "--no-tcp-relay", "--no-multicast-peers"])
            .args(["--log-file", "stdout", "--simple-log", "--relay-threads", "1"])
            .args(["--cert".into(), self.certificate.clone(), "--pkey".into(), file("key.pem")])
            .args(["--pidfile".into(), file("pid"), "--userdb".into(), file("db")])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(std::fs::File::create(file("log")).expect("a log"))
            .stderr(Stdio::null());
        let mut coturn = Coturn(command.spawn().expect("turnserver: sudo apt-get install coturn"));
        let deadline = Instant::now() + Duration::from_secs(30);
        let hears_tcp = |address: &SocketAddr| TcpStream::connect(address).is_ok();
        while ![self.plain, self.tls].iter().all(hears_tcp) || !answers_udp(self.plain) {
            let log = || std::fs::read_to_string(file("log")).unwrap_or_default();
            assert!(coturn.0.try_wait().expect("a child").is_none(), "coturn ended: {}", log());
            assert!(Instant::now() < deadline, "coturn does not listen: {}", log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        coturn
    }
}

impl Drop for Coturn {
    fn drop(&mut self) {
        // It may be gone.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// It listens by TCP first: a probe that came between the two would find it dead.
fn answers_udp(address: SocketAddr) -> bool {
    let binding = Writer::new(Method::Binding, Class::Request, &rand::random()).finish();
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    socket.connect(address).expect("loopback");
    socket.set_read_timeout(Some(Duration::from_millis(400))).expect("set");
    socket.send(&binding).is_ok() && socket.recv(&mut [0; 2_048]).is_ok()
}

/// A port that is free for UDP and TCP.
fn free() -> SocketAddr {
    loop {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        if UdpSocket::bind(address).is_ok() {
            return address;
        }
    }
}
