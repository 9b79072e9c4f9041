//! What a process costs, from `/proc` (proc(5)).

use std::fs;

use anyhow::{Context as _, ensure};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// `/proc/PID/stat` counts in ticks of a hundredth of a second: `USER_HZ`, fixed by Linux's interface on every
/// architecture that this runs on.
const TICKS_PER_SECOND: f64 = 100.0;

/// A running process.
#[derive(Debug, Clone, Copy)]
pub struct Process {
    pid: u32,
}

impl Process {
    /// The process with this id.
    #[must_use]
    pub fn new(pid: u32) -> Self {
        Self { pid }
    }

    /// Processor time it has used so far, its own and the kernel's on its behalf.
    ///
    /// # Errors
    /// When it has ended or may not be read.
    pub fn cpu_seconds(self) -> anyhow::Result<f64> {
        let path = format!("/proc/{}/stat", self.pid);
        let stat = fs::read_to_string(&path).with_context(|| path.clone())?;
        Ok(cpu_ticks(&stat).with_context(|| format!("{path} has no processor times"))? as f64 / TICKS_PER_SECOND)
    }

    /// Memory that is resident now.
    ///
    /// # Errors
    /// When it has ended or may not be read.
    pub fn rss_kib(self) -> anyhow::Result<u64> {
        // `smaps_rollup` walks the pages; `status` is a sum of per-thread caches and off by some.
        let exact = fs::read_to_string(format!("/proc/{}/smaps_rollup", self.pid)).ok();
        if let Some(kib) = exact.and_then(|text| kib_of(&text, "Rss:")) {
            return Ok(kib);
        }
        let path = format!("/proc/{}/status", self.pid);
        let status = fs::read_to_string(&path).with_context(|| path.clone())?;
        kib_of(&status, "VmRSS:").with_context(|| format!("{path} has no VmRSS"))
    }
}

/// Files that a process needs beside its clients' sockets.
const SPARE_FILES: u64 = 100;

/// Sees to it that this process, and each that it starts from now on, may have so many sockets open: raises its soft limit
/// (getrlimit(2), `RLIMIT_NOFILE`) where the hard one lets it.
///
/// # Errors
/// When the hard limit is too low.
pub fn allow_sockets(sockets: usize) -> anyhow::Result<()> {
    let needed = sockets as u64 + SPARE_FILES;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= needed) {
        return Ok(());
    }
    ensure!(
        maximum.is_none_or(|maximum| maximum >= needed),
        "{sockets} clients need {needed} open files, and this process may have {} at most: raise the hard limit \
         (`ulimit -Hn {needed}` as root, or `nofile` in /etc/security/limits.conf) or ask for fewer clients",
        maximum.unwrap_or_default(),
    );
    setrlimit(Resource::Nofile, Rlimit { current: Some(needed), maximum })
        .with_context(|| format!("raising the limit of open files to {needed}"))
}

fn cpu_ticks(stat: &str) -> Option<u64> {
    // The second field is the command in parentheses and may hold spaces; utime and stime are fields 14 and 15.
    let (_, after_command) = stat.rsplit_once(')')?;
    let mut fields = after_command.split_whitespace().skip(11);
    Some(fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?)
}

fn kib_of(text: &str, field: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(field))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_read_behind_a_command_with_spaces_and_parentheses() {
        let stat = "12 (a) b (c)) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20 0 3 0 100 200 300";
        assert_eq!(cpu_ticks(stat), Some(300));
        assert_eq!(cpu_ticks("12 (a) S 1 2"), None);
    }

    #[test]
    fn resident_memory_is_the_field_of_that_name() {
        assert_eq!(kib_of("Size:  9 kB\nRss:   1234 kB\nPss: 5 kB\n", "Rss:"), Some(1234));
        assert_eq!(kib_of("Size: 9 kB\n", "Rss:"), None);
    }

    #[test]
    fn this_process_can_be_measured() {
        let own = Process::new(std::process::id());
        assert!(own.rss_kib().expect("readable") > 0);
        assert!(own.cpu_seconds().is_ok());
    }
}
