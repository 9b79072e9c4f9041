//! Log lines that wait a moment for others, so that a busy process writes many at once.

use std::{
    io::{self, Write},
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// The longest that a line waits.
const LONGEST_WAIT: Duration = Duration::from_millis(20);

/// Bytes of lines that wait. A line that finds no room among them is written at once, behind them.
const CAPACITY: usize = 64 * 1024;

/// Lines on their way out, in their order. Nothing is dropped: what cannot wait is written by whoever logs it. Clones share it.
#[derive(Debug)]
pub(super) struct Lines<W>(Arc<Shared<W>>);

#[derive(Debug)]
struct Shared<W> {
    /// Locked before `waiting` where both are: so what was taken from there is written before what comes later.
    out: Mutex<Out<W>>,
    waiting: Mutex<Waiting>,
    /// A first line waits.
    begun: Condvar,
}

#[derive(Debug)]
struct Out<W> {
    sink: W,
    /// Empty between writes; takes turns with the lines that wait.
    batch: Vec<u8>,
}

#[derive(Debug)]
struct Waiting {
    lines: Vec<u8>,
    flusher: Flusher,
}

/// Who writes the lines that wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flusher {
    /// A thread that sleeps until there is a first one.
    Asleep,
    /// That thread, soon.
    Awake,
    /// Nobody, so none waits.
    None,
}

impl<W: Write + Send + 'static> Lines<W> {
    /// Writes each line at once.
    pub(super) fn unbuffered(sink: W) -> Self {
        Self::new(sink, Flusher::None)
    }

    /// Lets lines wait, as long as there is a thread that writes them.
    pub(super) fn buffered(sink: W) -> Self {
        let lines = Self::new(sink, Flusher::Awake);
        let flusher = lines.clone();
        let spawned = thread::Builder::new().name("log".to_owned()).spawn(move || flusher.flush_until_closed());
        if spawned.is_err() {
            lines.close();
        }
        lines
    }

    fn new(sink: W, flusher: Flusher) -> Self {
        let out = Mutex::new(Out { sink, batch: Vec::new() });
        let waiting = Mutex::new(Waiting { lines: Vec::new(), flusher });
        Self(Arc::new(Shared { out, waiting, begun: Condvar::new() }))
    }

    /// Takes a line that may wait.
    fn push(&self, line: &[u8]) -> io::Result<()> {
        let mut waiting = lock(&self.0.waiting);
        let has_room = waiting.lines.len() + line.len() <= CAPACITY;
        match waiting.flusher {
            Flusher::None => {}
            Flusher::Asleep | Flusher::Awake if !has_room => {}
            Flusher::Asleep => {
                waiting.lines.extend_from_slice(line);
                waiting.flusher = Flusher::Awake;
                self.0.begun.notify_one();
                return Ok(());
            }
            Flusher::Awake => {
                waiting.lines.extend_from_slice(line);
                return Ok(());
            }
        }
        drop(waiting);
        self.write(line)
    }

    /// Writes what waits, and this behind it.
    fn write(&self, line: &[u8]) -> io::Result<()> {
        let mut out = lock(&self.0.out);
        let Out { sink, batch } = &mut *out;
        mem::swap(batch, &mut lock(&self.0.waiting).lines);
        batch.extend_from_slice(line);
        let written = sink.write_all(batch);
        batch.clear();
        batch.shrink_to(CAPACITY);
        written
    }

    /// Writes what waits.
    pub(super) fn flush(&self) {
        // Where the log cannot be written, there is nowhere to tell it.
        let _ = self.write(&[]);
    }

    /// Writes what waits, and from now on each line at once.
    pub(super) fn close(&self) {
        lock(&self.0.waiting).flusher = Flusher::None;
        self.0.begun.notify_all();
        self.flush();
    }

    fn flush_until_closed(&self) {
        while self.wait_for_batch() {
            self.flush();
        }
    }

    /// Waits for a first line, and then as long as lines wait; tells whether there may be more later.
    fn wait_for_batch(&self) -> bool {
        let mut waiting = lock(&self.0.waiting);
        if waiting.lines.is_empty() && waiting.flusher == Flusher::Awake {
            waiting.flusher = Flusher::Asleep;
        }
        let asleep = |waiting: &mut Waiting| waiting.flusher == Flusher::Asleep;
        let waiting = self.0.begun.wait_while(waiting, asleep).unwrap_or_else(PoisonError::into_inner);
        let open = |waiting: &mut Waiting| waiting.flusher != Flusher::None;
        let waited = self.0.begun.wait_timeout_while(waiting, LONGEST_WAIT, open);
        let (waiting, _) = waited.unwrap_or_else(PoisonError::into_inner);
        waiting.flusher != Flusher::None
    }
}

impl<W> Clone for Lines<W> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// Takes one event's line.
pub(super) struct LineWriter<'a, W> {
    lines: &'a Lines<W>,
    is_urgent: bool,
}

impl<'a, W: Write + Send + 'static> MakeWriter<'a> for Lines<W> {
    type Writer = LineWriter<'a, W>;

    fn make_writer(&'a self) -> Self::Writer {
        LineWriter { lines: self, is_urgent: true }
    }

    /// Whoever is warned should not have to wait.
    fn make_writer_for(&'a self, event: &Metadata<'_>) -> Self::Writer {
        LineWriter { lines: self, is_urgent: *event.level() <= Level::WARN }
    }
}

impl<W: Write + Send + 'static> Write for LineWriter<'_, W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.is_urgent { self.lines.write(line) } else { self.lines.push(line) }?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.lines.write(&[])
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "lines_tests.rs"]
mod tests;
