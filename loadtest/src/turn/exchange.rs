//! Packets that go from the clients through their relays to a peer and back, a fixed number of them in flight.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    time::{Duration, Instant},
};

use super::{
    allocations::{Allocation, Allocations},
    clients::{Clients, ended},
    payload::{Label, Payload},
    socket::{BatchSocket, Datagram, wait_for_any},
    wire::{Carriage, Relayed, channel_of, read_relayed, write_channel_head, write_send_indication},
};
use crate::{
    fault::{Fault, Tally},
    histogram::Histogram,
};

/// A packet that has not come back by then is lost.
const LOST_AFTER: Duration = Duration::from_secs(1);
const POLL: Duration = Duration::from_millis(10);
/// Of a thousand packets so many may be lost: a full buffer of the kernel's, not the server's fault nor the client's.
const LOSS_BOUND: f64 = 0.001;

/// What is sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    pub(super) carriage: Carriage,
    /// Bytes of a packet, as its sender gives them to the relay.
    pub(super) bytes: usize,
    /// Clients that send, in turn.
    pub(super) allocations: usize,
    /// Packets in flight, of all clients together.
    pub(super) window: usize,
}

/// What was counted while it was measured.
#[derive(Debug)]
pub(super) struct Exchanged<C> {
    pub(super) seconds: f64,
    /// Relayed packets: each way counts.
    pub(super) packets: u64,
    pub(super) sent: u64,
    pub(super) lost: u64,
    /// There and back.
    pub(super) round_trips: Histogram,
    /// What the caller read at the beginning and the end.
    pub(super) before: C,
    pub(super) after: C,
}

/// Who takes part.
pub(super) struct Exchange<'a> {
    allocations: &'a mut Allocations,
    peer: &'a mut BatchSocket,
    peer_address: SocketAddr,
    cell: Cell,
    payload: Payload,
    flight: Flight,
    faults: &'a Tally,
}

/// The packets on their way. A packet's place is its sequence number modulo the window.
#[derive(Debug)]
struct Flight {
    places: Vec<Option<Sent>>,
    free: Vec<usize>,
    /// How often each place was used, all runs together: no sequence number comes twice.
    first_lap: u64,
    laps: Vec<u64>,
    next_allocation: u32,
    lost: BTreeSet<u64>,
    reached: u64,
    returned: u64,
    sent: u64,
    round_trips: Histogram,
}

#[derive(Debug, Clone, Copy)]
struct Sent {
    label: Label,
    at: Instant,
}

impl<'a> Exchange<'a> {
    /// `run` tells this exchange's packets from those of others, which may still be on their way.
    pub(super) fn new(
        (allocations, peer): (&'a mut Allocations, &'a mut BatchSocket),
        cell: Cell,
        run: u16,
        faults: &'a Tally,
    ) -> Result<Self, Fault> {
        let peer_address = peer.local_address().map_err(ended)?;
        let (payload, flight) = (Payload::new(cell.bytes), Flight::new(cell.window, run));
        Ok(Self { allocations, peer, peer_address, cell, payload, flight, faults })
    }

    /// Keeps the packets going, counts for `duration` after `settle`, and waits for those that are still on their way.
    ///
    /// # Errors
    /// When a socket fails, or `read` does.
    pub(super) fn run<C>(
        mut self,
        settle: Duration,
        duration: Duration,
        mut read: impl FnMut() -> anyhow::Result<C>,
    ) -> anyhow::Result<Exchanged<C>> {
        self.until(Instant::now() + settle)?;
        self.flight.round_trips = Histogram::default();
        let (reached, begun, before) = (self.flight.relayed(), Instant::now(), read()?);
        self.until(begun + duration)?;
        let (seconds, after) = (begun.elapsed().as_secs_f64(), read()?);
        let packets = self.flight.relayed() - reached;
        self.drain()?;
        let (sent, lost) = (self.flight.sent, self.flight.lost.len() as u64);
        if lost as f64 > sent as f64 * LOSS_BOUND {
            self.faults.record(&Fault::Loss { lost, sent });
        }
        Ok(Exchanged { seconds, packets, sent, lost, round_trips: self.flight.round_trips, before, after })
    }

    fn until(&mut self, deadline: Instant) -> Result<(), Fault> {
        let mut message = Vec::new();
        while Instant::now() < deadline {
            while let Some(label) = self.flight.depart(self.cell.allocations as u32, Instant::now()) {
                self.send(label, &mut message)?;
            }
            self.receive()?;
        }
        Ok(())
    }

    fn drain(&mut self) -> Result<(), Fault> {
        while self.flight.is_under_way() {
            self.receive()?;
        }
        Ok(())
    }

    fn send(&self, label: Label, message: &mut Vec<u8>) -> Result<(), Fault> {
        let (payload, bytes) = (&self.payload, self.payload.len());
        message.clear();
        match self.cell.carriage {
            Carriage::ChannelData => {
                write_channel_head(channel_of(label.allocation), bytes, message);
                payload.write(label, message);
            }
            Carriage::Indication => {
                write_send_indication(label.sequence, self.peer_address, bytes, message, |message| {
                    payload.write(label, message);
                });
            }
        }
        let client = self.allocations.list()[label.allocation as usize].client;
        self.allocations.clients.send(client, message).map_err(ended)
    }

    fn receive(&mut self) -> Result<(), Fault> {
        let came = self.receive_at_peer()? + self.receive_at_clients()?;
        if came == 0 {
            self.flight.give_up(Instant::now());
            wait_for_any([&*self.peer, self.allocations.clients.socket()], POLL).map_err(ended)?;
        }
        Ok(())
    }

    /// The peer sends everything back to where it came from, and that has to be the sender's relay.
    fn receive_at_peer(&mut self) -> Result<usize, Fault> {
        let Self { allocations, peer, payload, flight, faults, .. } = self;
        let list = allocations.list();
        let mut unsent = None;
        let came = peer.receive(|sender, Datagram { from, bytes, .. }| {
            match check_at_peer(payload, flight, list, from, bytes) {
                Ok(true) => unsent = sender.send(None, from, bytes).err().or(unsent.take()),
                Ok(false) => {}
                Err(fault) => faults.record(&fault),
            }
        });
        unsent.map_or(Ok(()), |error| Err(ended(error)))?;
        came.map_err(ended)
    }

    fn receive_at_clients(&mut self) -> Result<usize, Fault> {
        let Self { allocations, peer_address, cell, payload, flight, faults, .. } = self;
        let Allocations { clients, list, .. } = &mut **allocations;
        let came = clients.receive(|datagram| {
            if let Err(fault) = check_at_client((payload, flight), list, (cell.carriage, *peer_address), datagram) {
                faults.record(&fault);
            }
        });
        came.map_err(ended)
    }
}

/// Whether it is a packet of this exchange.
fn check_at_peer(
    payload: &Payload,
    flight: &mut Flight,
    list: &[Allocation],
    from: SocketAddr,
    bytes: &[u8],
) -> Result<bool, Fault> {
    let Some(label) = payload.label(bytes).filter(|label| flight.is_of_this_run(*label)) else { return Ok(false) };
    if !payload.is_intact(label, bytes) {
        return Err(Fault::Damaged(format!("{label:?}, at the peer")));
    }
    if list.get(label.allocation as usize).is_none_or(|allocation| allocation.relayed != from) {
        return Err(Fault::Unexpected(format!("{label:?} from {from}, another's relay")));
    }
    flight.reached += 1;
    Ok(true)
}

fn check_at_client(
    (payload, flight): (&Payload, &mut Flight),
    list: &[Allocation],
    (carriage, peer): (Carriage, SocketAddr),
    datagram: Datagram<'_>,
) -> Result<(), Fault> {
    // Answers to requests that were asked twice are no relayed packets.
    let Some(relayed) = read_relayed(datagram.bytes) else { return Ok(()) };
    let (Relayed::ChannelData { data, .. } | Relayed::Indication { data, .. }) = relayed;
    let Some(label) = payload.label(data).filter(|label| flight.is_of_this_run(*label)) else { return Ok(()) };
    if !payload.is_intact(label, data) {
        return Err(Fault::Damaged(format!("{label:?}, at the client")));
    }
    let expected = match carriage {
        Carriage::ChannelData => Relayed::ChannelData { channel: channel_of(label.allocation), data },
        Carriage::Indication => Relayed::Indication { peer, data },
    };
    let client = list.get(label.allocation as usize).map(|allocation| Clients::address(allocation.client));
    if relayed != expected || datagram.to != client {
        return Err(Fault::Unexpected(format!("{label:?} came by another way, to {:?}", datagram.to)));
    }
    flight.land(label, Instant::now())
}

impl Flight {
    fn new(window: usize, run: u16) -> Self {
        Self {
            places: vec![None; window],
            free: (0..window).collect(),
            first_lap: u64::from(run) << 48,
            laps: vec![0; window],
            next_allocation: 0,
            lost: BTreeSet::new(),
            reached: 0,
            returned: 0,
            sent: 0,
            round_trips: Histogram::default(),
        }
    }

    fn is_of_this_run(&self, label: Label) -> bool {
        label.sequence >> 48 == self.first_lap >> 48
    }

    fn is_under_way(&self) -> bool {
        self.free.len() < self.places.len()
    }

    /// Packets that arrived, at either end.
    fn relayed(&self) -> u64 {
        self.reached + self.returned
    }

    /// The next packet to send, if there is a place for it.
    fn depart(&mut self, allocations: u32, now: Instant) -> Option<Label> {
        let place = self.free.pop()?;
        let sequence = self.first_lap + self.laps[place] * self.places.len() as u64 + place as u64;
        let label = Label { allocation: self.next_allocation, sequence };
        self.laps[place] += 1;
        self.next_allocation = (self.next_allocation + 1) % allocations;
        self.places[place] = Some(Sent { label, at: now });
        self.sent += 1;
        Some(label)
    }

    /// A packet has come back.
    fn land(&mut self, label: Label, now: Instant) -> Result<(), Fault> {
        let place = ((label.sequence - self.first_lap) % self.places.len() as u64) as usize;
        match self.places[place].take_if(|sent| sent.label == label) {
            Some(sent) => {
                self.free.push(place);
                self.returned += 1;
                self.round_trips.record_time(now - sent.at);
                Ok(())
            }
            // Late, but not lost after all.
            None if self.lost.remove(&label.sequence) => Ok(()),
            None => Err(Fault::Unexpected(format!("{label:?} a second time"))),
        }
    }

    /// What is overdue makes place for others.
    fn give_up(&mut self, now: Instant) {
        for (place, sent) in self.places.iter_mut().enumerate() {
            if let Some(overdue) = sent.take_if(|sent| now - sent.at > LOST_AFTER) {
                self.lost.insert(overdue.label.sequence);
                self.free.push(place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_lands_once_and_makes_place_for_the_next() {
        let (mut flight, now) = (Flight::new(2, 1), Instant::now());
        let first = flight.depart(10, now).expect("a place");
        let second = flight.depart(10, now).expect("a place");
        assert_eq!((first.allocation, second.allocation, flight.depart(10, now)), (0, 1, None));
        assert!(flight.land(second, now).is_ok());
        assert!(matches!(flight.land(second, now), Err(Fault::Unexpected(_))), "a second time");
        let third = flight.depart(10, now).expect("a place");
        assert_ne!(third.sequence, second.sequence);
        assert!(matches!(flight.land(second, now), Err(Fault::Unexpected(_))), "after its place was taken");
        assert!(flight.land(third, now).is_ok() && flight.land(first, now).is_ok());
        assert!(!flight.is_under_way());
    }

    #[test]
    fn an_overdue_packet_is_lost_until_it_comes() {
        let (mut flight, now) = (Flight::new(1, 0), Instant::now());
        let label = flight.depart(1, now).expect("a place");
        flight.give_up(now + LOST_AFTER);
        assert!(flight.lost.is_empty());
        flight.give_up(now + LOST_AFTER + Duration::from_millis(1));
        assert_eq!((flight.lost.len(), flight.is_under_way()), (1, false));
        assert!(flight.land(label, now).is_ok());
        assert!(flight.lost.is_empty());
    }

    #[test]
    fn another_runs_packets_are_told_apart() {
        let (mut flight, now) = (Flight::new(1, 7), Instant::now());
        let label = flight.depart(1, now).expect("a place");
        assert!(flight.is_of_this_run(label));
        assert!(!Flight::new(1, 6).is_of_this_run(label));
    }
}
