//! Which endpoints of a tenant are told of what, as its rooms' actors need to know it.

use antiphon_protocol::{RoomKey, v1};
use bytes::Bytes;

use super::{
    EventFilter,
    letter::{Address, Letter, body, to_bytes},
    names::EndpointName,
};

/// The endpoints of one tenant; at least one.
#[derive(Debug)]
pub(crate) struct Subscribers(Vec<(EndpointName, EventFilter)>);

impl Subscribers {
    pub(super) fn new(endpoints: impl IntoIterator<Item = (EndpointName, EventFilter)>) -> Self {
        Self(endpoints.into_iter().collect())
    }

    /// The letters that an event makes, one for each endpoint that is told of it.
    pub(crate) fn letters(&self, event: &v1::WebhookEvent, key: &RoomKey) -> Vec<Bytes> {
        let told: Vec<_> = self.0.iter().filter(|(_, filter)| filter.takes(&event.r#type)).collect();
        if told.is_empty() {
            return Vec::new();
        }
        let body = body(event);
        let letter = |(endpoint, _): &(EndpointName, EventFilter)| Letter {
            address: Address {
                tenant: key.tenant.clone(),
                endpoint: endpoint.to_string(),
                room: key.room.clone(),
                // Whole milliseconds by construction.
                at_ms: event.at_ms as u64,
            },
            id: event.id.clone(),
            kind: event.r#type.clone(),
            body: body.clone(),
        };
        told.into_iter().map(|endpoint| to_bytes(&letter(endpoint))).collect()
    }
}
