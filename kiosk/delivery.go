package kiosk

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"yizhan/civic"
	"yizhan/kiosk/store"
)

const deliveriesPage = "/staff/deliveries"

// Deliveries on one page, and lines of one.
const (
	deliveriesTall, deliveriesWide = 8, 6
	parcelTall, parcelWide         = 10, 4
)

// errDelivery means that a delivery is not known here any more.
var errDelivery = errors.New("kiosk: the delivery was called back, or received")

// found is what the clerk has found in one line, as the address carries it: line,
// pieces and why they are others than were sent.
type found struct {
	line   int
	pieces int64
	why    string
}

// foundKey is the name of it in an address; each value is LINE-PIECES-WHY.
const foundKey = "d"

// readFound reads what differs from a delivery out of an address. What our own pages
// do not write is an error.
func readFound(q url.Values, d store.Delivery) (map[int]found, error) {
	differs := make(map[int]found)
	for _, text := range q[foundKey] {
		parts := strings.Split(text, "-")
		if len(parts) != 3 || !slices.Contains(civic.ArrivalReasons, parts[2]) {
			return nil, errForm
		}
		line, err1 := strconv.Atoi(parts[0])
		pieces, err2 := strconv.ParseInt(parts[1], 10, 64)
		if err1 != nil || err2 != nil || line < 1 || line > len(d.Lines) || pieces < 0 || pieces > civic.MaxDelivered || pieces == d.Lines[line-1].Pieces || d.Arrived[line-1] != 0 {
			return nil, errForm
		}
		differs[line] = found{line, pieces, parts[2]}
	}
	return differs, nil
}

// foundQuery writes what readFound reads.
func foundQuery(differs map[int]found) url.Values {
	q := make(url.Values)
	for line := 1; line <= civic.MaxDeliveryLines; line++ {
		if f, ok := differs[line]; ok {
			q.Add(foundKey, strconv.Itoa(f.line)+"-"+strconv.FormatInt(f.pieces, 10)+"-"+f.why)
		}
	}
	return q
}

func deliveryPath(id string, differs map[int]found) string {
	path := "/staff/delivery/" + id
	if q := foundQuery(differs); len(q) > 0 {
		path += "?" + q.Encode()
	}
	return path
}

// deliveryRow is one delivery in the list.
type deliveryRow struct {
	store.Delivery
	Pieces int64
}

// deliveries lists what is on its way to this kiosk.
func (o *office) deliveries(a *ask, _ civic.Staff) error {
	list, err := o.cfg.Store.Deliveries()
	if err != nil {
		return err
	}
	from := offset(a, len(list))
	var rows []deliveryRow
	for _, d := range list[from:min(len(list), from+deliveriesTall)] {
		row := deliveryRow{Delivery: d}
		for _, l := range d.Lines {
			row.Pieces += l.Pieces
		}
		rows = append(rows, row)
	}
	link := func(from int) string { return deliveriesPage + "?from=" + strconv.Itoa(from) }
	done := a.FormValue("done")
	wide := deliveriesWide
	if !civic.ValidDelivery(done) {
		done = ""
	} else {
		wide -= 2 // what to do next takes the room of two
	}
	return o.show(a, page{word: "deliveries", back: "/staff/stock", data: struct {
		Rows       []deliveryRow
		Done       string // the one that was received just now
		Tall, Wide pager
	}{rows, done, newPager(from, len(list), deliveriesTall, link), newPager(from, len(list), wide, link)}})
}

// deliveryLine is one line of a delivery beside what the clerk has found.
type deliveryLine struct {
	civic.DeliveryLine
	Name    store.Good
	Number  int
	Found   int64
	Why     string // "": as many as were sent
	Arrived bool   // its entry is written already
	URL     string
}

// pathDelivery reads the delivery that the path names, and what the query says was
// found of it.
func (o *office) pathDelivery(a *ask) (d store.Delivery, differs map[int]found, err error) {
	d, err = o.cfg.Store.Delivery(a.PathValue("delivery"))
	if errors.Is(err, store.ErrUnknown) {
		return d, nil, errors.Join(errDelivery, err)
	}
	if err != nil {
		return d, nil, err
	}
	if d.Whole() {
		return d, nil, store.ErrArrived
	}
	if err := a.ParseForm(); err != nil {
		return d, nil, errForm
	}
	differs, err = readFound(a.Form, d)
	return d, differs, err
}

// delivery shows a delivery line by line, beside what has come.
func (o *office) delivery(a *ask, _ civic.Staff) error {
	d, differs, err := o.pathDelivery(a)
	if err != nil {
		return err
	}
	data := struct {
		store.Delivery
		Rows       []deliveryLine
		Sent, Come int64
		Differs    int
		Found      []string // for the form
		Key        string
		Tall, Wide pager
	}{Delivery: d, Differs: len(differs), Found: foundQuery(differs)[foundKey], Key: o.newKey()}
	from := offset(a, len(d.Lines))
	for i := range d.Lines {
		line := o.deliveryLine(a, d, differs, i+1)
		data.Sent, data.Come = data.Sent+line.Pieces, data.Come+line.Found
		if i >= from && i < from+parcelTall {
			data.Rows = append(data.Rows, line)
		}
	}
	link := func(from int) string {
		q := foundQuery(differs)
		q.Set("from", strconv.Itoa(from))
		return "/staff/delivery/" + d.ID + "?" + q.Encode()
	}
	data.Tall, data.Wide = newPager(from, len(d.Lines), parcelTall, link), newPager(from, len(d.Lines), parcelWide, link)
	return o.show(a, page{word: "delivery", back: deliveriesPage, data: data})
}

func (o *office) deliveryLine(a *ask, d store.Delivery, differs map[int]found, number int) deliveryLine {
	sent := d.Lines[number-1]
	line := deliveryLine{DeliveryLine: sent, Number: number, Found: sent.Pieces, Arrived: d.Arrived[number-1] != 0}
	if f, ok := differs[number]; ok {
		line.Found, line.Why = f.pieces, f.why
	}
	line.URL = "/staff/delivery/" + d.ID + "/" + strconv.Itoa(number)
	if q := foundQuery(differs); len(q) > 0 {
		line.URL += "?" + q.Encode()
	}
	var err error
	if line.Name, err = o.cfg.Store.Good(sent.Good); err != nil {
		line.Name.Good = civic.Good{Code: sent.Good, Name: sent.Good}
	}
	return line
}

// deliveryFound asks about one line: how many have come and, if that is not what was
// sent, why. The answers go into the address of the delivery.
func (o *office) deliveryFound(a *ask, _ civic.Staff) error {
	d, differs, err := o.pathDelivery(a)
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(a.PathValue("line"))
	if err != nil || number < 1 || number > len(d.Lines) || d.Arrived[number-1] != 0 {
		return store.ErrUnknown
	}
	data := struct {
		deliveryLine
		ID      string
		Step    string // pieces, why
		Pieces  int64
		Keypad  keypad
		Reasons []string
		Others  []string // what was said of other lines
	}{deliveryLine: o.deliveryLine(a, d, differs, number), ID: d.ID, Step: "pieces"}
	delete(differs, number)
	here := func(q url.Values) string {
		return "/staff/delivery/" + d.ID + "/" + strconv.Itoa(number) + "?" + q.Encode()
	}
	data.Keypad = keypad{Action: here(foundQuery(differs)), Least: 1, Most: moveDigits, Key: "staff.move.next"}
	if a.Method == http.MethodPost {
		q := foundQuery(differs)
		if digits := o.press(a, data.Keypad); digits != "" {
			q.Set("pieces", digits)
		} else {
			q.Set(typing, "")
		}
		a.redirect(here(q))
		return nil
	}
	back := deliveryPath(d.ID, differs)
	if n, err := pieces(a, "count"); err == nil {
		if n == d.Lines[number-1].Pieces {
			a.redirect(back)
			return nil
		}
		if reason := a.FormValue("reason"); slices.Contains(civic.ArrivalReasons, reason) {
			differs[number] = found{number, n, reason}
			a.redirect(deliveryPath(d.ID, differs))
			return nil
		}
		data.Step, data.Pieces, data.Reasons, data.Others = "why", n, reasonsFor(n, d.Lines[number-1].Pieces), foundQuery(differs)[foundKey]
		back = here(foundQuery(differs))
	}
	data.Keypad.Digits = typed(a)
	return o.show(a, page{word: "deliveryline", back: back, data: data})
}

// reasonsFor are why so many came, where others were sent.
func reasonsFor(come, sent int64) []string {
	if come > sent {
		return []string{"more", "wrong"}
	}
	return []string{"missing", "broken", "wrong"}
}

// deliveryNow receives a delivery as the clerk has found it.
func (o *office) deliveryNow(a *ask, me civic.Staff) error {
	key, err := formKey(a)
	if err != nil {
		return err
	}
	id := a.PathValue("delivery")
	d, err := o.cfg.Store.Delivery(id)
	if errors.Is(err, store.ErrUnknown) {
		return errors.Join(errDelivery, err)
	}
	if err != nil {
		return err
	}
	fresh := d // what a repeated tap says is read as if nothing had come: the store knows the key
	fresh.Arrived = make([]uint64, len(d.Lines))
	differs, err := readFound(a.PostForm, fresh)
	if err != nil {
		return err
	}
	list := make([]store.Found, len(d.Lines))
	for i, l := range d.Lines {
		list[i] = store.Found{Pieces: l.Pieces}
		if f, ok := differs[i+1]; ok {
			list[i] = store.Found{Pieces: f.pieces, Why: f.why}
		}
	}
	if _, err := o.cfg.Store.ReceiveDelivery(a.Context(), key, id, list, me.ID); err != nil {
		return err
	}
	a.redirect(deliveriesPage + "?done=" + id)
	return nil
}
