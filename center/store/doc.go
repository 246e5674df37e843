// Package store keeps the center's book: what every volunteer earned, which
// kiosk may spend how much of it, the chains that the kiosks sent up, and the
// documents that go down to them.
//
// # One SQL, two engines
//
// The book lies in SQLite (a file, the default) or in PostgreSQL, and so in
// distributed engines of its kind, in the same statements. Several processes may
// serve one database. What makes that possible are five rules, which a test reads
// out of the sources:
//
//   - Every table has a shard key, and its primary and unique keys begin with it:
//     the volunteer for points, the kiosk for chains, the scope for documents and activities,
//     the hash for cards, keys of persons, enrolment codes, links, passkeys and sessions, the
//     officer for officers, and for acts and what officers ask of each other the place that it is about. Ids are
//     random or given; there are no sequences.
//   - A transaction touches one value of a shard key. It is $1 of every statement,
//     and package code cannot give another: see txn. The scope of a kiosk's own
//     documents has the kiosk's name, so a kiosk and its documents are one value.
//   - What crosses from one value to another goes through an outbox row or a
//     cursor, and is applied so that twice is once.
//   - Transactions are SERIALIZABLE. Serialization failures, deadlocks and lost
//     connections repeat the whole transaction, so each is written to be repeated
//     even when its first run was committed and only the answer was lost.
//   - Statements are plain: conditional updates, no SELECT FOR UPDATE, triggers,
//     procedures, temporary tables, advisory locks or LISTEN. Tables only gain.
//
// What is done for many values at once (Admit, and whatever it posts) is a
// transaction for each all the same; in a SQLite file a number of them share one
// commit, and nothing may count on that.
//
// Reads that look for work across all shards (the scatter statements) are the
// only ones without a shard key. They change nothing, and what they find is
// looked at again in its own transaction.
//
// # Points
//
// Of each lot, a volunteer's points that expire on one day,
//
//	earned = expired + free + the sum over chains of (granted - returned - lost)
//
// Free points are a column of their own, moved only together with what they come
// from or go to, and never below 0. A chain is one kiosk in one epoch. Granted is
// written here; spent, refunded, returned and held are the fold of the chain's
// entries; lost is what two officers wrote off when a box was gone: it stands on
// loss:<kiosk>, never on the volunteer, whose points are free again. When a lost
// box's entries turn up and return something, that much is no longer lost.
//
//	Earn    volunteer's shard: earning, lot          outbox: the volunteer's document
//	Reverse volunteer's shard: reversal, earning, lot  outbox: the same
//	Merge   the other's shard: merged, person, reversal  outbox: merge, heir
//	Grant   kiosk's shard: an allowance under the cap
//	        volunteer's shard: lots, rights          outbox: the grant
//	Deliver kiosk's shard: the grant's document; the allowance becomes granted
//	Append  kiosk's shard: entries, redemptions, shelves, head
//	Fold    volunteer's shard: rights, lots          cursors: folded, chain.folded
//
// Points that were booked wrongly are taken back by a reversal, out of what is free
// of their lot. While that is not enough nothing of the lot is free: whatever becomes
// free is taken. A lot's earned points are less by what was taken, never by what is
// only wanted, so the sum above holds at every moment.
//
// When two records of one person are merged, the other's points are reversed there
// with the kept one as heir: what a reversal takes is earned by the heir, through the
// outbox. To part them again is the same the other way. What the other attended, and hours
// that were entered for it, move with it, as shares of the kept one's (see Share, and
// join.go): they have to stand in one shard to count once. Objections, stars, certificates,
// wishes that a kiosk knows of, PINs and phones stay where they were made, and are read in
// all records of a person (see Records).
//
// A crash between two of these steps loses nothing: Sweep takes up what an outbox
// still holds, Fold goes on where the cursors stand, and an allowance that nobody
// used is dropped after an hour.
//
// # Chains
//
// Append takes the entries of a kiosk as they are and checks each with
// ledger.Head.Next. An entry that is known is passed over; another one at a known
// number, a number too high, a signature that is wrong, or an act that the chain
// does not allow puts the chain in quarantine. Then entries that follow are still
// kept, but nothing is folded or granted until an officer has decided. Only
// entries under a signed head are folded.
//
// # Attendances
//
// An attendance is one person at one shift, in the person's shard: the first check-in
// and the first check-out, what somebody decided, and what that came to. Phones bring
// checks through Attend, kiosks through Fold, behind the points of the same entries.
// Twice is once because the first check stands, in whatever order they come, and a
// verdict that was heard is known; so there is no cursor but the chain's.
//
//	Attend, Fold      the volunteer's shard: attendance  outbox: kiosks' documents, signs
//	Confirm, Fold     the volunteer's shard: a verdict, which is due
//	CarryOut          the volunteer's shard: minutes, points by civic.Policy.Credit
//	                  earning, or reversal               outbox: the same, the volunteer's document
//	IdentifyGuest     the guest's shard: it leads away   outbox: the volunteer
//
// Somebody without a name (a walk-in, whoever had a card that nobody knew) is a guest
// with a shard of their own. The entries of a kiosk about attendances never put its
// chain in quarantine: what makes no sense is a line of the review list (sign), like
// what looks like abuse.
//
// # Officers and their acts
//
// Officers sign in at the console. Links, sessions and tries are known by hashes
// alone. What an officer does to a kiosk, a scope or another officer leaves an act
// in the same transaction, in the same shard; the acts of one place are a chain of
// hashes, which Verify proves. Who acts comes with the call, or with its context:
// see As.
//
// # Deliveries
//
// What officers send to a kiosk is a row of the kiosk's shard and a document of its
// scope, written together. It moves no stock. Append finds the entries that receive its
// lines (civic.Arrival) and writes what they say into the row; when all lines have
// come the document is taken back. A kiosk that had received what was called back wins.
//
// # Activities
//
// An activity, its times (shifts) and who claimed a post of them stand in the scope of
// its place, so planning, publishing and claiming are one transaction each. Kiosks know
// a shift by a document of that scope, from ShiftAhead before it until ShiftKept after
// it; TellShifts writes what is due. A shift's id follows from activity, day and spot,
// so publishing again finds the same ones. What a kiosk's entry claims is applied once,
// and of each chain the last stands.
//
// # A book from an old copy
//
// A book that was restored from a backup has forgotten what it granted since, and
// would grant it once more. So Restored begins a new era and marks every kiosk, and nothing is granted
// until each of them has told what it holds (Report), or was revoked or replaced.
// What the kiosks hold beyond what the book knows to be earned is missing (of each lot
// earned + missing = expired + free + out), and nothing of such a lot is free: what
// comes back or is earned there covers first what is missing. So whether a kiosk
// tells of a grant before or after another one tells what it gave back for it, and
// whether an earning is entered again before or after that, comes to the same.
// Entries and documents heal by themselves: the kiosks send what the chain misses,
// and take all documents again.
package store
