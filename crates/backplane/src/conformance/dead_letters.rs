//! What could not be delivered.

use bytes::Bytes;

use super::{
    LIMITS,
    fixture::{Checked, Failure, Stage, ensure, ensure_eq},
};
use crate::{Backplane, DeadLetter, Place};

pub(super) async fn dead_letters_come_back_in_order_and_by_the_page(stage: &Stage) -> Checked {
    for nth in ["d", "a", "c", "b", "e"] {
        bury(stage, "lane", nth).await?;
    }
    ensure_eq!(ids(&stage.second, "lane").await?, ["d", "a", "c", "b", "e"], "every letter");
    let mut paged = Vec::new();
    let mut after = Place(0);
    loop {
        let page = stage.second.outbox.dead_letters("lane", after, 2).await?;
        let Some(last) = page.last() else { break };
        ensure!(page.len() <= 2, "a page of {}", page.len());
        ensure!(last.place > after, "places do not grow: {page:?}");
        after = last.place;
        for buried in page {
            ensure_eq!(buried.letter.payload, payload(&buried.letter.id), "the payload of {}", buried.letter.id);
            paged.push(buried.letter.id);
        }
        ensure!(paged.len() <= 5, "letters come again: {paged:?}");
    }
    ensure_eq!(paged, ["d", "a", "c", "b", "e"], "letters by the page");
    Ok(())
}

pub(super) async fn a_letter_is_buried_once(stage: &Stage) -> Checked {
    for id in ["a", "b", "a"] {
        ensure_eq!(bury(stage, "lane", id).await?, 0, "letters that had to go");
    }
    stage.second.outbox.bury("lane", letter("b")).await?;
    ensure_eq!(ids(&stage.second, "lane").await?, ["a", "b"], "the letters");
    ensure_eq!(stage.second.outbox.dead_count("lane").await?, 2, "their number");
    Ok(())
}

pub(super) async fn a_dead_letter_is_found_by_its_id(stage: &Stage) -> Checked {
    for id in ["a", "b", "c"] {
        bury(stage, "lane", id).await?;
    }
    let found = stage.second.outbox.dead_letter("lane", "b").await?;
    ensure_eq!(found.map(|buried| buried.letter), Some(letter("b")), "letter b");
    ensure_eq!(stage.second.outbox.dead_letter("lane", "x").await?, None, "letter x");
    ensure_eq!(stage.second.outbox.dead_letter("other", "b").await?, None, "letter b of another lane");
    Ok(())
}

pub(super) async fn an_exhumed_letter_is_gone(stage: &Stage) -> Checked {
    for id in ["a", "b", "c"] {
        bury(stage, "lane", id).await?;
    }
    for _ in 0..2 {
        stage.first.outbox.exhume("lane", "b").await?;
    }
    stage.first.outbox.exhume("lane", "x").await?;
    ensure_eq!(ids(&stage.second, "lane").await?, ["a", "c"], "the letters");
    ensure_eq!(stage.second.outbox.dead_count("lane").await?, 2, "their number");
    bury(stage, "lane", "b").await?;
    ensure_eq!(ids(&stage.second, "lane").await?, ["a", "c", "b"], "the letters when one was buried again");
    Ok(())
}

pub(super) async fn lanes_do_not_meet(stage: &Stage) -> Checked {
    for (lane, id) in [("acme/a", "1"), ("acme/b", "1"), ("globex/a", "2")] {
        bury(stage, lane, id).await?;
    }
    stage.first.outbox.exhume("acme/b", "1").await?;
    ensure_eq!(ids(&stage.second, "acme/a").await?, ["1"], "letters of acme/a");
    ensure_eq!(ids(&stage.second, "globex/a").await?, ["2"], "letters of globex/a");
    for (lane, count) in [("acme/a", 1), ("acme/b", 0), ("globex/a", 1), ("none", 0)] {
        ensure_eq!(stage.second.outbox.dead_count(lane).await?, count, "the number of letters of {lane}");
    }
    Ok(())
}

pub(super) async fn beyond_the_bound_the_oldest_letters_go_and_are_counted(stage: &Stage) -> Checked {
    let all: Vec<_> = (0..LIMITS.dead_letters + 3).map(|nth| nth.to_string()).collect();
    let mut gone = 0;
    for id in &all {
        gone += bury(stage, "many", id).await?;
    }
    ensure_eq!(gone, 3, "letters that went");
    ensure_eq!(ids(&stage.second, "many").await?, all[3..], "those that stay");
    let large = |id: &str| DeadLetter { id: id.to_owned(), payload: vec![0; LIMITS.dead_letter_bytes / 2].into() };
    let mut gone = Vec::new();
    for id in ["a", "b", "c"] {
        gone.push(stage.first.outbox.bury("large", large(id)).await?);
    }
    ensure_eq!(gone, [0, 0, 1], "large letters that went");
    ensure_eq!(ids(&stage.second, "large").await?, ["b", "c"], "large letters that stay");
    Ok(())
}

async fn bury(stage: &Stage, lane: &str, id: &str) -> Result<u64, Failure> {
    Ok(stage.first.outbox.bury(lane, letter(id)).await?)
}

fn letter(id: &str) -> DeadLetter {
    DeadLetter { id: id.to_owned(), payload: payload(id) }
}

fn payload(id: &str) -> Bytes {
    Bytes::from(format!("payload of {id}"))
}

async fn ids(replica: &Backplane, lane: &str) -> Result<Vec<String>, Failure> {
    let letters = replica.outbox.dead_letters(lane, Place(0), usize::MAX).await?;
    Ok(letters.into_iter().map(|buried| buried.letter.id).collect())
}
