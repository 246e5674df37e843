package ledger

// MaxSerial is the longest serial of a certificate.
const MaxSerial = 16

// Certificate records that a certificate of service is printed, which the center has
// issued: what its slip says beside the volunteer's name, so that every copy says the
// same.
type Certificate struct {
	Key       Key // follows from the serial: one entry for each certificate
	Volunteer ID
	Serial    string // at the center
	Again     bool   // the center had issued it before it was asked for here
	Proof     string // the address that its QR code leads to
	Center    string // that issues it
	Day       Day    // of issuing
	First     Day    // of the times of service; Last is the other end, and 0 means that there are none
	Last      Day
	Listed    int64 // minutes that lists of other systems told
	Credit    int64 // minutes by checking in and out
	Honour    int64 // minutes that were entered afterwards
	Stars     int64
}

// Kind returns KindCertificate.
func (Certificate) Kind() Kind { return KindCertificate }

// Minutes is all of it.
func (b Certificate) Minutes() int64 { return b.Listed + b.Credit + b.Honour }

func (b Certificate) encode(w *writer) {
	w.raw(b.Key[:])
	w.raw(b.Volunteer[:])
	w.text("serial", b.Serial, MaxSerial)
	w.bool(b.Again)
	w.text("proof", b.Proof, MaxText)
	w.text("center", b.Center, MaxText)
	w.int("day", int64(b.Day), int64(MaxDay))
	w.int("first day", int64(b.First), int64(MaxDay))
	w.int("last day", int64(b.Last), int64(MaxDay))
	w.int("listed", b.Listed, MaxCount)
	w.int("credit", b.Credit, MaxCount)
	w.int("honour", b.Honour, MaxCount)
	w.int("stars", b.Stars, MaxCount)
}

func (r *reader) certificate() Certificate {
	return Certificate{
		Key:       r.key(),
		Volunteer: r.id(),
		Serial:    r.text("serial", MaxSerial),
		Again:     r.bool("again"),
		Proof:     r.text("proof", MaxText),
		Center:    r.text("center", MaxText),
		Day:       Day(r.int("day", int64(MaxDay))),
		First:     Day(r.int("first day", int64(MaxDay))),
		Last:      Day(r.int("last day", int64(MaxDay))),
		Listed:    r.int("listed", MaxCount),
		Credit:    r.int("credit", MaxCount),
		Honour:    r.int("honour", MaxCount),
		Stars:     r.int("stars", MaxCount),
	}
}
