// Package issuer makes the bundles of kiosks from the lists that an office
// keeps: a roster of volunteers, a list of goods and a list of staff.
//
// An issuer is a folder:
//
//	issuer.key      the secret of the issuer, 32 bytes in base64, mode 0600. The
//	                signing key, the key by which persons are known again and each
//	                kiosk's key for phones are derived from it (HKDF-SHA-256).
//	KIOSK.bundle    the last bundle made for that kiosk.
//	lock            held while a bundle is made.
//
// The last bundle is the register of all that was issued: there is no other
// database. A list is compared with it, what is new or changed is added, and the
// result becomes the next bundle, one serial number higher. Nothing ever leaves
// a bundle: a person who is missing in the next roster keeps card and points.
// Making a bundle of the same lists again changes nothing and takes no number.
//
// What the columns mean is decided here:
//
//   - A person is known again by the volunteer number or the ID-card number, of
//     which only keyed hashes are kept.
//   - 积分 is the total that was granted at this kiosk so far; an increase becomes
//     one more line of earnings, and a smaller total is rejected. Without that
//     column the increase of 时长 is counted by the policy.
//   - 库存 is the total delivered to the kiosk so far; a smaller one is rejected.
//   - In a new epoch (the box was set up afresh and its book is lost) nothing
//     counts as granted or delivered yet: 积分 and 库存 are what is there now.
//
// Memory is bounded by the number of persons, about 300 bytes each: the bundle
// before is read as a stream, twice.
package issuer
