//! What the tenant uses.

use std::sync::Arc;

use antiphon_room_core::Millis;
use antiphon_service_kit::problem::Problem;
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    access::Admin,
    extract::{Parameters, invalid},
};
use crate::{
    Shared,
    room::wall_clock,
    usage::{HOURS, Hour, HourCounts},
};

/// Which hours.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct UsageQuery {
    /// The last so many hours, the present one included.
    #[param(minimum = 1, maximum = 48, default = 25)]
    hours: Option<usize>,
}

/// A day, and the hour that is not over.
const USUAL_HOURS: usize = 25;

/// What the tenant uses, as this replica counted it; what the replicas say adds up.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Usage {
    /// When this replica began to count, in milliseconds since the Unix epoch. An earlier hour is missing, and the hour that this is in is
    /// not whole.
    counting_since_ms: u64,
    /// Rooms at this moment.
    rooms: u64,
    /// Sessions at this moment.
    participants: u64,
    /// Hours that had any use, oldest first.
    hours: Vec<UsageHour>,
}

/// What was used in a whole hour of UTC.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UsageHour {
    /// When it begins, in milliseconds since the Unix epoch.
    #[schema(example = 1_763_650_800_000_u64)]
    starts_at_ms: u64,
    /// It is over: these figures stay.
    complete: bool,
    /// Minutes of all sessions together, from each one's join to its end.
    #[schema(example = 90.25)]
    participant_minutes: f64,
    /// Sessions at once, at most.
    peak_participants: u64,
    /// Rooms that began.
    rooms_started: u64,
    /// Messages of clients.
    messages: u64,
    /// Bytes of frames that clients were sent.
    bytes_relayed: u64,
}

/// Shows what the tenant uses, hour by hour.
#[utoipa::path(get, path = "/v1/usage", tag = "usage", params(UsageQuery), responses((status = 200, body = Usage)))]
pub(super) async fn get_usage(
    State(shared): State<Arc<Shared>>,
    admin: Admin,
    Parameters(query): Parameters<UsageQuery>,
) -> Result<Json<Usage>, Problem> {
    let hours = query.hours.unwrap_or(USUAL_HOURS);
    if !(1..=HOURS).contains(&hours) {
        return Err(invalid("hours", format!("hours must be 1 to {HOURS}")));
    }
    let now = wall_clock();
    let (counts, rooms, participants) = shared.usage.meter(admin.tenant()).read(Hour::of(now).minus(hours - 1), now);
    let hours = counts.iter().map(|counts| UsageHour::new(counts, now)).collect();
    Ok(Json(Usage { counting_since_ms: shared.usage.since.0, rooms, participants, hours }))
}

impl UsageHour {
    fn new(HourCounts { hour, counts }: &HourCounts, now: Millis) -> Self {
        Self {
            starts_at_ms: hour.begins().0,
            complete: *hour < Hour::of(now),
            participant_minutes: counts.participant_ms as f64 / 60_000.0,
            peak_participants: counts.peak_participants,
            rooms_started: counts.rooms_started,
            messages: counts.messages,
            bytes_relayed: counts.bytes_relayed,
        }
    }
}
