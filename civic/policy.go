package civic

import (
	"errors"
	"fmt"
	"time"

	"yizhan/ledger"
)

// Policy is the rules in force at a station, or for the volunteers of a place. Zero
// fields mean the default. What each is called, its default and its bounds stand in
// [PolicyFields].
type Policy struct {
	PointsPerHour    int64         `json:"points_per_hour,omitempty"`    // for each credit hour
	MonthlyLimit     int64         `json:"monthly_limit,omitempty"`      // pieces of one good for each person and month
	RefundHours      int64         `json:"refund_hours,omitempty"`       // after the hand-over
	ClerkRefund      ledger.Points `json:"clerk_refund,omitempty"`       // a refund above it needs a leader
	ExpiryYears      int64         `json:"expiry_years,omitempty"`       // see Expiry
	ExpiryCalendar   bool          `json:"expiry_calendar,omitempty"`    // lots end with the calendar year, see Expiry
	SelfService      bool          `json:"self_service,omitempty"`       // self-service shelf: hand-over follows at once
	DayMinutes       int64         `json:"day_minutes,omitempty"`        // of service on one day that need nobody's approval
	DayMost          int64         `json:"day_most,omitempty"`           // minutes of service on one day, approved
	SecondPoints     ledger.Points `json:"second_points,omitempty"`      // an adjustment above it needs a second person
	BackEntryMinutes int64         `json:"back_entry_minutes,omitempty"` // of honour hours that may be entered for one person and month
	IdleSeconds      int64         `json:"idle_seconds,omitempty"`       // without a touch, until a kiosk asks; 0: as the kiosk was started
	HoldHours        int64         `json:"hold_hours,omitempty"`         // goods are kept for somebody who is elsewhere
	FreshDays        int64         `json:"fresh_days,omitempty"`         // a home kiosk that synced within them is granted new points at once
	Stars            [5]int64      `json:"stars,omitzero"`               // hours of service from which a volunteer has 1 to 5 stars
	CardGap          int64         `json:"card_gap,omitempty"`           // seconds between two cards of one shift at a kiosk
	EarlyMinutes     int64         `json:"early_minutes,omitempty"`      // before a shift begins, from which one may check in
	LateMinutes      int64         `json:"late_minutes,omitempty"`       // after its end, until which one may check out
	LongMinutes      int64         `json:"long_minutes,omitempty"`       // of one attendance, above which somebody reviews it
	PublicityDays    int64         `json:"publicity_days,omitempty"`     // working days for which a star is publicised before it is given
}

// PolicyField is one rule of a policy as people read and write it: a number of some
// unit, or a choice between no (0) and yes (1).
type PolicyField struct {
	Word    string // as in the document; of the stars star_1 to star_5
	Unit    string // points, minutes, hours, days, seconds, years, pieces, or choice
	Default int64
	Least   int64 // that can be written; 0 means the default in a document
	Most    int64
	at      func(*Policy) *int64 // nil: it is a choice
	choice  func(*Policy) *bool
}

// PolicyFields are the rules of a policy, in the order in which they are read.
var PolicyFields = []PolicyField{
	{"points_per_hour", "points", 10, 1, maxRate, func(p *Policy) *int64 { return &p.PointsPerHour }, nil},
	{"expiry_calendar", "choice", 0, 0, 1, nil, func(p *Policy) *bool { return &p.ExpiryCalendar }},
	{"expiry_years", "years", 3, 1, 20, func(p *Policy) *int64 { return &p.ExpiryYears }, nil},
	{"day_minutes", "minutes", 8 * 60, 30, 24 * 60, func(p *Policy) *int64 { return &p.DayMinutes }, nil},
	{"day_most", "minutes", 12 * 60, 30, 24 * 60, func(p *Policy) *int64 { return &p.DayMost }, nil},
	{"back_entry_minutes", "minutes", 20 * 60, 30, 31 * 24 * 60, func(p *Policy) *int64 { return &p.BackEntryMinutes }, nil},
	{"second_points", "points", 500, 1, int64(ledger.MaxPoints), func(p *Policy) *int64 { return (*int64)(&p.SecondPoints) }, nil},
	{"monthly_limit", "pieces", 2, 1, ledger.MaxQuantity, func(p *Policy) *int64 { return &p.MonthlyLimit }, nil},
	{"refund_hours", "hours", 24, 1, 24 * 366, func(p *Policy) *int64 { return &p.RefundHours }, nil},
	{"clerk_refund", "points", 1000, 1, int64(maxPrice), func(p *Policy) *int64 { return (*int64)(&p.ClerkRefund) }, nil},
	{"hold_hours", "hours", 72, 1, 30 * 24, func(p *Policy) *int64 { return &p.HoldHours }, nil},
	{"self_service", "choice", 0, 0, 1, nil, func(p *Policy) *bool { return &p.SelfService }},
	{"idle_seconds", "seconds", 75, 30, 600, func(p *Policy) *int64 { return &p.IdleSeconds }, nil},
	{"fresh_days", "days", 7, 1, 90, func(p *Policy) *int64 { return &p.FreshDays }, nil},
	{"card_gap", "seconds", 2, 1, 60, func(p *Policy) *int64 { return &p.CardGap }, nil},
	{"early_minutes", "minutes", 30, 1, maxMargin / 60, func(p *Policy) *int64 { return &p.EarlyMinutes }, nil},
	{"late_minutes", "minutes", 60, 1, maxMargin / 60, func(p *Policy) *int64 { return &p.LateMinutes }, nil},
	{"long_minutes", "minutes", 8 * 60, 30, 24 * 60, func(p *Policy) *int64 { return &p.LongMinutes }, nil},
	{"publicity_days", "days", 5, 1, 60, func(p *Policy) *int64 { return &p.PublicityDays }, nil},
	starField(0, 100), starField(1, 300), starField(2, 600), starField(3, 1000), starField(4, 1500),
}

func starField(i int, hours int64) PolicyField {
	return PolicyField{fmt.Sprint("star_", i+1), "hours", hours, 1, 100_000, func(p *Policy) *int64 { return &p.Stars[i] }, nil}
}

// Of is what a policy says of the rule; 0 may mean the default.
func (f PolicyField) Of(p Policy) int64 {
	if f.choice == nil {
		return *f.at(&p)
	}
	if *f.choice(&p) {
		return 1
	}
	return 0
}

// Set makes a policy say n.
func (f PolicyField) Set(p *Policy, n int64) {
	if f.choice == nil {
		*f.at(p) = n
		return
	}
	*f.choice(p) = n != 0
}

// WithDefaults fills in what the policy leaves open.
func (p Policy) WithDefaults() Policy {
	for _, f := range PolicyFields {
		if f.choice == nil && f.Of(p) == 0 {
			f.Set(&p, f.Default)
		}
	}
	return p
}

// Check holds a policy to its bounds.
func (p Policy) Check() error {
	for _, f := range PolicyFields {
		if err := within(f.Word, f.Of(p), f.Most); err != nil {
			return err
		}
	}
	full := p.WithDefaults()
	if full.DayMost < full.DayMinutes {
		return errors.New("the day_most is below the day_minutes")
	}
	for i := 1; i < len(full.Stars); i++ {
		if full.Stars[i] <= full.Stars[i-1] {
			return fmt.Errorf("the star_%d does not need more hours than the one below", i+1)
		}
	}
	return nil
}

// PointsFor turns credit minutes into points: half hours, rounded down.
func (p Policy) PointsFor(minutes int64) ledger.Points {
	return ledger.Points(minutes / 30 * p.WithDefaults().PointsPerHour / 2)
}

// Expiry returns the last day of points that were earned on a day. They last some
// years, to that month's end; or, by the calendar, to the end of some calendar
// years, of which the one that they are earned in is the first.
func (p Policy) Expiry(earned ledger.Day) ledger.Day {
	t, years := earned.Time(), int(p.WithDefaults().ExpiryYears)
	if p.ExpiryCalendar {
		return ledger.DayOf(time.Date(t.Year()+years, time.January, 0, 0, 0, 0, 0, time.UTC))
	}
	firstOfNext := t.AddDate(years, 1, 1-t.Day())
	return ledger.DayOf(firstOfNext.AddDate(0, 0, -1))
}

// StarsFor is how many stars so many minutes of service are worth, 0 to 5.
func (p Policy) StarsFor(minutes int64) (stars int) {
	for _, hours := range p.WithDefaults().Stars {
		if minutes >= hours*60 {
			stars++
		}
	}
	return stars
}
