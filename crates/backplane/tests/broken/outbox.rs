//! The outbox with a fault in between.

use antiphon_backplane::{Buried, DeadLetter, Outbox, OutboxPage, OutboxWatch, Partition, Place, Unavailable};
use async_trait::async_trait;

use crate::{backend::Broken, fault::Fault};

/// Tells the second copy of a letter from the first.
const COPY: char = '\'';

#[async_trait]
impl Outbox for Broken {
    fn partitions(&self) -> u16 {
        self.inner.outbox.partitions()
    }

    async fn read(&self, partition: Partition, after: Place, limit: usize) -> Result<OutboxPage, Unavailable> {
        let inner = &self.inner.outbox;
        let mut page = match self.fault {
            Fault::ReadsOneTooMany => inner.read(partition, after, limit.saturating_add(1)).await?,
            Fault::SpreadsARoom => self.read_spread(partition).await?,
            Fault::ReusesPlaces => {
                let mut page = inner.read(partition, Place(0), usize::MAX).await?;
                let base = self.state().place_bases.get(&partition).copied().unwrap_or_default();
                page.messages.iter_mut().for_each(|outgoing| outgoing.place.0 -= base);
                page.messages.retain(|outgoing| outgoing.place > after);
                page.messages.truncate(limit);
                page
            }
            _ => inner.read(partition, after, limit).await?,
        };
        if self.has(Fault::HidesWhatIsLost) {
            page.lost = 0;
        }
        Ok(page)
    }

    async fn settle(&self, partition: Partition, places: &[Place]) -> Result<(), Unavailable> {
        let inner = &self.inner.outbox;
        match self.fault {
            Fault::NeverSettles => Ok(()),
            Fault::SettlesUpToTheLast => {
                let last = places.iter().max().copied().unwrap_or_default();
                let all = inner.read(partition, Place(0), usize::MAX).await?.messages;
                let before: Vec<_> =
                    all.into_iter().map(|outgoing| outgoing.place).filter(|place| *place <= last).collect();
                inner.settle(partition, &before).await
            }
            Fault::ReusesPlaces => {
                inner.settle(partition, places).await?;
                if inner.read(partition, Place(0), 1).await?.messages.is_empty() {
                    let last = places.iter().max().map_or(0, |place| place.0);
                    *self.state().place_bases.entry(partition).or_default() += last;
                }
                Ok(())
            }
            _ => inner.settle(partition, places).await,
        }
    }

    async fn watch(&self, partition: Partition) -> Result<OutboxWatch, Unavailable> {
        match self.fault {
            Fault::LosesAWakeUp | Fault::WakesOnlyWhoWaits => {
                let watch = OutboxWatch::default();
                self.state().outbox_watches.push(OutboxWatch::clone(&watch));
                Ok(watch)
            }
            Fault::WakesOneOfTwo => {
                let watch = self.inner.outbox.watch(partition).await?;
                Ok(OutboxWatch::clone(self.state().outbox_watch.get_or_insert(watch)))
            }
            _ => self.inner.outbox.watch(partition).await,
        }
    }

    async fn bury(&self, lane: &str, letter: DeadLetter) -> Result<u64, Unavailable> {
        let (inner, lane) = (&self.inner.outbox, self.lane(lane));
        match self.fault {
            Fault::LosesALetter if self.every(3) => return Ok(0),
            Fault::BuriesTwice if inner.dead_letter(lane, &letter.id).await?.is_some() => {
                let id = format!("{}{COPY}", letter.id);
                return inner.bury(lane, DeadLetter { id, ..letter }).await;
            }
            _ => {}
        }
        let gone = inner.bury(lane, letter).await?;
        Ok(if self.has(Fault::HidesWhatIsLost) { 0 } else { gone })
    }

    async fn dead_letters(&self, lane: &str, after: Place, limit: usize) -> Result<Vec<Buried>, Unavailable> {
        let after = if self.has(Fault::RepeatsAPage) { Place(0) } else { after };
        let mut letters = self.inner.outbox.dead_letters(self.lane(lane), after, limit).await?;
        match self.fault {
            Fault::ReordersLetters => letters.reverse(),
            Fault::BuriesTwice => letters.iter_mut().for_each(|buried| buried.letter.id.retain(|sign| sign != COPY)),
            _ => {}
        }
        Ok(letters)
    }

    async fn dead_letter(&self, lane: &str, id: &str) -> Result<Option<Buried>, Unavailable> {
        if self.has(Fault::FindsNoLetter) {
            return Ok(None);
        }
        self.inner.outbox.dead_letter(self.lane(lane), id).await
    }

    async fn dead_count(&self, lane: &str) -> Result<u64, Unavailable> {
        self.inner.outbox.dead_count(self.lane(lane)).await
    }

    async fn exhume(&self, lane: &str, id: &str) -> Result<(), Unavailable> {
        if self.has(Fault::NeverExhumes) {
            return Ok(());
        }
        self.inner.outbox.exhume(self.lane(lane), id).await
    }
}

impl Broken {
    fn lane<'a>(&self, lane: &'a str) -> &'a str {
        if self.has(Fault::MixesLanes) { "all" } else { lane }
    }

    /// Every message of every partition whose place falls to this one.
    async fn read_spread(&self, partition: Partition) -> Result<OutboxPage, Unavailable> {
        let mut page = OutboxPage::default();
        for other in (0..self.partitions()).map(Partition) {
            page.messages.extend(self.inner.outbox.read(other, Place(0), usize::MAX).await?.messages);
        }
        let (partitions, own) = (u64::from(self.partitions()), u64::from(partition.0));
        page.messages.retain(|outgoing| outgoing.place.0 % partitions == own);
        Ok(page)
    }
}
