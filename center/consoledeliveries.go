package center

import (
	"net/url"
	"slices"
	"strings"

	"yizhan/center/store"
	"yizhan/ledger"
)

// deliveriesQuery is what the address of the list of deliveries says.
type deliveriesQuery struct {
	Show   string // a state; "": all
	At     string // a kiosk; "": all
	Before string // a store.DeliveryMark: the page goes on behind it
}

func readDeliveriesQuery(q url.Values) (d deliveriesQuery, err error) {
	if show := q.Get("show"); slices.Contains(store.DeliveryStates, store.DeliveryState(show)) {
		d.Show = show
	}
	if d.At = q.Get("at"); d.At != "" && !ledger.ValidKiosk(d.At) {
		return d, store.ErrUnknown
	}
	if mark, err := store.ParseDeliveryMark(q.Get("before")); err == nil {
		d.Before = mark.String()
	}
	return d, nil
}

// To is the address of the page that shows it.
func (d deliveriesQuery) To() string {
	q := url.Values{}
	for name, value := range map[string]string{"show": d.Show, "at": d.At, "before": d.Before} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return strings.TrimSuffix("/deliveries?"+q.Encode(), "?")
}

// deliveryRow is one delivery in the list.
type deliveryRow struct {
	store.Delivery
	Name       string // of the kiosk
	Sent, Come int64
	To         string
}

// Word is its state, as texts and chips know it.
func (r deliveryRow) Word() string { return string(r.State) }

// Icon and Class are the shape and the colour of the state.
func (r deliveryRow) Icon() string { return stateIcons[r.Word()][0] }

// Class is the colour of the state.
func (r deliveryRow) Class() string { return stateIcons[r.Word()][1] }

// Arrived tells whether all of it was received.
func (r deliveryRow) Received() bool {
	return r.State == store.DeliveryReceived || r.State == store.DeliveryDiffers
}

// deliveriesPage is deliveries, the latest first.
type deliveriesPage struct {
	Query   deliveriesQuery
	Filters []listFilter
	Kiosks  []place
	Kiosk   string // name of the one that is shown
	Rows    []deliveryRow
	Older   string // the page behind this one; "": none
	Newest  string // the first page; "": this is it
	MayAct  bool
}

func (c *console) deliveries(a *ask) error {
	q, err := readDeliveriesQuery(a.URL.Query())
	if err != nil {
		return err
	}
	p := deliveriesPage{Query: q, MayAct: a.may(powerGoods)}
	kiosks, err := c.kiosksOf(a)
	if err != nil {
		return err
	}
	p.Kiosks = kiosks
	names := make(map[string]string)
	for _, k := range kiosks {
		names[k.ID] = k.Name
	}
	ask := store.DeliveryQuery{State: store.DeliveryState(q.Show), Limit: listRows + 1}
	switch {
	case q.At != "":
		if err := a.reaches(q.At); err != nil {
			return err
		}
		if p.Kiosk = names[q.At]; p.Kiosk == "" {
			return store.ErrUnknown
		}
		ask.Kiosks = []string{q.At}
	case !a.area.whole:
		ask.Kiosks = []string{}
		for _, k := range kiosks {
			ask.Kiosks = append(ask.Kiosks, k.ID)
		}
	}
	if mark, err := store.ParseDeliveryMark(q.Before); err == nil {
		ask.Before = mark
		first := q
		first.Before = ""
		p.Newest = first.To()
	}
	list, err := c.Store.Deliveries(a.Context(), ask)
	if err != nil {
		return err
	}
	if len(list) > listRows {
		list = list[:listRows]
		older := q
		older.Before = list[listRows-1].Mark().String()
		p.Older = older.To()
	}
	for _, d := range list {
		p.Rows = append(p.Rows, rowOf(d, names[d.Kiosk]))
	}
	p.filter()
	return c.show(a, page{word: "deliveries", data: p})
}

func rowOf(d store.Delivery, name string) deliveryRow {
	row := deliveryRow{Delivery: d, Name: name, To: deliveryPath(d.Kiosk, d.ID)}
	row.Sent, row.Come = d.Pieces()
	return row
}

// filter adds a key for each state. There are no counts: nobody needs that of all
// that ever was received, and it would read them all.
func (p *deliveriesPage) filter() {
	with := func(show string) string {
		q := p.Query
		q.Show, q.Before = show, ""
		return q.To()
	}
	p.Filters = []listFilter{{Word: "all", To: with(""), On: p.Query.Show == ""}}
	for _, state := range store.DeliveryStates {
		word := string(state)
		p.Filters = append(p.Filters, listFilter{Word: word, Icon: stateIcons[word][0], Class: stateIcons[word][1], To: with(word), On: p.Query.Show == word})
	}
}

func deliveryPath(kiosk, id string) string {
	return "/delivery/" + url.PathEscape(kiosk) + "/" + url.PathEscape(id)
}

// kiosksOf lists the kiosks of the officer's area, by path.
func (c *console) kiosksOf(a *ask) ([]place, error) {
	scopes, err := c.Store.AllScopes(a.Context())
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(a.within(placesOf(scopes)), func(s place) bool { return !ledger.ValidKiosk(s.ID) }), nil
}
