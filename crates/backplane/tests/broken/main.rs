//! Deliberately broken backends, and the checks of the suite that catch them.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each fault shows in one place or two and leaves the rest as it is"
)]

mod backend;
mod fault;
mod leases;
mod log;
mod mailbox;
mod outbox;

use std::collections::BTreeSet;

use antiphon_backplane::conformance::{self, CHECKS};

use crate::{backend::Broken, fault::Fault};

/// Which check is there for which fault. Others may fail besides.
const CAUGHT_BY: &[(Fault, &[&str])] = &[
    (Fault::DropsAnAppend, &["offsets_are_dense_and_in_order", "two_racing_appenders_lose_nothing"]),
    (Fault::DoublesAnEntry, &["offsets_are_dense_and_in_order", "an_accepted_batch_is_seen_by_every_replica"]),
    (Fault::ReordersABatch, &["offsets_are_dense_and_in_order", "two_racing_appenders_lose_nothing"]),
    (Fault::TakesHalfABatch, &["an_accepted_batch_is_seen_by_every_replica"]),
    (Fault::StoresText, &["payloads_come_back_byte_for_byte", "mail_arrives_as_posted_and_in_order"]),
    (
        Fault::AcceptsAStaleHead,
        &[
            "an_append_behind_the_head_is_given_the_exact_tail",
            "an_append_whose_answer_was_lost_finds_itself_in_the_tail",
            "of_appends_against_one_head_one_wins",
            "a_losing_append_changes_nothing",
        ],
    ),
    (Fault::IgnoresTheTag, &["an_append_with_a_foreign_tag_loses"]),
    (
        Fault::IgnoresTheEpoch,
        &["an_append_with_a_foreign_epoch_loses", "an_ended_room_takes_nothing_of_its_earlier_life"],
    ),
    (Fault::IgnoresTheOffset, &["an_append_beyond_the_head_loses"]),
    (Fault::HasOneTag, &["each_batch_has_its_own_tag"]),
    (
        Fault::ShortensATail,
        &["an_append_behind_the_head_is_given_the_exact_tail", "many_racing_appenders_lose_nothing"],
    ),
    (Fault::StartsWithAnEntry, &["a_room_never_written_to_has_an_empty_log"]),
    (
        Fault::ReadsOneTooMany,
        &[
            "what_came_behind_a_head_comes_with_the_end",
            "a_range_begins_behind_its_start_and_keeps_to_its_limit",
            "reading_mail_keeps_to_its_range",
            "reading_an_outbox_keeps_to_its_range",
        ],
    ),
    (
        Fault::HidesAHole,
        &[
            "reading_beyond_the_head_is_refused",
            "reading_another_epoch_is_refused",
            "a_capped_log_has_no_holes",
            "acknowledged_mail_is_gone",
            "written_mail_gives_way",
        ],
    ),
    (Fault::TakesAnySnapshot, &["an_older_snapshot_is_ignored", "a_snapshot_of_another_history_is_ignored"]),
    (Fault::ForgetsSnapshots, &["a_snapshot_stands_for_what_it_covers"]),
    (Fault::TrimsWhatNoSnapshotCovers, &["what_no_snapshot_covers_is_kept"]),
    (Fault::NeverTrims, &["a_capped_log_has_no_holes", "a_conflict_across_trimmed_entries_has_no_tail"]),
    (Fault::ForgetsAHead, &["a_watch_ends_at_the_last_head"]),
    (
        Fault::WatchesFromNothing,
        &[
            "a_watch_begins_at_the_head",
            "a_watch_of_an_unwritten_room_sees_its_first_batch",
            "a_watch_sees_the_room_end",
        ],
    ),
    (Fault::NeverEnds, &["a_room_that_ended_is_empty_in_a_greater_epoch", "the_end_of_a_room_closes_its_mailboxes"]),
    (Fault::HasOneEpoch, &["each_life_of_a_room_has_a_greater_epoch"]),
    (Fault::ForgetsBansWithTheRoom, &["a_ban_outlives_the_room"]),
    (Fault::KeepsBansForEver, &["a_ban_that_ran_out_is_not_loaded"]),
    (Fault::ShortensABan, &["the_later_of_two_bans_holds"]),
    (Fault::KeepsLiftedBans, &["a_lifted_ban_is_over"]),
    (Fault::LosesADeadline, &["rooms_fall_due_at_their_time_and_earliest_first"]),
    (Fault::FiresADeadlineOnce, &["a_room_stays_due_until_it_is_written_to"]),
    (Fault::KeepsTheFirstDeadline, &["a_deadline_moves_with_each_batch"]),
    (
        Fault::NeverClearsADeadline,
        &["a_deadline_is_cleared_by_a_batch_without_one", "a_deadline_goes_when_the_room_ends"],
    ),
    (Fault::ListsEndedRooms, &["rooms_are_listed_from_their_first_entry_to_their_end"]),
    (
        Fault::PagesByCount,
        &["pages_miss_no_room_that_stays", "pages_of_rooms_follow_one_another_in_the_order_of_their_names"],
    ),
    (Fault::ListsOneTooMany, &["pages_of_rooms_follow_one_another_in_the_order_of_their_names"]),
    (
        Fault::IgnoresTenants,
        &["rooms_of_two_tenants_with_one_name_are_apart", "rooms_of_another_tenant_are_not_listed"],
    ),
    (Fault::JoinsNames, &["a_separator_in_a_name_does_not_join_two_rooms"]),
    (
        Fault::LosesAMessage,
        &["mail_arrives_as_posted_and_in_order", "racing_senders_lose_nothing_and_keep_their_order"],
    ),
    (Fault::DeliversTwice, &["mail_arrives_as_posted_and_in_order", "mail_to_several_reaches_each_once"]),
    (Fault::ReordersMail, &["mail_arrives_as_posted_and_in_order", "racing_senders_lose_nothing_and_keep_their_order"]),
    (Fault::EndsBeforeTheLast, &["a_mailbox_ends_at_its_last_message"]),
    (Fault::ForgetsDedupe, &["a_repeated_seq_is_taken_once", "a_settled_seq_counts_as_posted"]),
    (Fault::CountsAllSendersAsOne, &["each_sender_counts_for_itself"]),
    (Fault::DedupesUnnumberedMail, &["unnumbered_mail_is_always_taken"]),
    (Fault::SettlesWhatItRefuses, &["a_refused_posting_is_not_settled", "mail_to_several_reaches_all_or_none"]),
    (Fault::IgnoresTheGeneration, &["mail_of_another_generation_is_refused"]),
    (Fault::EmptiesAMailboxOnAdvance, &["a_new_generation_keeps_mail_and_count"]),
    (
        Fault::KeepsAClosedMailbox,
        &["a_closed_mailbox_loses_what_it_held", "a_sender_that_left_is_refused", "mail_to_nobody_is_refused"],
    ),
    (Fault::DeliversToSome, &["mail_to_several_reaches_all_or_none", "a_full_mailbox_among_several_refuses_for_all"]),
    (
        Fault::IsUnbounded,
        &[
            "a_mailbox_is_full_by_count",
            "a_mailbox_is_full_by_bytes",
            "an_outbox_beyond_its_messages_loses_the_oldest_and_says_so",
            "an_outbox_beyond_its_bytes_loses_the_oldest_and_says_so",
            "beyond_the_bound_the_oldest_letters_go_and_are_counted",
            "bans_beyond_the_limit_push_out_the_one_that_ends_first",
        ],
    ),
    (Fault::DropsUnwrittenMail, &["a_mailbox_is_full_by_count", "acknowledged_mail_makes_room"]),
    (Fault::KeepsWrittenMail, &["written_mail_gives_way", "written_bytes_give_way"]),
    (Fault::IgnoresAcknowledgements, &["acknowledged_mail_is_gone", "acknowledged_mail_makes_room"]),
    (
        Fault::LosesAWakeUp,
        &[
            "a_posting_before_the_wait_leaves_a_permit",
            "a_wait_that_began_is_woken",
            "closing_a_mailbox_wakes_its_watch",
            "every_watch_of_an_outbox_is_told",
        ],
    ),
    (
        Fault::WakesOnlyWhoWaits,
        &["a_posting_before_the_wait_leaves_a_permit", "a_message_before_the_wait_leaves_a_permit"],
    ),
    (Fault::WakesOneOfTwo, &["every_watch_of_a_mailbox_is_told", "every_watch_of_an_outbox_is_told"]),
    (
        Fault::DropsAMessage,
        &["what_a_batch_sends_is_read_as_sent_and_in_order", "racing_appenders_send_what_they_append"],
    ),
    (Fault::DoublesAMessage, &["what_a_batch_sends_is_read_as_sent_and_in_order"]),
    (Fault::ReordersMessages, &["what_a_batch_sends_is_read_as_sent_and_in_order"]),
    (Fault::SendsWhatLoses, &["a_losing_append_sends_nothing", "racing_appenders_send_what_they_append"]),
    (Fault::SpreadsARoom, &["a_room_sends_through_one_partition"]),
    (Fault::ForgetsMessagesWithTheRoom, &["a_room_that_ended_has_sent_what_it_sent"]),
    (Fault::NeverSettles, &["what_is_settled_is_gone_and_the_rest_stays", "what_is_settled_makes_room"]),
    (Fault::SettlesUpToTheLast, &["what_is_settled_is_gone_and_the_rest_stays"]),
    (Fault::ReusesPlaces, &["a_place_is_never_given_again"]),
    (
        Fault::HidesWhatIsLost,
        &[
            "an_outbox_beyond_its_messages_loses_the_oldest_and_says_so",
            "an_outbox_beyond_its_bytes_loses_the_oldest_and_says_so",
            "beyond_the_bound_the_oldest_letters_go_and_are_counted",
        ],
    ),
    (Fault::LosesALetter, &["dead_letters_come_back_in_order_and_by_the_page"]),
    (Fault::BuriesTwice, &["a_letter_is_buried_once"]),
    (Fault::ReordersLetters, &["dead_letters_come_back_in_order_and_by_the_page"]),
    (Fault::RepeatsAPage, &["dead_letters_come_back_in_order_and_by_the_page"]),
    (Fault::FindsNoLetter, &["a_dead_letter_is_found_by_its_id"]),
    (Fault::NeverExhumes, &["an_exhumed_letter_is_gone"]),
    (Fault::MixesLanes, &["lanes_do_not_meet", "a_dead_letter_is_found_by_its_id"]),
    (
        Fault::NeverRestarts,
        &[
            "a_restarted_log_begins_at_its_first_entry_in_a_greater_epoch",
            "a_restart_closes_mailboxes_and_opens_its_own",
            "of_two_restarts_one_wins",
        ],
    ),
    (Fault::EndsAtARestart, &["a_restart_is_no_end"]),
    (Fault::ForgetsEnds, &["an_end_is_remembered"]),
    (Fault::RestartsWithoutComparing, &["of_two_restarts_one_wins"]),
    (Fault::RestartsOnlyWhatIsThere, &["a_log_that_is_empty_can_be_restarted"]),
    (Fault::ReadsBehindAnyHead, &["nothing_is_read_behind_a_head_that_is_not_in_the_log"]),
    (Fault::NeverLapses, &["a_lease_that_lapsed_begins_anew", "a_released_lease_has_lapsed"]),
    (Fault::AlwaysBegins, &["a_lease_that_is_renewed_goes_on"]),
    (Fault::KeepsTheFirstAbout, &["a_lease_that_is_renewed_goes_on"]),
    (Fault::NeverReleases, &["a_released_lease_has_lapsed"]),
    (Fault::SeesWhoEntered, &["a_replica_is_seen_from_its_first_lease_on"]),
    (Fault::MixesReplicas, &["a_replica_is_in_the_rooms_that_it_entered_and_did_not_leave"]),
    (Fault::NeverLeaves, &["a_replica_is_in_the_rooms_that_it_entered_and_did_not_leave"]),
    (Fault::ForgetsTheLiving, &["a_replica_is_forgotten_when_it_has_neither_lease_nor_room"]),
];

#[tokio::test(start_paused = true)]
async fn each_broken_backend_fails_the_checks_that_are_there_for_it() {
    let mut missed = Vec::new();
    for (fault, expected) in CAUGHT_BY {
        let failed = failed(*fault).await;
        for check in *expected {
            assert!(CHECKS.contains(check), "no such check: {check}");
            if !failed.contains(check) {
                missed.push(format!("{fault:?} is not caught by {check}, only by {failed:?}"));
            }
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn each_check_fails_some_broken_backend() {
    let mut caught = BTreeSet::new();
    for (fault, _) in CAUGHT_BY {
        caught.extend(failed(*fault).await);
    }
    let idle: Vec<_> = CHECKS.iter().filter(|check| !caught.contains(*check)).collect();
    assert!(idle.is_empty(), "nothing fails {idle:?}");
}

#[tokio::test(start_paused = true)]
async fn the_same_backend_without_a_fault_passes() {
    assert_eq!(failed(Fault::None).await, BTreeSet::new());
}

async fn failed(fault: Fault) -> BTreeSet<&'static str> {
    conformance::run(async || Broken::replicas(fault)).await.failed().collect()
}
