//! What can be wrong with a backend.

/// One thing that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing is.
    None,
    /// Every third append is accepted and not stored.
    DropsAnAppend,
    /// The last entry of a batch stands twice.
    DoublesAnEntry,
    /// The entries of a batch stand in reverse.
    ReordersABatch,
    /// Of several entries the first is stored.
    TakesHalfABatch,
    /// Payloads pass through UTF-8.
    StoresText,
    /// An append behind the head goes to the head.
    AcceptsAStaleHead,
    /// Only epoch and offset are compared.
    IgnoresTheTag,
    /// Only offset and tag are compared.
    IgnoresTheEpoch,
    /// Only epoch and tag are compared.
    IgnoresTheOffset,
    /// The tag of every batch is the same.
    HasOneTag,
    /// The newest entry is missing from a conflict.
    ShortensATail,
    /// A room is created by being loaded.
    StartsWithAnEntry,
    /// The limit of a read is off by one.
    ReadsOneTooMany,
    /// What is trimmed reads as nothing.
    HidesAHole,
    /// The latest snapshot stored is the one that counts.
    TakesAnySnapshot,
    /// Snapshots go nowhere.
    ForgetsSnapshots,
    /// The cap holds without regard for snapshots.
    TrimsWhatNoSnapshotCovers,
    /// The log has no cap.
    NeverTrims,
    /// Every third head is not told.
    ForgetsAHead,
    /// No head is told.
    WatchesFromNothing,
    /// Rooms do not end.
    NeverEnds,
    /// The next life has the epoch of the last.
    HasOneEpoch,
    /// Bans go with the log.
    ForgetsBansWithTheRoom,
    /// Bans do not run out.
    KeepsBansForEver,
    /// A later ban replaces the one before, whichever is longer.
    ShortensABan,
    /// Bans are not lifted.
    KeepsLiftedBans,
    /// Every second deadline is not kept.
    LosesADeadline,
    /// A room is due once.
    FiresADeadlineOnce,
    /// A deadline does not move.
    KeepsTheFirstDeadline,
    /// A batch without a deadline leaves the one before.
    NeverClearsADeadline,
    /// Rooms that ended are listed.
    ListsEndedRooms,
    /// A page of rooms begins behind as many as were listed before, not behind a name.
    PagesByCount,
    /// A page of rooms is one too long.
    ListsOneTooMany,
    /// Rooms are told apart by name alone.
    IgnoresTenants,
    /// Tenant and name are joined by a separator that either may contain.
    JoinsNames,
    /// Every third message is accepted and not stored.
    LosesAMessage,
    /// Messages are stored twice.
    DeliversTwice,
    /// Mail is read newest first.
    ReordersMail,
    /// A mailbox ends one message early.
    EndsBeforeTheLast,
    /// A repeated seq is taken again.
    ForgetsDedupe,
    /// A seq that one sender used is used up for the others.
    CountsAllSendersAsOne,
    /// Seq 0 is taken once.
    DedupesUnnumberedMail,
    /// A refused posting uses up its seq.
    SettlesWhatItRefuses,
    /// Older connections go on posting.
    IgnoresTheGeneration,
    /// A resume begins with an empty mailbox.
    EmptiesAMailboxOnAdvance,
    /// Mailboxes do not close.
    KeepsAClosedMailbox,
    /// Of several recipients, those before the first that is refused are served.
    DeliversToSome,
    /// Mailboxes have no bounds.
    IsUnbounded,
    /// A full mailbox drops its oldest message, written or not.
    DropsUnwrittenMail,
    /// Written mail stays until it is acknowledged.
    KeepsWrittenMail,
    /// Acknowledged mail stays.
    IgnoresAcknowledgements,
    /// Every third wake-up is lost, and those of closing mailboxes.
    LosesAWakeUp,
    /// Wake-ups leave no permit.
    WakesOnlyWhoWaits,
    /// All watches of a mailbox share one permit.
    WakesOneOfTwo,
    /// Every third batch sends nothing.
    DropsAMessage,
    /// The last message of a batch is sent twice.
    DoublesAMessage,
    /// The messages of a batch stand in reverse.
    ReordersMessages,
    /// An append that loses sends its messages all the same.
    SendsWhatLoses,
    /// Messages of one room stand in several partitions.
    SpreadsARoom,
    /// The batch that ends a room sends nothing.
    ForgetsMessagesWithTheRoom,
    /// Settled messages stay.
    NeverSettles,
    /// What stands before a settled message goes with it.
    SettlesUpToTheLast,
    /// An empty partition begins to count anew.
    ReusesPlaces,
    /// What gave way to newer messages and letters is not counted.
    HidesWhatIsLost,
    /// Every third letter is not kept.
    LosesALetter,
    /// A letter that lies there already is kept again.
    BuriesTwice,
    /// Letters are read newest first.
    ReordersLetters,
    /// Every page is the first.
    RepeatsAPage,
    /// No letter is found by its id.
    FindsNoLetter,
    /// Exhumed letters stay.
    NeverExhumes,
    /// All lanes share one list.
    MixesLanes,
    /// A restart goes on in the epoch that stands.
    NeverRestarts,
    /// A restart counts as an end.
    EndsAtARestart,
    /// No end is remembered.
    ForgetsEnds,
    /// Any restart wins.
    RestartsWithoutComparing,
    /// What came behind a head is read without looking for the head.
    ReadsBehindAnyHead,
    /// An empty log cannot be restarted.
    RestartsOnlyWhatIsThere,
    /// Leases do not lapse.
    NeverLapses,
    /// Every lease begins.
    AlwaysBegins,
    /// What a lease says of its replica stays as it was first.
    KeepsTheFirstAbout,
    /// A lease cannot be given up.
    NeverReleases,
    /// Who enters a room is seen without a lease.
    SeesWhoEntered,
    /// Every replica is in every room.
    MixesReplicas,
    /// Rooms cannot be left.
    NeverLeaves,
    /// A replica that holds a lease or is in a room is forgotten.
    ForgetsTheLiving,
}
