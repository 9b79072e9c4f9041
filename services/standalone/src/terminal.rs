//! What people read on their terminal, as opposed to the log. A terminal that is gone is no reason to stop.

use std::io::{Write as _, stderr, stdout};

/// To standard output.
pub(crate) fn print(text: &str) {
    let mut stdout = stdout().lock();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

/// Says in one line why it does not go on.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(stderr(), "antiphon: {text}");
}
