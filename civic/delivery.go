package civic

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"yizhan/ledger"
)

// Delivery is goods on their way to one kiosk, as the center sent them. It moves
// no stock: the kiosk's staff compare what has come and receive it, line by line,
// and their entries alone count. Each names the line by an [Arrival].
type Delivery struct {
	ID      string         `json:"id"` // see ValidDelivery; on the paper that goes with it
	Kiosk   string         `json:"kiosk"`
	Version uint64         `json:"version"`
	Sent    ledger.Day     `json:"sent"`
	From    string         `json:"from,omitempty"` // merchant or donor, by name
	Note    string         `json:"note,omitempty"`
	Lines   []DeliveryLine `json:"lines"` // 1 to MaxDeliveryLines, never changed
}

// DeliveryLine is pieces of one good, and of one batch of it as far as anybody said.
type DeliveryLine struct {
	Good       string     `json:"good"`
	Pieces     int64      `json:"pieces"`
	Batch      string     `json:"batch,omitempty"`
	BestBefore ledger.Day `json:"best_before,omitzero"`
}

// deliveryDigits leave out what a person takes for another one.
const deliveryDigits = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

// NewDeliveryID draws the id of a delivery from random.
func NewDeliveryID(random io.Reader) (string, error) {
	var b [deliveryRunes]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("drawing a delivery's id: %w", err)
	}
	for i := range b {
		b[i] = deliveryDigits[b[i]%byte(len(deliveryDigits))]
	}
	return string(b[:]), nil
}

// ValidDelivery tells whether a text can be a delivery's id: 8 capitals and
// digits without 0, 1, I and O.
func ValidDelivery(id string) bool {
	return len(id) == deliveryRunes && strings.Trim(id, deliveryDigits) == ""
}

func (d Delivery) check(to addressee) error {
	switch {
	case !ValidDelivery(d.ID):
		return fmt.Errorf("%q is no delivery's id", d.ID)
	case d.Kiosk != to.kiosk:
		return fmt.Errorf("is for kiosk %q, not for %q", d.Kiosk, to.kiosk)
	case !to.linked:
		return errors.New("only a center sends deliveries")
	case len(d.Lines) < 1 || len(d.Lines) > MaxDeliveryLines:
		return fmt.Errorf("%d lines, want 1 to %d", len(d.Lines), MaxDeliveryLines)
	}
	for i, l := range d.Lines {
		if !ledger.ValidGood(l.Good) || l.Pieces < 1 || l.Pieces > MaxDelivered {
			return fmt.Errorf("line %d: %d of good %q", i+1, l.Pieces, l.Good)
		}
		if err := errors.Join(short("batch", l.Batch), checkDay(l.BestBefore)); err != nil {
			return fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	return errors.Join(checkVersion(d.Version, to.serial), checkDay(d.Sent), short("sender", d.From), short("note", d.Note))
}

// ArrivalReasons are why other pieces came than were sent.
var ArrivalReasons = []string{"missing", "broken", "wrong", "more"}

// Arrival says of a stock entry which line of which delivery it receives. It stands
// in the entry's note, so that what an entry is made of has not changed:
//
//	delivery 7KM2QW9R 2/3 20
//	delivery 7KM2QW9R 2/3 20 broken
//
// the delivery, its line of so many, the pieces that were sent, and why others came
// if they did. Staff never type notes; a note that a person typed is taken for none.
type Arrival struct {
	Delivery string
	Line, Of int // from 1
	Sent     int64
	Why      string // one of ArrivalReasons; "": as many came as were sent
}

const arrivalWord = "delivery"

// Note is the arrival as the note of an entry.
func (a Arrival) Note() string {
	return strings.TrimSuffix(fmt.Sprintf("%s %s %d/%d %d %s", arrivalWord, a.Delivery, a.Line, a.Of, a.Sent, a.Why), " ")
}

// ParseArrival reads what Note writes; ok is false for every other note.
func ParseArrival(note string) (a Arrival, ok bool) {
	parts := strings.Split(note, " ")
	if len(parts) < 4 || len(parts) > 5 || parts[0] != arrivalWord || !ValidDelivery(parts[1]) {
		return Arrival{}, false
	}
	line, of, _ := strings.Cut(parts[2], "/")
	var errs [3]error
	a.Delivery = parts[1]
	a.Line, errs[0] = strconv.Atoi(line)
	a.Of, errs[1] = strconv.Atoi(of)
	a.Sent, errs[2] = strconv.ParseInt(parts[3], 10, 64)
	if len(parts) == 5 {
		a.Why = parts[4]
	}
	if errors.Join(errs[:]...) != nil || a.Line < 1 || a.Line > a.Of || a.Of > MaxDeliveryLines || a.Sent < 1 || a.Sent > MaxDelivered ||
		a.Why != "" && !slices.Contains(ArrivalReasons, a.Why) || a.Note() != note {
		return Arrival{}, false
	}
	return a, true
}
