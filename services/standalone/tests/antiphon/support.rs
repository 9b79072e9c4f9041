//! The real binary, and just enough of HTTP and WebSocket to talk to it.

use std::{
    io::{BufRead as _, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc,
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Whatever takes longer hangs.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// The binary with an environment of its own; development keys go to `state`.
pub(crate) fn antiphon(state: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_antiphon"));
    command
        .env_clear()
        .env("XDG_RUNTIME_DIR", state)
        // Servers of other tests run at the same time.
        .env("ANTIPHON_TURN_LISTEN", "127.0.0.1:0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// What a command that ends by itself said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs a command that ends by itself.
pub(crate) fn run(command: &mut Command) -> Said {
    let running = Running::spawn(command);
    let (status, stdout, stderr) = running.wait();
    Said { code: status.code(), stdout, stderr }
}

/// A process whose output is read as it comes, and which does not outlive its deadline.
pub(crate) struct Running {
    child: Child,
    stdout: Lines,
    stderr: Lines,
}

impl Running {
    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command.spawn().expect("the binary starts");
        let stdout = Lines::follow(child.stdout.take().expect("piped"));
        let stderr = Lines::follow(child.stderr.take().expect("piped"));
        Self { child, stdout, stderr }
    }

    /// The rest of the first line of standard output that begins with `name`.
    pub(crate) fn row(&mut self, name: &str) -> String {
        let row = self.stdout.find(|line| Some(line.trim_start().strip_prefix(name)?.trim().to_owned()));
        row.unwrap_or_else(|seen| panic!("no {name} in: {seen} {}", self.stderr.drain()))
    }

    /// Waits for a line of the log.
    pub(crate) fn wait_for_log(&mut self, text: &str) {
        let found = self.stderr.find(|line| line.contains(text).then_some(()));
        found.unwrap_or_else(|seen| panic!("no {text} in: {seen}"));
    }

    pub(crate) fn interrupt(&self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("it runs");
    }

    /// Waits for its end. Gives status, standard output and standard error.
    pub(crate) fn wait(mut self) -> (ExitStatus, String, String) {
        let (stdout, stderr) = (self.stdout.drain(), self.stderr.drain());
        (self.child.wait().expect("ours"), stdout, stderr)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The lines of a stream, with a deadline.
struct Lines {
    coming: mpsc::Receiver<String>,
    seen: String,
}

impl Lines {
    fn follow(stream: impl Read + Send + 'static) -> Self {
        let (sender, coming) = mpsc::sync_channel(10_000);
        std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self { coming, seen: String::new() }
    }

    /// What `read` makes of the first line that it takes, past or to come; everything that was said where there is none.
    fn find<T>(&mut self, read: impl Fn(&str) -> Option<T>) -> Result<T, String> {
        if let Some(found) = self.seen.lines().find_map(&read) {
            return Ok(found);
        }
        while let Ok(line) = self.coming.recv_timeout(DEADLINE) {
            self.seen += &format!("{line}\n");
            if let Some(found) = read(&line) {
                return Ok(found);
            }
        }
        Err(self.seen.clone())
    }

    /// Everything until the stream ends.
    fn drain(&mut self) -> String {
        loop {
            match self.coming.recv_timeout(DEADLINE) {
                Ok(line) => self.seen += &format!("{line}\n"),
                Err(mpsc::RecvTimeoutError::Disconnected) => return self.seen.clone(),
                Err(mpsc::RecvTimeoutError::Timeout) => panic!("it did not end: {}", self.seen),
            }
        }
    }
}

/// A server that runs, and where.
pub(crate) struct Server {
    pub(crate) running: Running,
    pub(crate) address: SocketAddr,
}

impl Server {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut running = Running::spawn(command);
        let socket = running.row("socket");
        let address = socket.split("//").nth(1).and_then(|rest| rest.split('/').next()).expect("a URL");
        // The last row: everything before it is there too.
        running.row("stop");
        Self { address: address.parse().expect("an address"), running }
    }

    /// The development server on a free port.
    pub(crate) fn development(state: &Path) -> Self {
        Self::start(antiphon(state).args(["--listen", "127.0.0.1:0"]))
    }

    /// A server with this file, on a free port.
    pub(crate) fn configured(state: &Path, file: &str) -> Self {
        let path = state.join("antiphon.toml");
        std::fs::write(&path, file).expect("written");
        Self::start(antiphon(state).arg("--config").arg(&path).args(["--listen", "127.0.0.1:0"]))
    }

    pub(crate) fn stdout(&self) -> &str {
        &self.running.stdout.seen
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("it listens");
        stream.set_read_timeout(Some(DEADLINE)).expect("a duration");
        stream
    }

    /// Status line, headers and body.
    pub(crate) fn get(&self, path: &str) -> String {
        self.request(&format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"))
    }

    pub(crate) fn post_json(&self, path: &str, body: &str) -> String {
        let length = body.len();
        self.request(&format!(
            "POST {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        ))
    }

    /// The status with which a page of `origin` may open the signaling socket, or may not.
    pub(crate) fn upgrade_from(&self, origin: &str) -> u16 {
        let mut stream = self.connect();
        let key = STANDARD.encode([7; 16]);
        write!(
            stream,
            "GET /v1/connect HTTP/1.1\r\nhost: a\r\norigin: {origin}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: {key}\r\n\r\n"
        )
        .expect("open");
        let mut status = [0; 12];
        stream.read_exact(&mut status).expect("an answer");
        String::from_utf8_lossy(&status[9..]).parse().expect("a status")
    }

    /// Sends a request as it is written.
    pub(crate) fn request(&self, request: &str) -> String {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).expect("open");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer in UTF-8");
        answer
    }

    /// A WebSocket with this token, joined. Gives the first frame and the socket.
    pub(crate) fn join(&self, token: &str) -> (String, TcpStream) {
        let mut stream = self.connect();
        let key = STANDARD.encode([7; 16]);
        write!(
            stream,
            "GET /v1/connect?access_token={token} HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: {key}\r\n\r\n"
        )
        .expect("open");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("an answer");
            head.push(byte[0]);
        }
        assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
        // A masked text frame (RFC 6455 §5.2); a mask of zeros leaves the text as it is.
        let text = br#"{"join":{}}"#;
        let mut frame = vec![0x81, 0x80 | text.len() as u8, 0, 0, 0, 0];
        frame.extend_from_slice(text);
        // A server that has refused the token may have closed already.
        let _ = stream.write_all(&frame);
        (read_frame(&mut stream), stream)
    }
}

fn read_frame(stream: &mut TcpStream) -> String {
    let mut head = [0; 2];
    stream.read_exact(&mut head).expect("a frame");
    let length = match head[1] {
        126 => {
            let mut length = [0; 2];
            stream.read_exact(&mut length).expect("a length");
            usize::from(u16::from_be_bytes(length))
        }
        length => usize::from(length),
    };
    let mut payload = vec![0; length];
    stream.read_exact(&mut payload).expect("a payload");
    String::from_utf8(payload).expect("JSON")
}
