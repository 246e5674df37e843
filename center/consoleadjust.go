package center

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// requestForm is a form by which an officer asks for something for a volunteer, as
// it was typed.
type requestForm struct {
	store.Record
	Request  string // id of the request
	Alone    ledger.Points
	Month    int64 // minutes of the month's quota
	Points   string
	Lot      string      // day on which the points expire that are taken
	Lots     []store.Lot // to take from
	What     string
	Day      string
	From, To string
	Reason   string
	Evidence string
	// The objection that hours are entered for, as enterPath says it; "": none.
	Objection string
	Problem   string // center.KIND.problem.WORD
	Field     string
}

// wrong notes the first thing that is wrong.
func (p *requestForm) wrong(field, problem string) {
	if p.Problem == "" {
		p.Field, p.Problem = field, problem
	}
}

// aReason tells whether a text can stand as a reason: one line, not too long,
// without anybody's number.
func aReason(text string) bool {
	return text != "" && len([]rune(text)) <= maxReasonRunes && !civic.HoldsPrivateNumber(text) && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' })
}

// form begins a form about the volunteer of the address.
func (c *console) form(a *ask) (p requestForm, err error) {
	id, err := ledger.ParseID(a.PathValue("volunteer"))
	if err != nil {
		return p, store.ErrUnknown
	}
	if p.Record, err = c.record(a, id); err != nil {
		return p, err
	}
	policy, _, err := c.policyOf(a.Context(), p.Town, c.todayIs())
	if err != nil {
		return p, err
	}
	p.Alone, p.Month = policy.SecondPoints, policy.BackEntryMinutes
	if p.Request, err = c.seconds.id(); err != nil {
		return p, err
	}
	for name, field := range map[string]*string{"points": &p.Points, "lot": &p.Lot, "what": &p.What, "day": &p.Day, "from": &p.From, "to": &p.To, "reason": &p.Reason, "evidence": &p.Evidence, "objection": &p.Objection} {
		*field = a.typed(name)
	}
	if typed := a.typed("request"); typed != "" {
		p.Request = typed
	}
	return p, nil
}

// checkWords holds the reason and the evidence.
func (p *requestForm) checkWords() {
	if !aReason(p.Reason) {
		p.wrong("reason", "reason")
	}
	if p.Evidence == "" || len([]rune(p.Evidence)) > maxEvidenceRunes || civic.HoldsPrivateNumber(p.Evidence) {
		p.wrong("evidence", "evidence")
	}
}

func (c *console) showForm(a *ask, word string, p requestForm) error {
	code := 0
	if p.Problem != "" {
		code = http.StatusUnprocessableEntity
	}
	return c.show(a, page{word: word, title: c.text(a, "center."+word+".title", "name", p.Name), data: p, code: code})
}

func (c *console) adjust(a *ask) error {
	p, err := c.adjustForm(a)
	if err != nil {
		return err
	}
	return c.showForm(a, "adjust", p)
}

// adjustForm is the form with the lots that points can be taken from.
func (c *console) adjustForm(a *ask) (requestForm, error) {
	p, err := c.form(a)
	if err != nil {
		return p, err
	}
	account, err := c.Store.Account(a.Context(), p.ID)
	for _, lot := range account.Lots {
		if lot.Earned > 0 {
			p.Lots = append(p.Lots, lot)
		}
	}
	return p, err
}

// adjustedBody is which points are taken.
type adjustedBody struct {
	Expires ledger.Day `json:"expires"`
}

// amount reads how many points, and which where they are taken.
func (p *requestForm) amount() (n int64, body json.RawMessage) {
	n, err := strconv.ParseInt(p.Points, 10, 64)
	if err != nil || n == 0 || n < -maxAdjust || n > maxAdjust {
		p.wrong("points", "points")
	}
	if n > 0 {
		return n, json.RawMessage("{}")
	}
	for _, lot := range p.Lots {
		if lot.Expires.String() == p.Lot {
			if int64(lot.Earned) < -n {
				p.wrong("points", "lot_less")
			}
			body, _ = json.Marshal(adjustedBody{lot.Expires}) // it cannot fail
			return n, body
		}
	}
	p.wrong("lot", "lot")
	return n, nil
}

// adjustNow asks for points, or books them where the sum is small.
func (c *console) adjustNow(a *ask) error {
	p, err := c.adjustForm(a)
	if err != nil {
		return err
	}
	n, body := p.amount()
	if p.checkWords(); p.Problem != "" {
		return c.showForm(a, "adjust", p)
	}
	x := store.Asked{Place: p.Town, ID: p.Request, Kind: "adjust", Volunteer: p.ID, Amount: n, Body: body, Reason: p.Reason, Evidence: p.Evidence}
	return c.asks(a, x, store.AskRule{Since: c.monthStart(), Alone: int64(p.Alone)})
}

// asks puts a request about a volunteer, and leads back to the account.
func (c *console) asks(a *ask, x store.Asked, rule store.AskRule) error {
	x, err := c.seconds.ask(a, x, rule)
	if err != nil {
		return err
	}
	done := "second_asked"
	if x.State != store.AskedWaiting {
		done = "second_done"
	}
	if x.State == store.AskedFailed {
		a.redirect(secondPath(x.Place, x.ID))
		return nil
	}
	a.redirect(accountPath(x.Volunteer) + "?done=" + done)
	return nil
}

// adjusted books points that were confirmed, or takes them back. The day on which that happened decides
// when they expire, however late they are booked.
func (c *console) adjusted(ctx context.Context, x store.Asked) error {
	day := ledger.DayOf(x.Ended.In(c.Zone))
	policy, rule, err := c.policyOf(ctx, x.Place, day)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte("yizhan adjustment v1\n" + x.Place + "\n" + x.ID))
	e := civic.Earning{On: day, Expires: policy.Expiry(day), What: x.Reason, Points: ledger.Points(x.Amount), Rule: rule}
	if x.Amount < 0 {
		var lot adjustedBody
		if err := json.Unmarshal(x.Body, &lot); err != nil {
			return errors.Join(store.ErrInput, err)
		}
		e.Expires, e.Rule = lot.Expires, ""
		_, err := c.Store.Reverse(store.As(ctx, cmp.Or(x.Second, x.Who)), x.Volunteer, ledger.Key(sum[:8]), e)
		return err
	}
	after := map[string]any{"points": x.Amount, "reason": x.Reason, "evidence": x.Evidence, "asked": x.Who}
	return c.Store.EarnBy(ctx, x.Volunteer, ledger.Key(sum[:8]), e, cmp.Or(x.Second, x.Who), "person.adjusted", after)
}

// enteredBody is what is asked for besides the minutes.
type enteredBody struct {
	What  string     `json:"what"`
	Day   ledger.Day `json:"day"`
	First int64      `json:"first"`
	Last  int64      `json:"last"`

	Objection string `json:"objection,omitempty"` // that is upheld by this, see enterPath
}

func (c *console) enter(a *ask) error {
	p, err := c.form(a)
	if err != nil {
		return err
	}
	if err := c.fill(a, &p); err != nil {
		return err
	}
	return c.showForm(a, "enter", p)
}

// enterNow asks for hours of before to be entered. A second person decides always.
func (c *console) enterNow(a *ask) error {
	p, err := c.form(a)
	if err != nil {
		return err
	}
	policy, _, err := c.policyOf(a.Context(), p.Town, c.todayIs())
	if err != nil {
		return err
	}
	body := p.hours(c.todayIs(), policy.DayMost)
	if _, err := c.enteredFor(a.Context(), p.ID, p.Objection); err != nil {
		return err
	}
	body.Objection = p.Objection
	if p.checkWords(); p.Problem != "" {
		return c.showForm(a, "enter", p)
	}
	h := store.Honour{Volunteer: p.ID, Day: body.Day, First: body.First, Last: body.Last, What: body.What}
	if err := c.Store.Fits(a.Context(), h, policy.DayMost); errors.Is(err, store.ErrQuota) {
		p.wrong("from", "overlap")
		return c.showForm(a, "enter", p)
	} else if err != nil {
		return err
	}
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	x := store.Asked{Place: p.Town, ID: p.Request, Kind: "enter", Volunteer: p.ID, Amount: h.Minutes(), Body: text, Reason: p.Reason, Evidence: p.Evidence}
	err = c.asks(a, x, store.AskRule{Since: c.monthStart(), Quota: policy.BackEntryMinutes})
	if errors.Is(err, store.ErrQuota) {
		p.wrong("from", "quota")
		return c.showForm(a, "enter", p)
	}
	return err
}

// hours reads when it was.
func (p *requestForm) hours(today ledger.Day, most int64) (b enteredBody) {
	b.What = p.What
	if !aReason(p.What) {
		p.wrong("what", "what")
	}
	day, err := ledger.ParseDay(p.Day)
	if b.Day = day; err != nil || day > today || day < today-store.MaxHonourDays {
		p.wrong("day", "day")
	}
	first, ok1 := minuteOf(p.From)
	last, ok2 := minuteOf(p.To)
	b.First, b.Last = first, last
	switch {
	case !ok1 || !ok2 || last <= first:
		p.wrong("from", "time")
	case last-first > most:
		p.wrong("from", "long")
	}
	return b
}

// minuteOf reads a time of day, 00:00 to 23:59.
func minuteOf(text string) (int64, bool) {
	t, err := time.Parse("15:04", text)
	return int64(t.Hour()*60 + t.Minute()), err == nil && len(text) == 5
}

// entered books hours that were confirmed.
func (c *console) entered(ctx context.Context, x store.Asked) error {
	var body enteredBody
	if err := json.Unmarshal(x.Body, &body); err != nil {
		return errors.Join(store.ErrInput, err)
	}
	policy, _, err := c.policyOf(ctx, x.Place, body.Day)
	if err != nil {
		return err
	}
	h := store.Honour{Volunteer: x.Volunteer, ID: x.ID, Day: body.Day, First: body.First, Last: body.Last, What: body.What, Who: x.Who, Second: x.Second}
	if err := c.Store.PutHonour(ctx, h, policy.DayMost); err != nil || body.Objection == "" {
		return err
	}
	o, err := c.enteredFor(ctx, x.Volunteer, body.Objection)
	if errors.Is(err, store.ErrState) { // it was answered meanwhile
		return nil
	}
	if err != nil {
		return err
	}
	return c.Store.AnswerObjection(ctx, o.Volunteer, o.ID, store.Answer{Upheld: true, Entered: true, Minutes: h.Minutes(), Reason: x.Answer, By: cmp.Or(x.Second, x.Who)})
}
