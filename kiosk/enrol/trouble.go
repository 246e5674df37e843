package enrol

import (
	"crypto/tls"
	"errors"
	"net/http"

	"yizhan/link"
)

// Trouble says in one word why an enrolment does not go on.
type Trouble string

// Troubles. After TroubleNetwork the box goes on asking by itself; all others wait
// for a person.
const (
	TroubleNetwork  Trouble = "network"  // nobody answers at the address, or not now
	TroubleStranger Trouble = "stranger" // whoever answers there is no center
	TroubleCode     Trouble = "code"     // the code is wrong, used or too old
	TroubleKey      Trouble = "key"      // the center's key is not that of the invitation, or not what it was
	TroubleRefused  Trouble = "refused"  // by the officer
	TroubleDisk     Trouble = "disk"     // the box cannot keep what it must
)

// troubleOf says what an error of a look or of a question means.
func troubleOf(err error) Trouble {
	_, noTLS := errors.AsType[tls.RecordHeaderError](err)
	_, alert := errors.AsType[tls.AlertError](err)
	switch {
	case errors.Is(err, errKeep):
		return TroubleDisk
	case errors.Is(err, link.ErrPin):
		return TroubleKey
	case errors.Is(err, link.ErrCode):
		return TroubleCode
	case errors.Is(err, link.ErrEnrol), errors.Is(err, http.ErrSchemeMismatch), noTLS, alert:
		return TroubleStranger
	}
	return TroubleNetwork
}
