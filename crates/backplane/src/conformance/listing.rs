//! Which rooms a tenant has.

use antiphon_protocol::{RoomKey, RoomName};

use super::fixture::{Checked, Failure, Stage, batch, ensure_eq, room, room_of};
use crate::Batch;

pub(super) async fn rooms_are_listed_from_their_first_entry_to_their_end(stage: &Stage) -> Checked {
    listed(stage, "tenant", None, 10, &[]).await?;
    stage.first.log.load(&room("looked-at")).await?;
    let _watch = stage.first.log.watch(&room("looked-at")).await?;
    listed(stage, "tenant", None, 10, &[]).await?;
    for name in ["a", "b"] {
        stage.append(&room(name), batch(["first"])).await?;
        stage.append(&room(name), batch(["second"])).await?;
    }
    listed(stage, "tenant", None, 10, &["a", "b"]).await?;
    stage.end(&room("a")).await?;
    listed(stage, "tenant", None, 10, &["b"]).await?;
    let at_once = Batch { ends: true, ..batch(["begins", "ends"]) };
    stage.append(&room("short"), at_once).await?;
    listed(stage, "tenant", None, 10, &["b"]).await?;
    stage.append(&room("a"), batch(["again"])).await?;
    listed(stage, "tenant", None, 10, &["a", "b"]).await
}

pub(super) async fn pages_of_rooms_follow_one_another_in_the_order_of_their_names(stage: &Stage) -> Checked {
    for name in ["d", "b", "B", "a b", "c", "ä"] {
        stage.append(&room(name), batch(["first"])).await?;
    }
    listed(stage, "tenant", None, 2, &["B", "a b"]).await?;
    listed(stage, "tenant", Some("a b"), 3, &["b", "c", "d"]).await?;
    listed(stage, "tenant", Some("d"), 3, &["ä"]).await?;
    listed(stage, "tenant", Some("ä"), 3, &[]).await?;
    listed(stage, "tenant", Some("bb"), 1, &["c"]).await
}

pub(super) async fn rooms_of_another_tenant_are_not_listed(stage: &Stage) -> Checked {
    for (tenant, name) in [("a", "x"), ("a", "y"), ("ab", "x"), ("b", "z")] {
        stage.append(&room_of(tenant, name), batch(["first"])).await?;
    }
    listed(stage, "a", None, 10, &["x", "y"]).await?;
    listed(stage, "ab", None, 10, &["x"]).await?;
    listed(stage, "a", Some("y"), 10, &[]).await?;
    listed(stage, "c", None, 10, &[]).await
}

pub(super) async fn pages_miss_no_room_that_stays(stage: &Stage) -> Checked {
    let names: Vec<String> = (0..9).map(|number| format!("room-{number}")).collect();
    for name in &names {
        stage.append(&room(name), batch(["first"])).await?;
    }
    let mut seen: Vec<RoomName> = Vec::new();
    loop {
        let page = stage.second.log.list(&room("any").tenant, seen.last(), 2).await?;
        let Some(last) = page.last().cloned() else { break };
        seen.extend(page);
        // The one that the next page begins behind goes.
        stage.end(&RoomKey { room: last, ..room("any") }).await?;
    }
    let seen: Vec<_> = seen.iter().map(|name| name.as_str().to_owned()).collect();
    ensure_eq!(seen, names, "rooms on all pages");
    Ok(())
}

async fn listed(stage: &Stage, tenant: &str, after: Option<&str>, limit: usize, expected: &[&str]) -> Checked {
    let tenant = room_of(tenant, "any").tenant;
    let name = |name: &str| -> Result<RoomName, Failure> { Ok(name.parse()?) };
    let after_name = after.map(name).transpose()?;
    let rooms = stage.second.log.list(&tenant, after_name.as_ref(), limit).await?;
    let expected = expected.iter().map(|expected| name(expected)).collect::<Result<Vec<_>, _>>()?;
    ensure_eq!(rooms, expected, "{limit} rooms of {tenant} behind {after:?}");
    Ok(())
}
