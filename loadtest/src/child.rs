//! Servers that this program starts, and what they leave on disk.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader},
    net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
};

use anyhow::Context as _;

use crate::process::Process;

/// A running server; it ends with this value, and so do its files.
#[derive(Debug)]
pub(crate) struct ChildServer {
    child: Child,
    files: Files,
}

/// Paths that belong to one server: `STEM.log` and others.
#[derive(Debug)]
pub(crate) struct Files {
    stem: PathBuf,
}

impl ChildServer {
    /// Starts it; its output goes to the log, or to the caller where that is `Some`.
    pub(crate) fn start(command: &mut Command, files: Files, stdout: Option<Stdio>) -> anyhow::Result<Self> {
        let program = command.get_program().to_owned();
        let child = command
            .stdin(Stdio::null())
            .stdout(stdout.map_or_else(|| files.append_to_log().map(Stdio::from), Ok)?)
            .stderr(files.append_to_log()?)
            .spawn()
            .with_context(|| program.display().to_string())?;
        Ok(Self { child, files })
    }

    pub(crate) fn process(&self) -> Process {
        Process::new(self.child.id())
    }

    /// The address at the end of the first line that it prints, where its output goes to the caller.
    pub(crate) fn printed_address(&mut self) -> anyhow::Result<SocketAddr> {
        let stdout = self.child.stdout.take().context("its output goes to the log")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        line.trim().rsplit(' ').next().unwrap_or_default().parse().context("it printed no address")
    }

    /// Whether it has ended by itself.
    pub(crate) fn ended(&mut self) -> std::io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Copies the log to where it outlives the server.
    pub(crate) fn keep_log(&self) -> PathBuf {
        self.files.keep_log()
    }
}

impl Drop for ChildServer {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Files {
    /// Extensions of what is removed in the end.
    const EXTENSIONS: [&'static str; 5] = ["log", "toml", "pid", "db", "secret"];

    pub(crate) fn new() -> Self {
        let stem = format!("antiphon-bench-{}-{:08x}", std::process::id(), rand::random::<u32>());
        Self { stem: std::env::temp_dir().join(stem) }
    }

    pub(crate) fn with(&self, extension: &str) -> PathBuf {
        self.stem.with_extension(extension)
    }

    /// Copies the log to where it outlives these files.
    pub(crate) fn keep_log(&self) -> PathBuf {
        let (log, kept) = (self.with("log"), self.with("kept.log"));
        match fs::copy(&log, &kept) {
            Ok(_) => kept,
            Err(_) => log,
        }
    }

    fn append_to_log(&self) -> std::io::Result<File> {
        File::options().create(true).append(true).open(self.with("log"))
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        for extension in Self::EXTENSIONS {
            // Not every server has all of them.
            drop(fs::remove_file(self.with(extension)));
        }
    }
}

/// Free at this moment: a server has to be told a port, and nothing else takes one here meanwhile.
pub(crate) fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// As [`free_address`], for UDP.
pub(crate) fn free_udp_address() -> anyhow::Result<SocketAddr> {
    Ok(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// A secret that no other run has.
pub(crate) fn secret() -> String {
    format!("{:032x}{:032x}", rand::random::<u128>(), rand::random::<u128>())
}

/// The program that was given, or the one of that name beside this one.
pub(crate) fn program_path(given: Option<&PathBuf>, name: &str) -> anyhow::Result<PathBuf> {
    Ok(match given {
        Some(path) => path.clone(),
        None => std::env::current_exe().context("this program's path")?.with_file_name(name),
    })
}
