//! Pairs that negotiate without end: offer, answer, and a browser's handful of candidates each, one message in flight.

use std::time::Instant;

use crate::{client::Client, content::Kind, fault::Fault, live::Live};

/// Candidates that each side of a negotiation sends.
const CANDIDATES: usize = 8;

/// One negotiation: the newcomer offers, the other answers, and their candidates alternate.
///
/// # Errors
/// When an answer is wrong or missing.
pub async fn negotiate(pair: &mut [Client], next_number: &mut u32, live: &Live) -> Result<(), Fault> {
    let kinds = [Kind::Offer, Kind::Answer].into_iter().chain([Kind::Candidate; 2 * CANDIDATES]);
    let [first, newcomer] = pair else { unreachable!("relay rooms have two members") };
    let (mut sender, mut receiver) = (newcomer, first);
    for kind in kinds {
        *next_number = next_number.wrapping_add(1);
        let sent_at = Instant::now();
        let expected = sender.send(kind, *next_number, receiver.address()).await?;
        receiver.expect(&expected).await?;
        live.delivered(sent_at.elapsed());
        (sender, receiver) = (receiver, sender);
    }
    Ok(())
}
