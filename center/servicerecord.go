package center

import (
	"cmp"
	"context"
	"slices"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// serviceRecord is what a certificate says of somebody's service. It is frozen when the
// certificate is issued, and names nobody by an ID number.
type serviceRecord struct {
	Name   string        `json:"name"`
	Number string        `json:"number,omitempty"` // of the volunteer [albp0029]
	Center string        `json:"center"`           // that issues it
	Listed int64         `json:"listed"`           // minutes that lists of other systems told
	Credit int64         `json:"credit"`           // minutes by checking in and out
	Honour int64         `json:"honour"`           // minutes that were entered afterwards
	Stars  int64         `json:"stars"`
	First  ledger.Day    `json:"first"` // of the times below; Last is the other end
	Last   ledger.Day    `json:"last"`
	Years  []serviceYear `json:"years"`
	Part   bool          `json:"part,omitempty"` // there are more times than it lists
}

// serviceYear is one year, the latest first.
type serviceYear struct {
	Year  int           `json:"year"`
	Lines []serviceLine `json:"lines"`
}

// serviceLine is one activity of a year.
type serviceLine struct {
	What   string `json:"what"`
	Times  int64  `json:"times"`
	Credit int64  `json:"credit"`
	Honour int64  `json:"honour"`
}

// Masked is the name as strangers see it.
func (r serviceRecord) Masked() string { return civic.MaskName(r.Name) }

// Minutes is all of it.
func (r serviceRecord) Minutes() int64 { return r.Listed + r.Credit + r.Honour }

// Sum adds up a year.
func (y serviceYear) Sum() (sum serviceLine) {
	for _, l := range y.Lines {
		sum.Times, sum.Credit, sum.Honour = sum.Times+l.Times, sum.Credit+l.Credit, sum.Honour+l.Honour
	}
	return sum
}

// serviceRecordOf works out what a certificate says of somebody now.
func serviceRecordOf(ctx context.Context, s *store.Store, p store.Person) (r serviceRecord, err error) {
	sum, times, err := s.Services(ctx, p.ID)
	if err != nil {
		return r, err
	}
	root, err := s.Root(ctx)
	if err != nil {
		return r, err
	}
	stars, err := s.StarsOf(ctx, p.ID)
	if err != nil {
		return r, err
	}
	r = serviceRecord{Name: p.Name, Number: p.Number, Center: root.Name, Listed: sum.Listed, Credit: sum.Credit, Honour: sum.Honour, Stars: store.StarsHeld(stars)}
	r.Years = yearsOf(times)
	r.Part = len(times) >= store.MaxServices
	if len(times) > 0 {
		r.First, r.Last = times[len(times)-1].Day, times[0].Day
	}
	return r, nil
}

// yearsOf adds up times of service, the latest first, by year and activity. Within a
// year the activity with the most hours comes first.
func yearsOf(times []store.Service) (years []serviceYear) {
	for _, s := range times {
		year := s.Day.Time().Year()
		if len(years) == 0 || years[len(years)-1].Year != year {
			years = append(years, serviceYear{Year: year})
		}
		y := &years[len(years)-1]
		at := slices.IndexFunc(y.Lines, func(l serviceLine) bool { return l.What == s.What })
		if at < 0 {
			at = len(y.Lines)
			y.Lines = append(y.Lines, serviceLine{What: s.What})
		}
		l := &y.Lines[at]
		l.Times++
		if s.Honour {
			l.Honour += s.Minutes
		} else {
			l.Credit += s.Minutes
		}
	}
	for i := range years {
		slices.SortStableFunc(years[i].Lines, func(x, y serviceLine) int { return cmp.Compare(y.Credit+y.Honour, x.Credit+x.Honour) })
	}
	return years
}

// accountService is how long somebody has served, and the stars for it.
type accountService struct {
	store.Served
	Held      int64      // stars
	Announced store.Star // none: zero
	Next      int64      // hours from which there is another star; 0: there is none
}

// serviceOf works it out.
func (c *console) serviceOf(ctx context.Context, p store.Person) (s accountService, err error) {
	if s.Served, _, err = c.Store.Services(ctx, p.ID); err != nil {
		return s, err
	}
	stars, err := c.Store.StarsOf(ctx, p.ID)
	if err != nil {
		return s, err
	}
	s.Held = store.StarsHeld(stars)
	for _, x := range stars {
		if x.State == store.StarAnnounced {
			s.Announced = x
		}
	}
	policy, _, err := c.policyOf(ctx, cmp.Or(p.Home, p.Town), c.todayIs())
	if err != nil && !gone(err) {
		return s, err
	}
	for _, hours := range policy.WithDefaults().Stars {
		if s.Next == 0 && hours*60 > s.Minutes() {
			s.Next = hours
		}
	}
	return s, nil
}

// starsBy is how many stars so many minutes are worth by the rules of somebody's place.
func (c *console) starsBy(ctx context.Context, town, home string, minutes int64) (int64, error) {
	policy, _, err := c.policyOf(ctx, cmp.Or(home, town), c.todayIs())
	if err != nil && !gone(err) {
		return 0, err
	}
	return int64(policy.WithDefaults().StarsFor(minutes)), nil
}
