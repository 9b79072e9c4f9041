//! The log with a fault in between.

use antiphon_backplane::{
    AppendError, Batch, Entry, Epoch, Head, Loaded, Offset, Partition, ReadError, RoomLog, Tag, Tail, Unavailable,
    Watch, conformance::LIMITS,
};
use antiphon_protocol::{RoomKey, RoomName, TenantId};
use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::watch;

use crate::{backend::Broken, fault::Fault};

#[async_trait]
impl RoomLog for Broken {
    async fn load(&self, room: &RoomKey) -> Result<Loaded, Unavailable> {
        let room = &self.room(room);
        let mut loaded = self.inner.log.load(room).await?;
        if self.has(Fault::StartsWithAnEntry) && loaded.head.offset == Offset(0) {
            let created = Batch { entries: vec![Bytes::from_static(b"created")], ..Batch::default() };
            self.inner.log.append(room, loaded.head, created).await.map_err(|_| Unavailable)?;
            loaded = self.inner.log.load(room).await?;
        }
        match self.fault {
            Fault::TrimsWhatNoSnapshotCovers => {
                let beyond = loaded.tail.len().saturating_sub(LIMITS.log_entries);
                loaded.tail.drain(..beyond);
            }
            Fault::TakesAnySnapshot => {
                let latest = self.state().snapshots.get(room).cloned();
                loaded.snapshot = latest.or(loaded.snapshot);
            }
            Fault::ForgetsBansWithTheRoom if loaded.head.offset == Offset(0) => loaded.bans.clear(),
            Fault::KeepsBansForEver | Fault::ShortensABan => {
                loaded.bans = self.state().bans.get(room).cloned().unwrap_or_default();
            }
            _ => {}
        }
        if self.has(Fault::ForgetsEnds) {
            loaded.ended = Epoch(0);
        }
        loaded.head = self.shown(loaded.head);
        Ok(loaded)
    }

    async fn append(&self, room: &RoomKey, expected: Head, batch: Batch) -> Result<Head, AppendError> {
        let room = &self.room(room);
        let batch = self.spoiled(room, batch);
        let actual = self.inner.log.load(room).await?.head;
        let mut expected = self.meant(expected, actual);
        if self.has(Fault::DropsAnAppend) && expected == actual && self.every(3) {
            let offset = Offset(expected.offset.0 + batch.entries.len() as u64);
            return Ok(Head { offset, tag: Tag(expected.tag.0.wrapping_add(1)), ..expected });
        }
        if self.overlooks(expected, actual) || (batch.restarts && self.has(Fault::RestartsWithoutComparing)) {
            expected = actual;
        }
        if batch.restarts && self.has(Fault::RestartsOnlyWhatIsThere) && actual.offset == Offset(0) {
            return Err(AppendError::Conflict { head: actual, tail: None });
        }
        if batch.restarts && self.has(Fault::EndsAtARestart) {
            let ends = Batch { entries: batch.entries.clone(), ends: true, ..Batch::default() };
            self.inner.log.append(room, expected, ends).await?;
            expected = self.inner.log.load(room).await?.head;
        }
        let mut appended = self.inner.log.append(room, expected, batch.clone()).await;
        if let Err(AppendError::Conflict { head, tail: Some(tail) }) = &mut appended {
            if self.has(Fault::ShortensATail) {
                tail.pop();
            }
            if self.has(Fault::AcceptsAStaleHead) {
                appended = self.inner.log.append(room, *head, batch.clone()).await;
            }
        }
        if self.has(Fault::SendsWhatLoses) && appended.is_err() && !batch.outbox.is_empty() {
            let elsewhere = RoomKey { room: "elsewhere".parse().expect("short"), ..room.clone() };
            let head = self.inner.log.load(&elsewhere).await?.head;
            let sends = Batch { entries: batch.entries.clone(), outbox: batch.outbox.clone(), ..Batch::default() };
            self.inner.log.append(&elsewhere, head, sends).await?;
        }
        match appended {
            Ok(head) => {
                self.remember(room, &batch);
                self.tell_head(room).await?;
                self.wake_closed(room, &batch);
                self.tell_outbox(&batch);
                Ok(self.shown(head))
            }
            Err(AppendError::Conflict { head, tail }) => Err(AppendError::Conflict { head: self.shown(head), tail }),
            Err(error) => Err(error),
        }
    }

    async fn read(&self, room: &RoomKey, epoch: Epoch, after: Offset, limit: usize) -> Result<Vec<Entry>, ReadError> {
        let room = &self.room(room);
        let actual = self.inner.log.load(room).await?.head;
        let epoch = self.meant(Head { epoch, ..actual }, actual).epoch;
        let limit = if self.has(Fault::ReadsOneTooMany) { limit.saturating_add(1) } else { limit };
        match self.inner.log.read(room, epoch, after, limit).await {
            Err(ReadError::Trimmed) if self.has(Fault::HidesAHole) => Ok(Vec::new()),
            read => read,
        }
    }

    async fn since(&self, room: &RoomKey, known: Head, limit: usize) -> Result<Tail, ReadError> {
        let room = &self.room(room);
        let head = self.inner.log.load(room).await?.head;
        if self.has(Fault::ReadsBehindAnyHead) {
            let entries = self.inner.log.read(room, head.epoch, known.offset, limit).await?;
            return Ok(Tail { head, entries });
        }
        let limit = if self.has(Fault::ReadsOneTooMany) { limit.saturating_add(1) } else { limit };
        let tail = self.inner.log.since(room, self.meant(known, head), limit).await?;
        Ok(Tail { head: self.shown(tail.head), ..tail })
    }

    async fn store_snapshot(&self, room: &RoomKey, head: Head, snapshot: Bytes) -> Result<(), Unavailable> {
        let room = &self.room(room);
        let actual = self.inner.log.load(room).await?.head;
        match self.fault {
            Fault::ForgetsSnapshots => return Ok(()),
            Fault::TakesAnySnapshot => {
                self.state().snapshots.insert(room.clone(), (head.offset, snapshot.clone()));
            }
            _ => {}
        }
        self.inner.log.store_snapshot(room, self.meant(head, actual), snapshot).await
    }

    async fn watch(&self, room: &RoomKey) -> Result<Watch, Unavailable> {
        let room = &self.room(room);
        let head = match self.fault {
            Fault::WatchesFromNothing => Head::default(),
            Fault::ForgetsAHead => self.inner.log.load(room).await?.head,
            _ => return self.inner.log.watch(room).await,
        };
        let mut state = self.state();
        Ok(state.heads.entry(room.clone()).or_insert_with(|| watch::Sender::new(head)).subscribe())
    }

    async fn due(&self, partition: Partition, now_ms: u64, limit: usize) -> Result<Vec<RoomKey>, Unavailable> {
        if self.has(Fault::NeverClearsADeadline) {
            if partition != Partition(0) {
                return Ok(Vec::new());
            }
            let mut deadlines: Vec<_> = self.state().deadlines.clone().into_iter().collect();
            deadlines.sort_by_key(|(_, deadline_ms)| *deadline_ms);
            deadlines.retain(|(_, deadline_ms)| *deadline_ms <= now_ms);
            return Ok(deadlines.into_iter().map(|(room, _)| room).take(limit).collect());
        }
        let mut rooms = self.inner.log.due(partition, now_ms, limit).await?;
        if self.has(Fault::FiresADeadlineOnce) {
            rooms.retain(|room| self.state().fired.insert(room.clone()));
        }
        Ok(rooms.iter().map(|room| self.original(room)).collect())
    }

    async fn list(
        &self,
        tenant: &TenantId,
        after: Option<&RoomName>,
        limit: usize,
    ) -> Result<Vec<RoomName>, Unavailable> {
        let any = RoomKey { tenant: tenant.clone(), room: "any".parse().expect("short") };
        let tenant = self.room(&any).tenant;
        match self.fault {
            Fault::ListsEndedRooms => {
                let state = self.state();
                let names = state.ever.iter().filter(|room| room.tenant == tenant).map(|room| &room.room);
                Ok(names.filter(|name| after.is_none_or(|after| *name > after)).take(limit).cloned().collect())
            }
            Fault::PagesByCount => {
                let all = self.inner.log.list(&tenant, None, usize::MAX).await?;
                let mut state = self.state();
                let skip = if after.is_some() { state.listed } else { 0 };
                let page: Vec<_> = all.into_iter().skip(skip).take(limit).collect();
                state.listed = skip + page.len();
                Ok(page)
            }
            Fault::ListsOneTooMany => self.inner.log.list(&tenant, after, limit + 1).await,
            _ => {
                let names = self.inner.log.list(&tenant, after, limit).await?;
                let original = |room| self.original(&RoomKey { tenant: tenant.clone(), room }).room;
                Ok(names.into_iter().map(original).collect())
            }
        }
    }
}

impl Broken {
    /// Whether a difference between two heads goes unnoticed.
    fn overlooks(&self, expected: Head, actual: Head) -> bool {
        let (epoch, offset, tag) =
            (expected.epoch == actual.epoch, expected.offset == actual.offset, expected.tag == actual.tag);
        match self.fault {
            Fault::IgnoresTheTag => epoch && offset,
            Fault::IgnoresTheEpoch => offset && tag,
            Fault::IgnoresTheOffset => epoch && tag,
            _ => false,
        }
    }

    async fn tell_head(&self, room: &RoomKey) -> Result<(), Unavailable> {
        let head = self.inner.log.load(room).await?.head;
        if self.has(Fault::ForgetsAHead)
            && !self.every(3)
            && let Some(sender) = self.state().heads.get(room)
        {
            sender.send_replace(head);
        }
        Ok(())
    }
}
