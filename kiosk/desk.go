package kiosk

import (
	"errors"
	"net/url"
	"strconv"
	"time"

	"yizhan/assets"
	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// Rows on one page of the desk.
const deskTall, deskWide = 5, 3

// deskRow is one redemption on the desk.
type deskRow struct {
	store.Redemption
	Claim     string // A037
	Name      string // masked
	When      string
	Ago       string
	KeptUntil string // of one that is kept until some time
	First     bool   // the one that was scanned, typed or just dealt with
	Key       string // idempotency key of the hand-over
}

// Waiting tells whether the goods are still to be handed over.
func (r deskRow) Waiting() bool { return r.State == ledger.Reserved }

// desk shows who waits for goods, the newest first. The redemption that the query
// names stands above all others, whatever has become of it. What has to be done about
// paper appears while the page is on the screen.
func (o *office) desk(a *ask, me civic.Staff) error {
	a.follow()
	var first *store.Redemption
	if seq, err := sequence(a.FormValue("row")); err == nil {
		r, err := o.cfg.Store.Redemption(seq)
		if err != nil {
			return err
		}
		first = &r
	}
	list, total, all, err := o.waiting(a, first)
	if err != nil {
		return err
	}
	from := offset(a, all)
	rows := make([]deskRow, 0, deskTall)
	for _, r := range list[min(from, len(list)):min(len(list), from+deskTall)] {
		rows = append(rows, o.deskRow(a, r, first != nil && r.Seq == first.Seq))
	}
	today, err := o.cfg.Store.Today()
	if err != nil {
		return err
	}
	paper, err := o.deskPaper(a)
	if err != nil {
		return err
	}
	coming, err := o.cfg.Store.Deliveries()
	if err != nil {
		return err
	}
	rosters, err := o.rostered()
	if err != nil {
		return err
	}
	word, err := o.unsaid(o.lang(a), me, rosters)
	if err != nil {
		return err
	}
	wide := deskWide
	if paper != nil || word != nil {
		wide-- // the notice takes the room of one
	}
	link := func(from int) string {
		q := url.Values{"from": {strconv.Itoa(from)}}
		if first != nil {
			q.Set("row", textOf(first.Seq))
		}
		return deskPage + "?" + q.Encode()
	}
	return o.show(a, page{word: "desk", data: struct {
		Paper      *deskPaper
		Rows       []deskRow
		Total      int // who waits
		Settled    int64
		Coming     int     // deliveries on their way
		Rosters    bool    // people check in here
		Unsaid     *unsaid // nil: this member of staff has nobody to confirm
		Tall, Wide pager
	}{paper, rows, total, today.Settled, len(coming), len(rosters) > 0, word,
		newPager(from, all, deskTall, link), newPager(from, all, wide, link)}})
}

// unsaid is whom a leader has to confirm: people who have come and gone, and whose hours
// wait for a word.
type unsaid struct {
	People int
	Title  string // of the activity; "": there are several
	Path   string // of its roster, or of the list
}

// unsaid looks through the rosters for whom one member of staff can confirm now.
func (o *office) unsaid(lang assets.Lang, me civic.Staff, rosters []civic.Shift) (*unsaid, error) {
	l := leadOf(me)
	var u unsaid
	for _, v := range rosters {
		if c, err := o.turnout(v.ID); err != nil || c.Arrived == 0 || v.Closed || !l.mayConfirm(v) {
			if err != nil {
				return nil, err
			}
			continue
		}
		people, err := o.cfg.Store.Roster(v.ID)
		if err != nil {
			return nil, err
		}
		n := len(o.confirmable(l, v, people))
		switch {
		case n == 0:
		case u.People == 0:
			u.Title, u.Path = titleOf(lang, v), l.path(v.ID)
		default:
			u.Title, u.Path = "", rostersPage
		}
		u.People += n
	}
	if u.People == 0 {
		return nil, nil
	}
	return &u, nil
}

// waiting reads the rows up to the end of the page that the request wants, with
// first moved to the top. All counts the rows there are, first included.
func (o *office) waiting(a *ask, first *store.Redemption) (list []store.Redemption, total, all int, err error) {
	from, _ := strconv.Atoi(a.FormValue("from"))
	from = max(0, min(from, maxWaiting))
	got, total, err := o.cfg.Store.Waiting(0, from+deskTall)
	if err != nil {
		return nil, 0, 0, err
	}
	all = min(total, maxWaiting)
	if first == nil {
		return got, total, all, nil
	}
	list = []store.Redemption{*first}
	for _, r := range got {
		if r.Seq != first.Seq {
			list = append(list, r)
		}
	}
	if first.State != ledger.Reserved {
		all++
	}
	return list, total, all, nil
}

func (o *office) deskRow(a *ask, r store.Redemption, first bool) deskRow {
	return deskRow{
		Redemption: r,
		Claim:      ledger.ClaimText(r.Claim),
		Name:       o.volunteerName(r.Volunteer),
		When:       o.momentText(a, r.WallMS),
		Ago:        o.agoText(a, r.WallMS),
		KeptUntil:  o.sinceText(o.texts[o.lang(a)], time.Unix(r.Until, 0)),
		First:      first,
		Key:        o.newKey(),
	}
}

func idText(id ledger.ID) string {
	if id.IsZero() {
		return ""
	}
	return id.String()
}

// handover is where a scanned receipt leads: to its row while the goods wait, else
// to the page that says what has become of them.
func (o *office) handover(a *ask, _ civic.Staff) error {
	seq, err := sequence(a.FormValue("redemption"))
	if err != nil {
		return err
	}
	r, err := o.cfg.Store.Redemption(seq)
	if err != nil {
		return err
	}
	if r.State == ledger.Reserved {
		a.redirect(rowPage(seq))
		return nil
	}
	a.redirect(exchangePage(seq))
	return nil
}

func rowPage(seq uint64) string      { return deskPage + "?row=" + textOf(seq) }
func exchangePage(seq uint64) string { return "/staff/exchange/" + textOf(seq) }

// deed reads what every act on a redemption brings: which one, and the key of the form.
func deed(a *ask, redemption string) (seq uint64, key ledger.Key, err error) {
	if seq, err = sequence(redemption); err != nil {
		return 0, key, err
	}
	key, err = formKey(a)
	return seq, key, err
}

// settle records that goods were handed over. When somebody was faster, the page
// of the redemption says who.
func (o *office) settle(a *ask, me civic.Staff) error {
	seq, key, err := deed(a, a.FormValue("redemption"))
	if err != nil {
		return err
	}
	_, err = o.cfg.Store.Settle(a.Context(), key, seq, me.ID)
	if errors.Is(err, ledger.ErrState) {
		a.redirect(exchangePage(seq))
		return nil
	}
	if err != nil {
		return err
	}
	a.redirect(rowPage(seq))
	return nil
}

// more is the page of what is needed once a day or less.
func (o *office) more(a *ask, me civic.Staff) error {
	today, err := o.cfg.Store.Today()
	if err != nil {
		return err
	}
	locked := o.lockedColleague(me.ID)
	return o.show(a, page{word: "more", back: deskPage, data: struct {
		Settled  int64
		Leader   bool
		LockedID string // colleague whose PIN is locked; "": nobody
		Locked   string
	}{today.Settled, me.Role == civic.RoleLeader, idText(locked), o.staffName(locked)}})
}
