// Package civic holds the nouns and rules of a practice center's volunteer
// work: the station, volunteers and their cards, staff, goods, and the policy
// that turns hours into points and bounds what may be redeemed.
//
// What a kiosk must know comes to it as documents ([Document]). Each has a key
// within its kind and a version, the serial number of the bundle that last
// changed it. Documents merge: the higher version wins for what is said, and
// counters (points granted, pieces delivered) merge by maximum, so loading the
// same documents twice changes nothing.
//
// Points reach a kiosk in one of two ways. A kiosk that stands alone is granted
// what the earned lines of its volunteers add up to. A volunteer who is linked
// ([Volunteer.Linked]) belongs to a center that shares the points out among
// kiosks: the earned lines are history then, and what one kiosk may spend comes
// as a [Grant] for that kiosk and its epoch alone.
//
// A document never holds an ID-card number or a full phone number. A phone is
// known by a keyed hash, by which its owner can be found, and by its last four
// digits, which staff may search for.
//
// The package has no clock and does no I/O beyond the readers and writers that
// it is given.
package civic
