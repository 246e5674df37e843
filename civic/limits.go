package civic

import "yizhan/ledger"

// Limits of one bundle. A bundle that nobody vouches for yet is read before its
// issuer is pinned, so they hold whoever signed it.
const (
	MaxBundleBytes   = 256 << 20 // the whole file
	MaxBundlePlain   = 512 << 20 // the body unpacked
	maxBundleRatio   = 100       // unpacked to packed, beyond freeBundlePlain
	freeBundlePlain  = 1 << 20
	maxDocumentBytes = 512 << 10 // one line of the body
	MaxVolunteers    = 300_000
	MaxStaff         = 2_000
	MaxGoods         = 5_000
	MaxPictures      = 5_000
	MaxGrants        = MaxVolunteers
	MaxGone          = MaxVolunteers
	MaxDeliveries    = 200 // on their way to one kiosk
	MaxCursors       = 16  // scopes that one bundle speaks of
	maxScopeBytes    = 64
	maxEraBytes      = 40
	MaxSerial        = 1 << 48
)

// Limits of one document.
const (
	MaxNameRunes    = 50
	MaxNumberBytes  = 40
	MaxTextRunes    = 200 // a station's, good's or earning's short text
	MaxCards        = 8   // of one person
	MaxKeys         = 4
	MaxLots         = 400 // of one grant: a lot for each month-end, and every other expiry there ever was
	MaxEarned       = 400 // lines of one volunteer; the issuer folds older ones by lot
	MaxPictureBytes = 256 << 10
	MaxPictureName  = 64
	merchantDigits  = 16
	deliveryRunes   = 8
	maxPINVerifier  = 120
	maxMinutes      = 100 * 366 * 24 * 60
	maxRate         = 10_000
	maxPrice        = ledger.Points(100_000_000)
	maxLimit        = 10_000_000

	MaxDeliveryLines = 20
	MaxDelivered     = 9_999 // pieces of one line: what a kiosk's keypad takes
)

// Limits of one shift of an activity.
const (
	MaxShifts         = 2_000 // that one kiosk knows
	MaxAttended       = 20_000
	MaxShiftKiosks    = 20
	MaxLeaders        = 20
	MaxEnlisted       = 500
	MaxCodesPrefix    = 48      // bytes: with the rest the QR stays at version 8
	MaxSpots          = 30      // of one activity
	MaxActivityShifts = 1_500   // a year of weekends at fourteen spots
	MaxActivitySize   = 7 << 10 // bytes of it as JSON: an act keeps two of them
	MaxActivityDays   = 732
	MaxExcepted       = 200
	maxMargin         = 6 * 60 * 60 // seconds before and after it
	maxShiftEnd       = 1 << 33     // Unix seconds
)

// Limits of one place of the org tree.
const (
	MaxVenues    = 40
	MaxPlatforms = 30      // the seven, and as many as a county adds
	MaxListed    = 20      // functions of a venue, members of a platform
	MaxPlaceSize = 6 << 10 // bytes of it as JSON: an act keeps two of them
)
