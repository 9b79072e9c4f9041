use std::sync::mpsc;

use super::*;

/// Tells each write, in its order.
struct Told(mpsc::Sender<String>);

impl Write for Told {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.0.send(String::from_utf8_lossy(bytes).into_owned());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn told() -> (Told, mpsc::Receiver<String>) {
    let (sender, receiver) = mpsc::channel();
    (Told(sender), receiver)
}

/// Lines that nobody writes unless they must be written.
fn waiting() -> (Lines<Told>, mpsc::Receiver<String>) {
    let (sink, written) = told();
    (Lines::new(sink, Flusher::Awake), written)
}

fn subscriber(lines: &Lines<Told>) -> impl tracing::Subscriber {
    let builder = tracing_subscriber::fmt().with_max_level(Level::INFO).with_ansi(false);
    builder.without_time().with_target(false).with_writer(lines.clone()).finish()
}

#[test]
fn what_is_told_waits_for_others_and_a_warning_takes_it_along() {
    let (lines, written) = waiting();
    tracing::subscriber::with_default(subscriber(&lines), || {
        tracing::info!("first");
        tracing::info!("second");
        assert!(written.try_recv().is_err());
        tracing::warn!("third");
        assert_eq!(written.try_recv().as_deref(), Ok(" INFO first\n INFO second\n WARN third\n"));
        tracing::error!("fourth");
        assert_eq!(written.try_recv().as_deref(), Ok("ERROR fourth\n"));
    });
}

#[test]
fn a_line_without_room_is_written_at_once_behind_those_that_wait() {
    let (lines, written) = waiting();
    let long = "x".repeat(CAPACITY - 1);
    lines.push(b"a").expect("taken");
    lines.push(long.as_bytes()).expect("taken");
    assert!(written.try_recv().is_err(), "it just fits");
    lines.push(b"b").expect("written");
    assert_eq!(written.try_recv(), Ok(format!("a{long}b")));
    let longer = "y".repeat(2 * CAPACITY);
    lines.push(longer.as_bytes()).expect("written");
    assert_eq!(written.try_recv(), Ok(longer));
    assert!(lock(&lines.0.out).batch.capacity() <= CAPACITY, "the memory of a long line is given back");
}

#[test]
fn what_waits_is_written_soon_though_nothing_more_is_logged() {
    let (sink, written) = told();
    let lines = Lines::buffered(sink);
    for line in ["first\n", "second\n"] {
        lines.push(line.as_bytes()).expect("taken");
        assert_eq!(written.recv().as_deref(), Ok(line));
    }
}

#[test]
fn when_they_are_closed_nothing_waits_any_more() {
    let (lines, written) = waiting();
    lines.push(b"first").expect("taken");
    lines.close();
    assert_eq!(written.try_recv().as_deref(), Ok("first"));
    lines.push(b"second").expect("written");
    assert_eq!(written.try_recv().as_deref(), Ok("second"));
}

#[test]
fn the_thread_ends_when_they_are_closed() {
    let (sink, written) = told();
    let lines = Lines::buffered(sink);
    lines.close();
    drop(lines);
    assert!(written.iter().all(|write| write.is_empty()), "the sink is dropped once nobody has the lines");
}

#[test]
fn lines_of_many_threads_come_whole_all_and_each_thread_s_in_order() {
    const THREADS: usize = 4;
    const LINES: usize = 5_000;
    let (sink, written) = told();
    let lines = Lines::buffered(sink);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let lines = &lines;
            scope.spawn(move || {
                for number in 0..LINES {
                    let line = format!("{thread} {number}\n");
                    let taken =
                        if number % 100 == 0 { lines.write(line.as_bytes()) } else { lines.push(line.as_bytes()) };
                    taken.expect("taken");
                }
            });
        }
    });
    lines.close();
    drop(lines);
    let text: String = written.iter().collect();
    let mut next = [0; THREADS];
    for line in text.lines() {
        let (thread, number) = line.split_once(' ').expect("a whole line");
        let next = &mut next[thread.parse::<usize>().expect("a thread")];
        assert_eq!(number.parse(), Ok(*next), "thread {thread}");
        *next += 1;
    }
    assert_eq!(next, [LINES; THREADS]);
}
