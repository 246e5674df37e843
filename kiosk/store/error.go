package store

import "errors"

// Errors that callers tell apart with errors.Is. Those of the rules of points
// and stock come from package ledger: ErrNotEnough, ErrStock, ErrState.
var (
	ErrUnknown      = errors.New("store: not known here")
	ErrArrived      = errors.New("store: the delivery was received before")
	ErrNotOffered   = errors.New("store: the good is not offered any more")
	ErrLimit        = errors.New("store: more than the month's limit for one person")
	ErrKeyReused    = errors.New("store: the key belongs to another request")
	ErrPriceChanged = errors.New("store: the price is not the one that was seen")
	ErrTooLate      = errors.New("store: the time for a refund is over")
	ErrNeedsLeader  = errors.New("store: a leader is needed for this")
	ErrElsewhere    = errors.New("store: people of this shift check in at other kiosks")
	ErrNotYet       = errors.New("store: check-in for the shift is not open yet")
	ErrOver         = errors.New("store: check-in for the shift is over, or it was called off")
	ErrAlready      = errors.New("store: it was done before")
	ErrSelf         = errors.New("store: nobody confirms themselves")
	ErrTooFast      = errors.New("store: too soon after the card before")
	ErrNotStaff     = errors.New("store: not a clerk or leader of this station")
	ErrLocked       = errors.New("store: too many wrong PINs")
	ErrInput        = errors.New("store: the request is not valid")
	ErrNoDocuments  = errors.New("store: the documents that grant points are not here, accounts are closed")
	ErrQuarantine   = errors.New("store: the center does not trust this kiosk's chain, points and stock stand still")
	ErrEpoch        = errors.New("store: the books are of another epoch than the kiosk's")
	ErrReadOnly     = errors.New("store: no space to write, nothing was taken")
	ErrNoJournal    = errors.New("store: the journal's folder is empty; is its medium mounted?")
	ErrOtherKiosk   = errors.New("store: the books are those of another kiosk")
	ErrDamaged      = errors.New("store: damaged, run verify and mend")
	ErrClosed       = errors.New("store: closed")
)

// Reasons to refuse a bundle. Each also wraps the error of package civic.
var (
	ErrBundleForged = errors.New("store: the bundle is damaged or forged")
	ErrBundleOther  = errors.New("store: the bundle is for another kiosk, epoch or issuer")
	ErrBundleOlder  = errors.New("store: the bundle is older than the one loaded before")
	ErrBundleTrust  = errors.New("store: the bundle's issuer is not known yet and must be trusted once")
)
