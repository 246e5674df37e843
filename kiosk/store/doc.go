// Package store keeps a kiosk's journal and its book.
//
// The journal (package journal) is the commit point: an append-only file of
// sealed entries. The book is a bbolt file: the fold of the journal (rights,
// shelves, redemptions, print jobs, indexes and the entries again) together
// with the documents that came in bundles or from a center. Either file heals the
// other.
//
// # Writing
//
// One goroutine writes. It takes the requests that wait, and never waits for
// more; in one open transaction it checks and applies each in turn; it appends
// all their entries to the journal with one write and one fdatasync, answers,
// and then commits the book. A request that is refused leaves no trace. Reads
// wait until the book has everything that was answered before they began.
//
// Every request carries a key. The same key with the same request gets the
// entry of the first time, as it stands now; with another request it is refused
// (ErrKeyReused). The keys of the last 20,000 entries are known.
//
// Everything that follows from entries changes through one door, tx.apply, so
// the book is exactly the fold of documents and journal, however it came to be.
// Documents and entries touch different counters of the same rows and commute.
//
// # A center
//
// A kiosk stands alone, and is granted what the earned lines of its volunteers add
// up to, or it has a center, whose Grant documents say what it may spend. An epoch
// is one or the other, never both. *Store is the kiosk's end of what the link
// knows; package link names the interfaces (Journal, Library, Purse, Guard):
//
//   - Head, Since, Acknowledged: the chain, and how far the center has it.
//   - Cursors, Apply: documents come in batches. A batch and the cursor of its
//     scope are one durable write, so no cursor stands without its documents: a
//     book that is built anew has lost both, and what was spent without its grant
//     keeps an account closed (ErrNoDocuments) until the grant has come again.
//     The era of the center is an entry, which forgets all cursors and outlives
//     the book: a bundle of another era brings documents, but no grants.
//   - What a center takes back (civic.Gone) stays known by its version, so that
//     nothing late brings it once more. A volunteer without a scope, because a card
//     fetched the document or the person has moved away, is a guest: dropped after
//     seven days, unless points are here. No clock decides about points.
//   - GiveBack, Granted: rights that are recalled, and what a restored center asks.
//   - Quarantine is an entry too. Points and stock stand still (ErrQuarantine), held
//     in one place, where entries are planned; paper, PINs, staff and documents go on.
//
// What is on its way to the kiosk is a document as well, and moves no stock: receiving it
// (ReceiveDelivery) writes an entry for each line, and the fold of the journal remembers
// which lines have come, so no line comes twice.
//
// # Check-in
//
// Shifts of activities are documents, and so is what the center says of attendances:
// who checked in by phone, and what became of it. What happens here are entries: CheckIn
// and CheckOut, once for each direction, at a shift that is this kiosk's and open; a
// leader's word about people (ConfirmRoster); objections (ObjectTo); claims of posts
// (EnlistIn), which the center decides. An [Attendance] puts together what both say of one
// person, however it was seen: a strange card is its owner's from the moment the kiosk
// knows whose it is. Everything but the documents follows from the entries, and Verify
// proves it a second way. The wall clock says whether a shift is open, unless nobody
// vouches for it; then the entry's quality says so, and the center asks a leader. How
// long somebody was there is counted by the clock of one start of the kernel.
//
// A batch does not pack the search index anew: it packs the persons who have
// changed, whom the index in memory hides behind those, and notes their ids in the
// book. When there are some thousands, both are joined.
//
// Config.Epoch is what the center gave at the enrolment. BeginEpoch sets the books
// of the epoch before aside and makes new ones; PastEntries reads an old chain for
// the courier. The box has one key from before it has a name (BoxKey).
//
// # Files
//
// Under the data folder:
//
//	key                    the master key, see package seal; or systemd hands it over
//	book.db                the book
//	journal/               the journal, unless Config.JournalDir puts it elsewhere
//	snapshot/book-<epoch>-<seq>.db    copies of the book, hourly, the last few
//	bundle/<serial>.bundle the last bundles, for a book that is built anew
//	aside/book-<epoch>-<time>.db      damaged books, never deleted but by number
//	past/<epoch>-<time>/    book and bundles of an epoch that a center has ended; its journal keeps its place and name
//	*.new, *.mend          files that are not finished; Open drops them
//
// # Trust in the disk
//
// Every value is sealed with XChaCha20-Poly1305; the additional data is schema,
// bucket and key, so a value cannot be moved or read by a page that went wrong.
// The state row holds, for each bucket, how many rows it has and the nonces of
// their seals added up: a page that the disk lost, or brought back from the
// past with all its seals good, changes the sum. Keys are ids and hashes;
// nothing that a person could be known by stands outside a seal. The kept bundles
// are the exception: they lie there as they came, signed and not sealed.
//
// Verify proves all of it without mapping the file, and replays the balances a
// second way. Mend sets a damaged file aside and builds it anew: the book from
// the newest snapshot that lies on the chain (or from nothing), the bundles and
// the journal; the journal from the entries of both. When an entry that was
// durable is in neither file, it begins a new epoch: the rights of the old one
// stay closed until a bundle for the new one comes. A kiosk that has a center must be
// enrolled once more then (ErrEpoch).
//
// A full disk makes the store read-only (ErrReadOnly): nothing is taken, reads
// go on, and it recovers by itself. After a failed fsync, or a value whose seal
// is broken, the process must end (Config.Fatal), and the next start verifies.
package store
