package store

import (
	"errors"
	"fmt"
)

// Errors that callers tell apart with errors.Is. Those of the rules of points
// and chains come from package ledger.
var (
	ErrUnknown     = errors.New("store: not known here")
	ErrInput       = errors.New("store: the request is not valid")
	ErrKeyReused   = errors.New("store: the id belongs to something else")
	ErrChanged     = errors.New("store: somebody else has changed it meanwhile")
	ErrState       = errors.New("store: it is not in a state for this")
	ErrNotOpen     = errors.New("store: the shift is called off, over, or not open yet")
	ErrUnseen      = errors.New("store: nobody saw a check, so it is to be entered by two officers")
	ErrAlready     = errors.New("store: it was done before")
	ErrQuarantine  = errors.New("store: the chain is in quarantine")
	ErrForged      = errors.New("store: the head is not signed by the kiosk")
	ErrRule        = errors.New("store: an entry does what its chain does not allow")
	ErrCap         = errors.New("store: the kiosk's cap of outstanding points is reached")
	ErrSameOfficer = errors.New("store: a second officer is needed")
	ErrOwn         = errors.New("store: it concerns the officer's own record or household")
	ErrQuota       = errors.New("store: the quota is used up")
	ErrFull        = errors.New("store: too much waits there already")
	ErrCode        = errors.New("store: the enrolment code is wrong, used or too old")
	ErrLink        = errors.New("store: the link is wrong, used or too old")
	ErrLocked      = errors.New("store: too many wrong tries")
	ErrSession     = errors.New("store: nobody is signed in with it")
	ErrCloned      = errors.New("store: the counter has not grown, as of a copied authenticator")
	ErrStep        = errors.New("store: a code of that step was used already")
	ErrRestored    = errors.New("store: the book was restored from a copy, and not every kiosk has said yet what it was granted")
	ErrOtherKeys   = errors.New("store: the book belongs to a center with other keys")
	ErrBusy        = errors.New("store: the database did not let the transaction through")
)

// bug reports what cannot happen unless this package is wrong or its tables were
// changed by another hand.
func bug(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{errContradiction}, args...)...)
}

// errContradiction is what every bug is. A proof finds such things, and goes on.
var errContradiction = errors.New("store: the book contradicts itself")
