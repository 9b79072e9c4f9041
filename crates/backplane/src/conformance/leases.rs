//! Replicas and their rooms.

use std::time::Duration;

use antiphon_protocol::ReplicaId;
use bytes::Bytes;

use super::fixture::{Checked, Failure, Stage, ensure_eq, room};
use crate::{Renewed, Replica};

/// Longer than any test.
const LONG: Duration = Duration::from_secs(3_600);

pub(super) async fn a_lease_that_is_renewed_goes_on(stage: &Stage) -> Checked {
    for (about, expected) in [("new", Renewed::Begun), ("older", Renewed::Held), ("oldest", Renewed::Held)] {
        let renewed = stage.first.leases.renew(replica(1), LONG, about.into()).await?;
        ensure_eq!(renewed, expected, "the lease of the replica that is {about}");
        seen(stage, &[(1, about, false)]).await?;
    }
    Ok(())
}

pub(super) async fn a_lease_that_lapsed_begins_anew(stage: &Stage) -> Checked {
    stage.first.leases.renew(replica(1), LONG, Bytes::new()).await?;
    for _ in 0..2 {
        let renewed = stage.first.leases.renew(replica(2), Duration::ZERO, "gone".into()).await?;
        ensure_eq!(renewed, Renewed::Begun, "a lease that had lapsed, or was never held");
        seen(stage, &[(1, "", false), (2, "gone", true)]).await?;
    }
    ensure_eq!(stage.first.leases.renew(replica(2), LONG, "back".into()).await?, Renewed::Begun, "the last lapsed");
    seen(stage, &[(1, "", false), (2, "back", false)]).await
}

pub(super) async fn a_released_lease_has_lapsed(stage: &Stage) -> Checked {
    stage.first.leases.renew(replica(1), LONG, Bytes::new()).await?;
    stage.first.leases.enter(replica(1), &room("a")).await?;
    stage.first.leases.release(replica(1)).await?;
    stage.first.leases.release(replica(9)).await?;
    seen(stage, &[(1, "", true)]).await
}

pub(super) async fn a_replica_is_seen_from_its_first_lease_on(stage: &Stage) -> Checked {
    stage.first.leases.enter(replica(1), &room("a")).await?;
    seen(stage, &[]).await?;
    stage.first.leases.release(replica(1)).await?;
    seen(stage, &[]).await?;
    ensure_eq!(stage.first.leases.renew(replica(1), LONG, Bytes::new()).await?, Renewed::Begun, "its first lease");
    seen(stage, &[(1, "", false)]).await?;
    entered(stage, 1, &["a"]).await
}

pub(super) async fn a_replica_is_in_the_rooms_that_it_entered_and_did_not_leave(stage: &Stage) -> Checked {
    let leases = &stage.first.leases;
    for name in ["a", "b", "b", "c"] {
        leases.enter(replica(1), &room(name)).await?;
    }
    leases.enter(replica(2), &room("b")).await?;
    entered(stage, 1, &["a", "b", "c"]).await?;
    entered(stage, 2, &["b"]).await?;
    entered(stage, 3, &[]).await?;
    leases.leave(replica(1), &room("b")).await?;
    leases.leave(replica(3), &room("b")).await?;
    entered(stage, 1, &["a", "c"]).await?;
    entered(stage, 2, &["b"]).await?;
    ensure_eq!(stage.second.leases.entered(replica(1), 1).await?.len(), 1, "rooms, one at most");
    Ok(())
}

pub(super) async fn a_replica_is_forgotten_when_it_has_neither_lease_nor_room(stage: &Stage) -> Checked {
    let leases = &stage.first.leases;
    leases.renew(replica(1), LONG, Bytes::new()).await?;
    leases.enter(replica(1), &room("a")).await?;
    leases.forget(replica(1)).await?;
    seen(stage, &[(1, "", false)]).await?;
    leases.release(replica(1)).await?;
    leases.forget(replica(1)).await?;
    seen(stage, &[(1, "", true)]).await?;
    entered(stage, 1, &["a"]).await?;
    leases.leave(replica(1), &room("a")).await?;
    seen(stage, &[(1, "", true)]).await?;
    leases.forget(replica(1)).await?;
    seen(stage, &[]).await
}

fn replica(number: u8) -> ReplicaId {
    ReplicaId::from_random([number; 10])
}

async fn seen(stage: &Stage, expected: &[(u8, &'static str, bool)]) -> Checked {
    let expected: Vec<_> = expected
        .iter()
        .map(|(number, about, has_lapsed)| Replica {
            id: replica(*number),
            about: Bytes::from_static(about.as_bytes()),
            has_lapsed: *has_lapsed,
        })
        .collect();
    ensure_eq!(stage.second.leases.replicas().await?, expected, "the replicas");
    Ok(())
}

async fn entered(stage: &Stage, number: u8, expected: &[&str]) -> Result<(), Failure> {
    let mut rooms = stage.second.leases.entered(replica(number), 100).await?;
    rooms.sort();
    let expected: Vec<_> = expected.iter().map(|name| room(name)).collect();
    ensure_eq!(rooms, expected, "the rooms of replica {number}");
    Ok(())
}
