package civic

import (
	"errors"
	"fmt"
	"strings"

	"yizhan/ledger"
)

// Kinds of documents that a center may take back. A station and a grant never
// go: a kiosk has one station, and what was granted was granted.
const (
	GoneStaff     = "staff"
	GoneGood      = "good"
	GonePicture   = "picture"
	GoneVolunteer = "volunteer"
	GoneDelivery  = "delivery" // it was received, or called back
	GoneShift     = "shift"
	GoneAttended  = "attended" // its id is that of [Attended.Key]
)

// Gone takes a document back: every state of it up to a version is not to be
// known any more, because the volunteer lives in another town, the good is of
// another kiosk. A later version, wherever it comes from, stands. It reaches
// kiosks of a center only; a list for a kiosk that stands alone withdraws by
// leaving out.
type Gone struct {
	Kind    string `json:"kind"` // one of the kinds above
	ID      string `json:"id"`   // of a person, a shift or a delivery, code of a good, name of a picture
	Version uint64 `json:"version"`
}

// Merge joins what two scopes say of the same document: the later one stands.
func (g Gone) Merge(o Gone) Gone {
	g.Version = max(g.Version, o.Version)
	return g
}

func (g Gone) check(to addressee) error {
	ok := false
	switch g.Kind {
	case GoneStaff, GoneVolunteer, GoneShift:
		id, err := ledger.ParseID(g.ID)
		ok = err == nil && !id.IsZero()
	case GoneAttended:
		shift, who, found := strings.Cut(g.ID, "-")
		_, err := ledger.ParseID(shift)
		_, err2 := ledger.ParseID(who)
		ok = found && err == nil && err2 == nil
	case GoneGood:
		ok = ledger.ValidGood(g.ID)
	case GoneDelivery:
		ok = ValidDelivery(g.ID)
	case GonePicture:
		ok = g.ID != "" && checkPictureName(g.ID) == nil
	default:
		return fmt.Errorf("a %q does not go", g.Kind)
	}
	if !ok {
		return fmt.Errorf("%q is no %s", g.ID, g.Kind)
	}
	if !to.linked {
		return errors.New("only a center takes documents back")
	}
	return checkVersion(g.Version, to.serial)
}
