//! The suite that every implementation of the traits passes.
//!
//! ```
//! use antiphon_backplane::{conformance, memory::{self, MemoryConfig}};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let report = conformance::run(async || {
//!     let backplane = memory::backplane(MemoryConfig { limits: conformance::LIMITS, ..MemoryConfig::default() });
//!     [backplane.clone(), backplane]
//! })
//! .await;
//! assert!(report.passed(), "{report}");
//! # }
//! ```
//!
//! The checks wait for what they expect, never for time to pass, and give up after [`PATIENCE`]. On a paused tokio
//! clock a broken implementation fails at once.

mod append;
mod bounds;
mod dead_letters;
mod deadlines;
mod fixture;
mod leases;
mod listing;
mod lives;
mod mail;
mod mail_watch;
mod outbox;
mod outbox_bounds;
mod race;
mod read;
mod restart;
mod senders;
mod since;
mod snapshot;
mod tenants;
mod watch;

use std::{fmt, time::Duration};

use self::fixture::{Failure, Stage};
use crate::{Backplane, Limits};

/// What the implementation under test is set up with.
pub const LIMITS: Limits = Limits {
    log_entries: 16,
    log_bytes: 16 << 10,
    mailbox_messages: 8,
    mailbox_bytes: 4 << 10,
    bans: 8,
    outbox_messages: 64,
    outbox_bytes: 16 << 10,
    dead_letters: 8,
    dead_letter_bytes: 4 << 10,
};

/// How long a check waits for what it expects.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// What became of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The behaviour that was looked for.
    pub check: &'static str,
    /// What was seen instead; `None`: it passed.
    pub failure: Option<String>,
}

/// What became of every check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// In the order of [`CHECKS`].
    pub outcomes: Vec<Outcome>,
}

impl Report {
    /// Whether every check passed.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.failed().next().is_none()
    }

    /// The checks that did not pass.
    pub fn failed(&self) -> impl Iterator<Item = &'static str> {
        self.outcomes.iter().filter(|outcome| outcome.failure.is_some()).map(|outcome| outcome.check)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for outcome in &self.outcomes {
            match &outcome.failure {
                None => writeln!(formatter, "passed  {}", outcome.check)?,
                Some(failure) => writeln!(formatter, "FAILED  {}: {failure}", outcome.check)?,
            }
        }
        Ok(())
    }
}

macro_rules! checks {
    ($($module:ident::$check:ident,)*) => {
        /// The names of the checks.
        pub const CHECKS: &[&str] = &[$(stringify!($check),)*];

        /// Runs every check. `replicas` makes an empty engine with [`LIMITS`] and gives two replicas' views of it; an
        /// implementation for one process gives the same view twice.
        pub async fn run(replicas: impl AsyncFn() -> [Backplane; 2]) -> Report {
            let mut outcomes = Vec::with_capacity(CHECKS.len());
            $({
                let stage = Stage::new(replicas().await);
                let failure = examine(Box::pin($module::$check(&stage))).await;
                outcomes.push(Outcome { check: stringify!($check), failure });
            })*
            Report { outcomes }
        }
    };
}

checks! {
    append::a_room_never_written_to_has_an_empty_log,
    append::an_accepted_batch_is_seen_by_every_replica,
    append::offsets_are_dense_and_in_order,
    append::payloads_come_back_byte_for_byte,
    append::each_batch_has_its_own_tag,
    append::an_append_behind_the_head_is_given_the_exact_tail,
    append::an_append_with_a_foreign_tag_loses,
    append::an_append_with_a_foreign_epoch_loses,
    append::an_append_beyond_the_head_loses,
    append::a_losing_append_changes_nothing,
    append::an_append_whose_answer_was_lost_finds_itself_in_the_tail,
    race::two_racing_appenders_lose_nothing,
    race::many_racing_appenders_lose_nothing,
    race::of_appends_against_one_head_one_wins,
    read::a_range_begins_behind_its_start_and_keeps_to_its_limit,
    read::reading_beyond_the_head_is_refused,
    read::reading_another_epoch_is_refused,
    since::what_came_behind_a_head_comes_with_the_end,
    since::nothing_is_read_behind_a_head_that_is_not_in_the_log,
    snapshot::a_snapshot_stands_for_what_it_covers,
    snapshot::an_older_snapshot_is_ignored,
    snapshot::a_snapshot_of_another_history_is_ignored,
    snapshot::a_capped_log_has_no_holes,
    snapshot::what_no_snapshot_covers_is_kept,
    snapshot::a_conflict_across_trimmed_entries_has_no_tail,
    watch::a_watch_begins_at_the_head,
    watch::a_watch_ends_at_the_last_head,
    watch::a_watch_of_an_unwritten_room_sees_its_first_batch,
    watch::a_watch_sees_the_room_end,
    lives::a_room_that_ended_is_empty_in_a_greater_epoch,
    lives::an_ended_room_takes_nothing_of_its_earlier_life,
    lives::each_life_of_a_room_has_a_greater_epoch,
    lives::a_ban_outlives_the_room,
    lives::a_ban_that_ran_out_is_not_loaded,
    lives::the_later_of_two_bans_holds,
    lives::a_lifted_ban_is_over,
    lives::bans_beyond_the_limit_push_out_the_one_that_ends_first,
    restart::a_restarted_log_begins_at_its_first_entry_in_a_greater_epoch,
    restart::of_two_restarts_one_wins,
    restart::a_log_that_is_empty_can_be_restarted,
    restart::a_restart_closes_mailboxes_and_opens_its_own,
    restart::a_restart_is_no_end,
    restart::an_end_is_remembered,
    deadlines::rooms_fall_due_at_their_time_and_earliest_first,
    deadlines::a_room_stays_due_until_it_is_written_to,
    deadlines::a_deadline_moves_with_each_batch,
    deadlines::a_deadline_is_cleared_by_a_batch_without_one,
    deadlines::a_deadline_goes_when_the_room_ends,
    listing::rooms_are_listed_from_their_first_entry_to_their_end,
    listing::pages_of_rooms_follow_one_another_in_the_order_of_their_names,
    listing::rooms_of_another_tenant_are_not_listed,
    listing::pages_miss_no_room_that_stays,
    tenants::rooms_of_two_tenants_with_one_name_are_apart,
    tenants::a_separator_in_a_name_does_not_join_two_rooms,
    mail::mail_arrives_as_posted_and_in_order,
    mail::reading_mail_keeps_to_its_range,
    mail::acknowledged_mail_is_gone,
    mail::a_mailbox_ends_at_its_last_message,
    mail::mail_to_several_reaches_each_once,
    mail::mail_to_several_reaches_all_or_none,
    mail::mail_to_nobody_is_refused,
    mail::a_closed_mailbox_loses_what_it_held,
    mail::the_end_of_a_room_closes_its_mailboxes,
    senders::a_repeated_seq_is_taken_once,
    senders::each_sender_counts_for_itself,
    senders::unnumbered_mail_is_always_taken,
    senders::a_settled_seq_counts_as_posted,
    senders::a_refused_posting_is_not_settled,
    senders::mail_of_another_generation_is_refused,
    senders::a_new_generation_keeps_mail_and_count,
    senders::a_sender_that_left_is_refused,
    bounds::a_mailbox_is_full_by_count,
    bounds::a_mailbox_is_full_by_bytes,
    bounds::written_mail_gives_way,
    bounds::written_bytes_give_way,
    bounds::acknowledged_mail_makes_room,
    bounds::a_full_mailbox_among_several_refuses_for_all,
    mail_watch::a_posting_before_the_wait_leaves_a_permit,
    mail_watch::a_wait_that_began_is_woken,
    mail_watch::every_watch_of_a_mailbox_is_told,
    mail_watch::closing_a_mailbox_wakes_its_watch,
    mail_watch::racing_senders_lose_nothing_and_keep_their_order,
    outbox::what_a_batch_sends_is_read_as_sent_and_in_order,
    outbox::a_losing_append_sends_nothing,
    outbox::a_room_sends_through_one_partition,
    outbox::reading_an_outbox_keeps_to_its_range,
    outbox::what_is_settled_is_gone_and_the_rest_stays,
    outbox::a_place_is_never_given_again,
    outbox::a_room_that_ended_has_sent_what_it_sent,
    outbox::racing_appenders_send_what_they_append,
    outbox_bounds::an_outbox_beyond_its_messages_loses_the_oldest_and_says_so,
    outbox_bounds::an_outbox_beyond_its_bytes_loses_the_oldest_and_says_so,
    outbox_bounds::what_is_settled_makes_room,
    outbox_bounds::every_watch_of_an_outbox_is_told,
    outbox_bounds::a_message_before_the_wait_leaves_a_permit,
    dead_letters::dead_letters_come_back_in_order_and_by_the_page,
    dead_letters::a_letter_is_buried_once,
    dead_letters::a_dead_letter_is_found_by_its_id,
    dead_letters::an_exhumed_letter_is_gone,
    dead_letters::lanes_do_not_meet,
    dead_letters::beyond_the_bound_the_oldest_letters_go_and_are_counted,
    leases::a_lease_that_is_renewed_goes_on,
    leases::a_lease_that_lapsed_begins_anew,
    leases::a_released_lease_has_lapsed,
    leases::a_replica_is_seen_from_its_first_lease_on,
    leases::a_replica_is_in_the_rooms_that_it_entered_and_did_not_leave,
    leases::a_replica_is_forgotten_when_it_has_neither_lease_nor_room,
}

async fn examine(check: impl Future<Output = Result<(), Failure>>) -> Option<String> {
    match tokio::time::timeout(2 * PATIENCE, check).await {
        Ok(result) => result.err().map(|failure| failure.0),
        Err(_) => Some("did not come to an end".to_owned()),
    }
}
