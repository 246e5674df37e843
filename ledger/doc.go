// Package ledger holds the arithmetic of points: lots, rights, journal entries
// and the chain they form. It is pure: no I/O, no clock, no randomness, only
// functions from values to values. A kiosk's book, the center's database and
// the simulator all fold the same entries through these functions.
//
// # Rights
//
// A [Lot] is the points of one volunteer that expire on one date. A [Right] is
// the part of a lot that one kiosk alone may spend. Its counters only grow and
// each has one writer: the center (or, before there is a center, the office
// that issues a signed bundle) writes Granted; the kiosk writes Spent, Refunded
// and Returned. Held is what is reserved at the kiosk now and is never merged.
//
//	spendable = granted + refunded - spent - returned - held   (never below 0)
//
// Counters merge by maximum, so a message that is lost, doubled, late or out of
// order changes nothing. An [Account] is the rights of one volunteer at one
// kiosk, one for each lot, the earliest expiry first; spending follows that order.
//
// # Redemption
//
// Points and stock move together, in two phases:
//
//	reserve -> settle            goods handed over
//	reserve -> cancel            both come back
//	reserve -> settle -> refund  points come back, goods if they are restocked
//
// # Journal
//
// Everything that happens at a kiosk is an [Entry] in an append-only chain. An
// entry has exactly one encoding; Prev is the SHA-256 of the bytes of the entry
// before it, and the [Head] is signed with the kiosk's Ed25519 key. Order is
// the sequence number, never the clock: Wall is for people to read.
//
// # Invariants
//
//  1. No spendable right is negative after any entry ([Account.Check]).
//  2. For each lot: earned = expired + free + the sum over kiosks of
//     (spendable + held + spent - refunded), and no term is negative ([Lot.Check]).
//  3. A chain holds one entry for each sequence number, without gaps; another
//     hash at a known number is a fork ([Head.Next], [ErrFork]).
package ledger
