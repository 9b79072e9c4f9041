//! The mailboxes with a fault in between.

use antiphon_backplane::{
    Mail, MailOffset, MailReadError, MailWatch, Mailbox, Posting, Recipients, SendError, Sent, Unavailable,
};
use antiphon_protocol::{RoomKey, Sid};
use async_trait::async_trait;

use crate::{
    backend::{Broken, as_text},
    fault::Fault,
};

#[async_trait]
impl Mailbox for Broken {
    async fn post(&self, room: &RoomKey, mut posting: Posting) -> Result<Sent, SendError> {
        let room = &self.room(room);
        let (from, generation, seq) = (posting.from, posting.generation, posting.seq);
        match self.fault {
            Fault::StoresText => posting.body = as_text(&posting.body),
            Fault::IgnoresTheGeneration => posting.generation = self.current_generation(room, from),
            Fault::ForgetsDedupe => posting.seq = 0,
            Fault::CountsAllSendersAsOne if seq != 0 && !self.state().used.insert((room.clone(), seq)) => {
                return Ok(Sent::Repeated);
            }
            Fault::DedupesUnnumberedMail if seq == 0 && !self.state().unnumbered.insert((room.clone(), from)) => {
                return Ok(Sent::Repeated);
            }
            Fault::LosesAMessage if self.every(3) => {
                self.inner.mailbox.settle(room, from, generation, seq).await?;
                return Ok(Sent::Stored);
            }
            _ => {}
        }
        let sent = match (self.fault, posting.to.clone()) {
            (Fault::DeliversToSome, Recipients::Many(recipients)) => {
                for to in recipients {
                    let one = Posting { to: Recipients::One(to), seq: 0, ..posting.clone() };
                    self.inner.mailbox.post(room, one).await?;
                }
                Ok(Sent::Stored)
            }
            (Fault::DropsUnwrittenMail, _) => self.post_dropping(room, &posting).await,
            _ => self.inner.mailbox.post(room, posting.clone()).await,
        };
        match (self.fault, &sent) {
            (Fault::SettlesWhatItRefuses, Err(SendError::Full(_) | SendError::NoRecipient(_)))
            | (Fault::ForgetsDedupe, Ok(_)) => self.inner.mailbox.settle(room, from, generation, seq).await?,
            (Fault::DeliversTwice, Ok(Sent::Stored)) => {
                self.inner.mailbox.post(room, Posting { seq: 0, ..posting.clone() }).await?;
            }
            _ => {}
        }
        if sent == Ok(Sent::Stored) && !(self.has(Fault::LosesAWakeUp) && self.every(3)) {
            match posting.to {
                Recipients::One(to) => self.wake(room, to),
                Recipients::Many(recipients) => recipients.into_iter().for_each(|to| self.wake(room, to)),
            }
        }
        sent
    }

    async fn settle(&self, room: &RoomKey, sender: Sid, generation: u32, seq: u32) -> Result<(), SendError> {
        let room = &self.room(room);
        let current = self.current_generation(room, sender);
        let generation = if self.has(Fault::IgnoresTheGeneration) { current } else { generation };
        self.inner.mailbox.settle(room, sender, generation, seq).await
    }

    async fn settled(&self, room: &RoomKey, sender: Sid) -> Result<u32, MailReadError> {
        self.inner.mailbox.settled(&self.room(room), sender).await
    }

    async fn end(&self, room: &RoomKey, owner: Sid) -> Result<MailOffset, MailReadError> {
        let end = self.inner.mailbox.end(&self.room(room), owner).await?;
        Ok(if self.has(Fault::EndsBeforeTheLast) { MailOffset(end.0.saturating_sub(1)) } else { end })
    }

    async fn read(
        &self,
        room: &RoomKey,
        owner: Sid,
        after: MailOffset,
        limit: usize,
    ) -> Result<Vec<Mail>, MailReadError> {
        let limit = if self.has(Fault::ReadsOneTooMany) { limit.saturating_add(1) } else { limit };
        match self.inner.mailbox.read(&self.room(room), owner, after, limit).await {
            Ok(mail) if self.has(Fault::ReordersMail) => Ok(mail.into_iter().rev().collect()),
            Err(MailReadError::Trimmed) if self.has(Fault::HidesAHole) => Ok(Vec::new()),
            read => read,
        }
    }

    async fn mark_written(&self, room: &RoomKey, owner: Sid, through: MailOffset) -> Result<(), Unavailable> {
        if self.has(Fault::KeepsWrittenMail) {
            return Ok(());
        }
        self.inner.mailbox.mark_written(&self.room(room), owner, through).await
    }

    async fn trim(&self, room: &RoomKey, owner: Sid, through: MailOffset) -> Result<(), Unavailable> {
        if self.has(Fault::IgnoresAcknowledgements) {
            return Ok(());
        }
        self.inner.mailbox.trim(&self.room(room), owner, through).await
    }

    async fn watch(&self, room: &RoomKey, owner: Sid) -> Result<MailWatch, MailReadError> {
        let room = &self.room(room);
        let watch = self.inner.mailbox.watch(room, owner).await?;
        match self.fault {
            Fault::LosesAWakeUp | Fault::WakesOnlyWhoWaits | Fault::WakesOneOfTwo => {}
            _ => return Ok(watch),
        }
        let mut state = self.state();
        let watches = state.wakes.entry((room.clone(), owner)).or_default();
        if watches.is_empty() || !self.has(Fault::WakesOneOfTwo) {
            watches.push(MailWatch::default());
        }
        Ok(watches.last().expect("pushed where there was none").clone())
    }
}

impl Broken {
    fn current_generation(&self, room: &RoomKey, sid: Sid) -> u32 {
        self.state().generations.get(&(room.clone(), sid)).copied().unwrap_or_default()
    }

    /// Makes room at the expense of what is unwritten.
    async fn post_dropping(&self, room: &RoomKey, posting: &Posting) -> Result<Sent, SendError> {
        let mut through = 0;
        loop {
            match self.inner.mailbox.post(room, posting.clone()).await {
                Err(SendError::Full(full)) if through < 100 => {
                    through += 1;
                    self.inner.mailbox.mark_written(room, full, MailOffset(through)).await?;
                }
                sent => return sent,
            }
        }
    }
}
