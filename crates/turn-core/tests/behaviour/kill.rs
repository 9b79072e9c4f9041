//! Listing allocations and ending them.

use antiphon_turn_core::{AllocationId, Client, EndReason, Selection, Transport};

use crate::support::{Bed, PEER, udp, user_id};

fn of_tenant(tenant: &str) -> Selection {
    Selection { tenant: Some(tenant.parse().expect(tenant)), ..Selection::default() }
}

fn of_user(user: &str) -> Selection {
    Selection { user: Some(user_id(user)), ..Selection::default() }
}

#[test]
fn allocations_are_listed_and_killed_by_tenant_by_user_and_by_id() {
    let mut bed = Bed::new();
    let ids = ["acme/ada", "acme/ada", "acme/bob", "other/ada", "other/eve"];
    let users: Vec<_> =
        (1000..).zip(ids).map(|(port, id)| bed.allocated(id, udp(&format!("203.0.113.1:{port}"))).0).collect();
    let count = |bed: &Bed, selection: &Selection| bed.relay.allocations(selection).count();
    assert_eq!(
        [of_tenant("acme"), of_tenant("none"), of_user("acme/ada")].map(|selection| count(&bed, &selection)),
        [3, 0, 2]
    );
    let foreign = Selection { tenant: Some("other".parse().expect("a name")), ..of_user("acme/ada") };
    assert_eq!(bed.relay.kill(&foreign), 0, "a tenant kills its own only");
    assert_eq!(bed.relay.kill(&of_user("acme/ada")), 2);
    bed.drive();
    assert_eq!((bed.count(), bed.bound.len()), (3, 3));
    assert!(bed.ended.iter().all(|(view, reason)| view.user.as_str() == "acme/ada" && *reason == EndReason::Killed));
    assert_eq!(bed.refresh(&users[0], 600).code(), Some(437), "its client is told");
    assert_eq!(bed.relay.kill(&of_tenant("other")), 2);
    let last: AllocationId = bed.relay.allocations(&Selection::default()).next().expect("one is left").id;
    assert_eq!(bed.relay.kill(&Selection { id: Some(last), ..Selection::default() }), 1);
    bed.drive();
    assert_eq!((bed.count(), bed.bound.len(), bed.ledger.allocations()), (0, 0, 0));
}

#[test]
fn a_killed_clients_connection_is_closed() {
    let mut bed = Bed::new();
    let client =
        Client { transport: Transport::Tls, socket: 9, remote: "203.0.113.1:1000".parse().expect("an address") };
    bed.allocated("acme/ada", client);
    bed.allocated("acme/bob", udp("203.0.113.1:1000"));
    assert_eq!(bed.relay.kill(&Selection::default()), 2);
    bed.drive();
    assert_eq!(bed.closed_clients, [client]);
}

#[test]
fn what_comes_late_for_an_allocation_does_not_reach_the_next_one_in_its_place() {
    let mut bed = Bed::new();
    let (_, relayed) = bed.allocated("acme/ada", udp("203.0.113.1:1000"));
    let late = *bed.bound.keys().next().expect("one");
    assert_eq!(bed.bound[&late], relayed);
    bed.relay.kill(&Selection::default());
    bed.drive();
    let (bob, _) = bed.allocated("acme/bob", udp("203.0.113.1:1001"));
    bed.permit(&bob, PEER);
    assert_eq!(bed.relay.handle_peer(bed.now, late, PEER.parse().expect("an address"), 5), None);
}
