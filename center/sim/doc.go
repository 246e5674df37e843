// Package sim runs whole worlds of kiosks and a center, drawn from a seed, and
// holds the invariants of the ledger after every step. All of it is tests.
//
// # What runs
//
// The code that ships: package ledger, a kiosk's store with journal and book, both
// ends of package link, the center's Book and its store on SQLite. Each world runs in a
// bubble of testing/synctest, so that waiting costs nothing. What is made for the
// simulation is around it:
//
//   - The net: link.Pipe, whose connections lag, are cut before or after a frame or
//     go silent; a kiosk that comes back sends again what was not acknowledged.
//   - The disks: a kiosk's journal lies on a disk in memory that loses what was not
//     synced when the power goes, in the middle of an operation (faulty.Disk). Its
//     book lies in a file, and is put back to where it stood before the entries that
//     the crash interrupted. The center's statements stop in the middle of any
//     transaction, before or after its commit.
//   - The clocks, which jump by years at any end.
//   - The people: they earn, redeem at home and elsewhere, get refunds, move, check in and
//     out at activities by card, phone or without any; leaders confirm rosters; clerks
//     move stock; officers replace boxes, write off, carry journals, restore. In some
//     worlds they also reserve by phone, serve for points, claim posts and object.
//   - The trouble: a disk put back from an old copy, two boxes of one disk, a
//     center put back from an old copy, with or without a word, and a box
//     whose program writes what its points do not allow.
//
// # What is held
//
// After every step for those whom the step touched, and for everybody now and then:
// see truth_test.go. When the world has been healed: both ends know the same, the
// center is the sum of the chains, to sync once more changes nothing, and both
// stores prove their books.
//
// # What is not simulated
//
//   - Power cuts inside SQLite and bbolt: their own tests do that. A
//     statement or a commit of the center happens whole or not at all, and a book is put back to a
//     state that it had.
//   - Two disasters that hide each other: the center is put back from a copy, and the
//     only other witness of what was granted since is lost as well, because its box
//     was replaced, its disk put back or copied after that copy and before it has
//     told. So the center is not put back while two boxes go by one name, or one is
//     suspected to. See docs/protocol.md.
//   - TLS and WebSockets, which package link tests over real sockets.
//   - The runtime's choice which goroutine runs first. A seed draws the same world and
//     the same steps each time; what happens at the same instant may come in another
//     order.
package sim
