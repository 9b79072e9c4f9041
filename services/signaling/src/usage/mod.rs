//! What each tenant uses, and how much it may: docs/tenants.md says what is counted.
//!
//! [`tally`] counts, pure; [`meter`] is what rooms and connections count with; [`quotas`] says how much a tenant may have.
//!
//! Every event is counted by the replica that appended it, and every frame by the one that carried it: the counts of replicas add up
//! to the tenant's, and none is counted twice. A quota holds for the rooms and sessions that this replica has counted.

mod meter;
mod quotas;
mod tally;

pub(crate) use meter::{Claim, Meter, Usage};
pub(crate) use quotas::Quotas;
pub use quotas::{QuotasConfig, QuotasFileError};
pub(crate) use tally::{HOURS, Hour, HourCounts};
