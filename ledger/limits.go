package ledger

// Limits of one entry. They bound what a decoder will allocate and keep a
// redemption small enough for the QR code on a 58 mm receipt. A writer and a
// reader of an entry hold the same ones.
const (
	MaxEntryBytes = 2048          // one encoded entry
	MaxKioskID    = 16            // bytes of a kiosk's name
	MaxGoodCode   = 24            // bytes of a good's code
	MaxText       = 400           // bytes of a reason or a note
	MaxVerifier   = 200           // bytes of a PIN verifier
	MaxParts      = 40            // lots that one redemption may draw on: three years of month-ends, and some
	MaxQuantity   = 99            // pieces in one redemption
	MaxRoster     = 150           // people that one entry confirms
	MaxPosts      = 40            // posts of one shift
	MaxTail       = 4             // digits of a phone that anybody may see
	MaxPoints     = Points(1e12)  // any single counter
	MaxCount      = int64(1e9)    // any single stock counter
	MaxDay        = Day(40 * 366) // 2060; a later date is a typing error

	maxSeq     = uint64(1 << 48) // entries of one chain
	maxMillis  = int64(1 << 52)  // of either clock
	maxSeconds = int64(1 << 42)  // of a time, Unix
	maxCopies  = int64(1e6)      // reprints of one receipt
	maxServed  = int64(24 * 60)  // minutes of service in one shift
)
