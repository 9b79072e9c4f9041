//! Rooms in which everyone in turn says something to everyone else, one message in flight.

use std::time::{Duration, Instant};

use crate::{client::Client, content::Kind, fault::Fault, live::Live};

/// Each member in turn sends one message, and everyone receives it before the next one speaks. Counted are the deliveries
/// to others; the sender's own echo is awaited and checked, not counted.
///
/// # Errors
/// When an answer is wrong or missing.
pub async fn go_round(room: &mut [Client], kind: Kind, next_number: &mut u32, live: &Live) -> Result<(), Fault> {
    for speaker in 0..room.len() {
        *next_number = next_number.wrapping_add(1);
        speak(room, speaker, kind, *next_number, |latency| live.delivered(latency)).await?;
        if live.is_stopped() {
            return Ok(());
        }
    }
    Ok(())
}

/// One member sends one message, and everyone receives it; `heard` is told of each delivery to another.
///
/// # Errors
/// When an answer is wrong or missing.
pub async fn speak(
    room: &mut [Client],
    speaker: usize,
    kind: Kind,
    number: u32,
    heard: impl Fn(Duration),
) -> Result<(), Fault> {
    let sent_at = Instant::now();
    let expected = room[speaker].send(kind, number, "").await?;
    for (index, listener) in room.iter_mut().enumerate() {
        if index != speaker {
            listener.expect(&expected).await?;
            heard(sent_at.elapsed());
        } else if listener.hears_itself(kind) {
            listener.expect(&expected).await?;
        }
    }
    Ok(())
}
