package civic

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"yizhan/ledger"
)

// Shift is one time of an activity at one place, as a center sends it to the kiosks
// at which its people check in and out. Times are Unix seconds.
type Shift struct {
	ID         ledger.ID    `json:"id"`
	Version    uint64       `json:"version"`
	Activity   ledger.ID    `json:"activity"`         // whose time it is
	Number     string       `json:"number,omitempty"` // of the activity, as the national system numbers it [albx0013]
	Title      string       `json:"title"`
	TitleEN    string       `json:"title_en,omitempty"`
	Platform   string       `json:"platform,omitempty"` // one of StandardPlatforms, or the name of one of the N
	Category   string       `json:"category,omitempty"` // national code [albx0009], see package code
	Team       string       `json:"team,omitempty"`
	Place      string       `json:"place"` // where people meet: 石桥路口
	PlaceEN    string       `json:"place_en,omitempty"`
	Scope      string       `json:"scope"` // place of the org tree that holds it
	Start      int64        `json:"start"`
	End        int64        `json:"end"`             // on the same day
	Kiosks     []string     `json:"kiosks"`          // at which people check in
	Posts      []Post       `json:"posts,omitempty"` // numbered from 1
	Leaders    []ledger.ID  `json:"leaders,omitempty"`
	Enlisted   []Enlisted   `json:"enlisted,omitempty"` // who claimed a post, by volunteer
	Waiting    []Enlisted   `json:"waiting,omitempty"`  // who waits for a place in a post that is full, the first first
	Ended      []EndedClaim `json:"ended,omitempty"`    // whose claim of a kiosk's came to nothing, or is over, by volunteer
	Heard      []HeardClaim `json:"heard,omitempty"`    // up to which entries of kiosks all of this follows, by volunteer
	Codes      string       `json:"codes,omitempty"`    // what stands before a code's bytes: HTTPS://HOST:PORT/C/; "": phones cannot check in
	Tickets    string       `json:"tickets,omitempty"`  // the same of a phone's first sign-in: HTTPS://HOST:PORT/P/
	CheckEarly int64        `json:"check_early"`        // seconds before the start from which one may check in
	CheckLate  int64        `json:"check_late"`         // seconds after the end until which one may check out
	Closed     bool         `json:"closed,omitempty"`   // called off, or over and settled: nobody checks in any more
}

// Post is what a shift wants people for.
type Post struct {
	Name   string `json:"name"` // [albx0090]
	NameEN string `json:"name_en,omitempty"`
	Wanted int64  `json:"wanted"` // people; 0: as many as come
	Needs  string `json:"needs,omitempty"`
}

// Enlisted is a volunteer who claimed a post.
type Enlisted struct {
	Who  ledger.ID `json:"who"`
	Post int64     `json:"post,omitempty"` // from 1; 0: any
}

// Why a claim is not, or no longer, kept.
const (
	ClaimLate   = "late"   // it came when the shift was over or called off
	ClaimFull   = "full"   // too many waited
	ClaimStruck = "struck" // an officer struck it out
	ClaimGiven  = "given"  // the volunteer gave it up
)

// EndedClaim is a claim that does not stand.
type EndedClaim struct {
	Who ledger.ID `json:"who"`
	Why string    `json:"why"`
}

// HeardClaim says that the center has heard what a volunteer asked of a shift at a kiosk,
// up to an entry of its chain: the shift says what became of it.
type HeardClaim struct {
	Who   ledger.ID `json:"who"`
	Kiosk string    `json:"kiosk"`
	Epoch uint32    `json:"epoch"`
	Seq   uint64    `json:"seq"`
}

// Taken is how many have claimed a post, numbered from 1.
func (s Shift) Taken(post int64) (n int64) {
	for _, e := range s.Enlisted {
		if e.Post == post {
			n++
		}
	}
	return n
}

// Opens and Shuts are the Unix seconds between which people check in and out.
func (s Shift) Opens() int64 { return s.Start - s.CheckEarly }

// Shuts is the other end of Opens.
func (s Shift) Shuts() int64 { return s.End + s.CheckLate }

// At tells whether people check in at a kiosk.
func (s Shift) At(kiosk string) bool { return slices.Contains(s.Kiosks, kiosk) }

// codesPrefix is an address in QR's small alphanumeric mode.
var codesPrefix = regexp.MustCompile(`^HTTPS?://[A-Z0-9.-]+(:[0-9]{1,5})?/[CP]/$`)

// CodesPrefix holds the rules of Shift.Codes and Shift.Tickets.
func CodesPrefix(at string) error {
	if len(at) > MaxCodesPrefix || !codesPrefix.MatchString(at) {
		return fmt.Errorf("%q is no address that codes can begin with", at)
	}
	return nil
}

func (s Shift) check(to addressee) error {
	switch {
	case s.ID.IsZero() || s.Activity.IsZero():
		return errors.New("the id is nobody's")
	case !to.linked:
		return errors.New("only a center sends activities")
	case s.Start < 0 || s.End <= s.Start || s.End-s.Start > 24*60*60 || s.End > maxShiftEnd:
		return fmt.Errorf("lasts from %d to %d", s.Start, s.End)
	case s.CheckEarly < 0 || s.CheckEarly > maxMargin || s.CheckLate < 0 || s.CheckLate > maxMargin:
		return fmt.Errorf("is open %d s before and %d s after", s.CheckEarly, s.CheckLate)
	case len(s.Kiosks) > MaxShiftKiosks || len(s.Posts) > ledger.MaxPosts || len(s.Leaders) > MaxLeaders || len(s.Enlisted) > MaxEnlisted || len(s.Waiting) > MaxEnlisted:
		return fmt.Errorf("%d kiosks, %d posts, %d leaders, %d people, at most %d, %d, %d, %d", len(s.Kiosks), len(s.Posts), len(s.Leaders), len(s.Enlisted),
			MaxShiftKiosks, ledger.MaxPosts, MaxLeaders, MaxEnlisted)
	case len(s.Scope) > maxScopeBytes:
		return errors.New("the scope is too long")
	}
	for _, at := range []string{s.Codes, s.Tickets} {
		if at == "" {
			continue
		}
		if err := CodesPrefix(at); err != nil {
			return err
		}
	}
	if err := s.checkPeople(); err != nil {
		return err
	}
	return errors.Join(checkVersion(s.Version, to.serial), required("title", s.Title), required("place", s.Place), checkNumber(s.Number),
		short("title", s.Title), short("English title", s.TitleEN), short("place", s.Place), short("English place", s.PlaceEN),
		short("platform", s.Platform), short("category", s.Category), short("team", s.Team), noPrivate(s.Title), noPrivate(s.Place), noPrivate(s.Team))
}

// checkPeople holds kiosks, posts and who claimed them.
func (s Shift) checkPeople() error {
	for _, k := range s.Kiosks {
		if !ledger.ValidKiosk(k) {
			return fmt.Errorf("kiosk %q", k)
		}
	}
	for i, p := range s.Posts {
		if err := errors.Join(required("name", p.Name), short("name", p.Name), short("English name", p.NameEN), short("requirements", p.Needs),
			within("people wanted", p.Wanted, MaxEnlisted), noPrivate(p.Name), noPrivate(p.Needs)); err != nil {
			return fmt.Errorf("post %d: %w", i+1, err)
		}
	}
	last := ledger.ID{}
	for _, e := range s.Enlisted {
		if slices.Compare(e.Who[:], last[:]) <= 0 || e.Post < 0 || e.Post > int64(len(s.Posts)) {
			return fmt.Errorf("who claimed post %d is nobody, out of order or comes twice", e.Post)
		}
		last = e.Who
	}
	seen := make(map[ledger.ID]bool)
	for _, e := range slices.Concat(s.Enlisted, s.Waiting) {
		if e.Who.IsZero() || seen[e.Who] || e.Post < 0 || e.Post > int64(len(s.Posts)) {
			return fmt.Errorf("who waits for post %d is nobody, or has one already", e.Post)
		}
		seen[e.Who] = true
	}
	return s.checkHeard(seen)
}

// checkHeard holds what the center has heard of claims to those that stand.
func (s Shift) checkHeard(stands map[ledger.ID]bool) error {
	if len(s.Ended) > MaxEnlisted || len(s.Heard) > MaxEnlisted {
		return fmt.Errorf("%d claims that do not stand, %d that were heard of, at most %d", len(s.Ended), len(s.Heard), MaxEnlisted)
	}
	for _, e := range s.Ended {
		if e.Who.IsZero() || stands[e.Who] || !slices.Contains([]string{ClaimLate, ClaimFull, ClaimStruck, ClaimGiven}, e.Why) {
			return fmt.Errorf("a claim that ended as %q is nobody's, or stands", e.Why)
		}
	}
	for _, h := range s.Heard {
		if h.Who.IsZero() || !ledger.ValidKiosk(h.Kiosk) || h.Epoch == 0 || h.Seq == 0 {
			return fmt.Errorf("entry %d of kiosk %q, epoch %d, claims nothing", h.Seq, h.Kiosk, h.Epoch)
		}
	}
	return nil
}

// Attendance states, as documents say them.
const (
	AttendOpen      = "open"      // checked in
	AttendPending   = "pending"   // over, and a leader has to confirm it
	AttendConfirmed = "confirmed" // its points are booked, if it has any
	AttendRefused   = "refused"   // a leader says that it was not so
)

// Attended is what a center knows of one person's attendance at a shift. It tells the
// kiosks of the shift who checked in by phone, and what became of it. Times are Unix
// seconds, 0 for none.
type Attended struct {
	Shift   ledger.ID     `json:"shift"`
	Who     ledger.ID     `json:"who"`
	Version uint64        `json:"version"`
	Name    string        `json:"name,omitempty"` // masked
	In      int64         `json:"in,omitempty"`
	Out     int64         `json:"out,omitempty"`
	State   string        `json:"state"` // one of the above
	Minutes int64         `json:"minutes,omitempty"`
	Points  ledger.Points `json:"points,omitempty"`
}

// Key is how an attendance is named: its shift and its person.
func (a Attended) Key() string { return a.Shift.String() + "-" + a.Who.String() }

func (a Attended) check(to addressee) error {
	switch {
	case a.Shift.IsZero() || a.Who.IsZero():
		return errors.New("the id is nobody's")
	case !to.linked:
		return errors.New("only a center sends attendances")
	case !slices.Contains([]string{AttendOpen, AttendPending, AttendConfirmed, AttendRefused}, a.State):
		return fmt.Errorf("state %q is not known", a.State)
	}
	return errors.Join(checkVersion(a.Version, to.serial), short("name", a.Name), noPrivate(a.Name), within("check-in", a.In, maxShiftEnd), within("check-out", a.Out, maxShiftEnd),
		within("minutes", a.Minutes, 24*60), within("points", int64(a.Points), int64(ledger.MaxPoints)))
}

// ByTime orders shifts as people look for them: by their start, then by activity and
// place, 路口2 before 路口10.
func ByTime(x, y Shift) int {
	return cmp.Or(cmp.Compare(x.Start, y.Start), natural(x.Title, y.Title), natural(x.Place, y.Place), cmp.Compare(x.Scope, y.Scope), bytes.Compare(x.ID[:], y.ID[:]))
}

// natural compares texts in which a run of digits is a number.
func natural(x, y string) int {
	for x != "" && y != "" {
		a, b := digits(x), digits(y)
		if a == "" || b == "" {
			if x[0] != y[0] {
				return cmp.Compare(x[0], y[0])
			}
			x, y = x[1:], y[1:]
			continue
		}
		m, n := strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
		if c := cmp.Or(cmp.Compare(len(m), len(n)), cmp.Compare(m, n)); c != 0 {
			return c
		}
		x, y = x[len(a):], y[len(b):]
	}
	return cmp.Compare(len(x), len(y))
}

// digits are those that a text begins with.
func digits(s string) string { return s[:len(s)-len(strings.TrimLeft(s, "0123456789"))] }
