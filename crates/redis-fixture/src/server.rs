//! One process.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Mutex,
};

use redis::{FromRedisValue, RedisResult, aio::MultiplexedConnection};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::{Certificates, eventually, free_port};

/// A server, or a sentinel.
pub struct Server {
    port: u16,
    program: &'static str,
    directory: TempDir,
    process: Mutex<Option<Process>>,
}

/// A user that a server knows beside its default user, who is then switched off.
#[derive(Debug, Clone, Copy)]
pub struct User {
    /// Its name.
    pub name: &'static str,
    /// Its password.
    pub password: &'static str,
    /// What it may do, as in `ACL SETUSER`.
    pub rights: &'static str,
}

/// A shell that ends the server when its own input ends, as it does with whoever started it.
struct Process {
    shell: Child,
    server: Pid,
}

const WATCHED: &str = r#""$@" >/dev/null 2>&1 & echo $!; cat >/dev/null; kill -9 $! 2>/dev/null"#;

impl Server {
    /// A server without anything, in reach.
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// A server with these lines in its configuration, in reach.
    pub async fn with(lines: &[String]) -> Self {
        let server = Self::run("redis-server", lines);
        server.in_reach().await;
        server
    }

    /// A server that takes connections over TLS only, and one user only.
    pub async fn secured(certificates: &Certificates, user: User) -> Self {
        let port = free_port();
        let (file, key) = (certificates.certificate.display(), certificates.key.display());
        let lines = [
            format!("port 0\ntls-port {port}\ntls-cert-file {file}\ntls-key-file {key}\ntls-auth-clients no"),
            format!("user default off\nuser {} on >{} {}", user.name, user.password, user.rights),
        ];
        let server = Self::run_on(port, "redis-server", &lines);
        // It answers in TLS; that it listens is enough.
        eventually("the server listens", async || tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok())
            .await;
        server
    }

    /// As [`Server::with`], without waiting.
    pub(crate) fn run(program: &'static str, lines: &[String]) -> Self {
        Self::run_on(free_port(), program, lines)
    }

    fn run_on(port: u16, program: &'static str, lines: &[String]) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let dir = directory.path().display();
        let mut config = format!("port {port}\nbind 127.0.0.1\ndir {dir}\nprotected-mode no\n");
        if program == "redis-server" {
            config += "save \"\"\nappendonly no\nrepl-diskless-sync-delay 0\n";
        }
        config += &lines.join("\n");
        std::fs::write(directory.path().join("redis.conf"), config + "\n").expect("written");
        let server = Self { port, program, directory, process: Mutex::new(None) };
        server.launch();
        server
    }

    fn launch(&self) {
        let mut shell = Command::new("sh")
            .args(["-c", WATCHED, "sh", self.program])
            .arg(self.directory.path().join("redis.conf"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let mut line = String::new();
        BufReader::new(shell.stdout.take().expect("piped")).read_line(&mut line).expect("a process id");
        let server = line.trim().parse().ok().and_then(Pid::from_raw).expect("a process id");
        *self.process.lock().expect("no panic before") = Some(Process { shell, server });
    }

    async fn in_reach(&self) {
        eventually("the server answers", async || self.try_query::<String>(&["PING"]).await.is_ok()).await;
    }

    /// Its port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `redis://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Where it runs.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Asks it something over a connection of its own.
    ///
    /// # Errors
    /// What the server or the connection says.
    pub async fn try_query<T: FromRedisValue>(&self, words: &[&str]) -> RedisResult<T> {
        let mut command = redis::cmd(words[0]);
        command.arg(&words[1..]);
        command.query_async(&mut self.connection().await?).await
    }

    /// As [`Server::try_query`], where an error is none of the test.
    pub async fn query<T: FromRedisValue>(&self, words: &[&str]) -> T {
        self.try_query(words).await.unwrap_or_else(|error| panic!("{words:?}: {error}"))
    }

    /// A connection of one's own.
    ///
    /// # Errors
    /// Where there is none.
    pub async fn connection(&self) -> RedisResult<MultiplexedConnection> {
        redis::Client::open(self.url())?.get_multiplexed_async_connection().await
    }

    /// It stops where it stands, with its connections (SIGSTOP).
    pub fn pause(&self) {
        self.signal(Signal::STOP);
    }

    /// It goes on.
    pub fn resume(&self) {
        self.signal(Signal::CONT);
    }

    /// It is gone, with what it had not written to disk (SIGKILL).
    pub fn kill(&self) {
        if let Some(process) = self.process.lock().expect("no panic before").take() {
            process.end();
        }
    }

    /// It is there again, on the same port and with what is on its disk.
    pub async fn restart(&self) {
        self.kill();
        self.launch();
        self.in_reach().await;
    }

    fn signal(&self, signal: Signal) {
        let process = self.process.lock().expect("no panic before");
        kill_process(process.as_ref().expect("it runs").server, signal).expect("it runs");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(process) = self.process.get_mut()
            && let Some(process) = process.take()
        {
            process.end();
        }
    }
}

impl Process {
    fn end(mut self) {
        // It may have ended by itself; the shell sees to it too.
        _ = kill_process(self.server, Signal::KILL);
        drop(self.shell.stdin.take());
        _ = self.shell.wait();
    }
}
