package center

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
	"yizhan/link"
)

// journalPage is the entries of one chain of a kiosk, and what can be carried there
// and back without a network.
type journalPage struct {
	Kiosk  store.Kiosk
	Epoch  uint32
	Epochs []uint32 // the latest first
	Chain  store.Chain
	Rows   []journalRow
	First  string // the page with the latest; "": it is this one
	Next   string // the page with earlier ones
	Took   *Carried
	Wrong  string // center.journal.wrong.WORD: why a file was not taken, or not all of it
	Cause  string // the same for the log
	MayAct bool
}

// journalRow is one entry for a person. Whose points it moved is on the volunteer's
// own account.
type journalRow struct {
	store.Sealed
	Word   string // center.entry.WORD
	When   time.Time
	Unsure bool // nobody had confirmed the kiosk's clock
	Good   string
	Pieces int64
	Points ledger.Points
	Of     uint64 // the entry that it is about: a redemption or a print job; 0: none
	To     string // page of the redemption that it begins; "": it begins none
}

var entryWords = map[ledger.Kind]string{ledger.KindReserve: "reserve", ledger.KindSettle: "settle", ledger.KindCancel: "cancel", ledger.KindRefund: "refund",
	ledger.KindReturn: "return", ledger.KindStock: "stock", ledger.KindRegister: "register", ledger.KindPrint: "print", ledger.KindStaff: "staff", ledger.KindDevice: "device",
	ledger.KindCheckIn: "checkin", ledger.KindCheckOut: "checkout", ledger.KindConfirm: "confirm", ledger.KindObject: "object", ledger.KindEnlist: "enlist", ledger.KindTicket: "ticket", ledger.KindCertificate: "certificate"}

func journalRowOf(e store.Sealed) journalRow {
	r := journalRow{Sealed: e, Word: entryWords[e.Body.Kind()], When: time.UnixMilli(e.WallMS), Unsure: e.Quality == ledger.ClockUnknown}
	sum := func(parts []ledger.Part) (n ledger.Points) {
		for _, part := range parts {
			n += part.Points
		}
		return n
	}
	switch b := e.Body.(type) {
	case ledger.Reserve:
		r.Good, r.Pieces, r.Points, r.To = b.Good, b.Quantity, -sum(b.Parts), redemptionPath(e.Kiosk, e.Epoch, e.Seq)
	case ledger.Settle:
		r.Of = b.Redemption
	case ledger.Cancel:
		r.Of = b.Redemption
	case ledger.Refund:
		r.Of = b.Redemption
	case ledger.Return:
		r.Points = -sum(b.Parts)
	case ledger.Stock:
		r.Good, r.Pieces = b.Good, b.Delta
	case ledger.Print:
		r.Of = b.Job
	}
	return r
}

func journalPath(kiosk string) string { return "/journal/" + kiosk }

func (c *console) journal(a *ask) error { return c.showJournal(a, journalPage{}) }

func (c *console) showJournal(a *ask, p journalPage) error {
	id := a.PathValue("kiosk")
	if err := a.reaches(id); err != nil {
		return err
	}
	var err error
	if p.Kiosk, p.Chain, err = c.Store.Kiosk(a.Context(), id); err != nil {
		return err
	}
	past, err := c.Store.Chains(a.Context(), id)
	if err != nil {
		return err
	}
	p.Epoch = p.Kiosk.Epoch
	if n, err := strconv.ParseUint(a.URL.Query().Get("epoch"), 10, 32); err == nil {
		p.Epoch = uint32(n)
	}
	known := len(past) == 0
	for _, one := range past {
		if p.Epochs = append(p.Epochs, one.Head.Epoch); one.Head.Epoch == p.Epoch {
			p.Chain, known = one.Chain, true
		}
	}
	if !known {
		return store.ErrUnknown
	}
	before, _ := strconv.ParseUint(a.URL.Query().Get("before"), 10, 62) // 0: from the latest
	list, err := c.Store.Entries(a.Context(), id, p.Epoch, before, journalRows+1)
	if err != nil {
		return err
	}
	of := journalPath(id) + "?epoch=" + strconv.FormatUint(uint64(p.Epoch), 10)
	if before > 0 {
		p.First = of
	}
	if len(list) > journalRows {
		list = list[:journalRows]
		p.Next = of + "&before=" + strconv.FormatUint(list[journalRows-1].Seq, 10)
	}
	for _, e := range list {
		p.Rows = append(p.Rows, journalRowOf(e))
	}
	p.MayAct = a.may(powerEquip)
	code := 0
	if p.Wrong != "" {
		code = http.StatusUnprocessableEntity
	}
	return c.show(a, page{word: "journal", title: p.Kiosk.Name, data: p, code: code})
}

// takeJournal takes in a journal that was carried here.
func (c *console) takeJournal(a *ask) error {
	if err := a.reaches(a.PathValue("kiosk")); err != nil {
		return err
	}
	if err := a.ParseMultipartForm(maxFormBytes); err != nil {
		return errors.Join(errForm, err)
	}
	file, _, err := a.FormFile("file")
	if err != nil {
		return c.showJournal(a, journalPage{Wrong: "none"})
	}
	defer file.Close()
	header, err := link.ReadJournal(file)
	if err == nil && header.Header.Kiosk != a.PathValue("kiosk") {
		return c.showJournal(a, journalPage{Wrong: "other", Cause: header.Header.Kiosk})
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	took, err := c.office().TakeJournal(a.Context(), file)
	p := journalPage{Took: &took}
	if err != nil {
		c.Log.Warn("console: a journal was not taken in whole", "officer", a.officer.Name, "kiosk", took.Header.Kiosk, "error", err)
		if p.Wrong = journalWrong(err); p.Wrong == "" {
			return err
		}
		p.Cause = err.Error()
	}
	if took.New() > 0 {
		if err := c.Store.Note(a.Context(), took.Header.Kiosk, a.officer.Name, "journal.taken", map[string]any{"first": took.Before + 1, "last": took.After}); err != nil {
			return err
		}
	}
	return c.showJournal(a, p)
}

// journalWrong is the word for why a journal was not taken in whole; "": it is none
// of those that a person can do something about.
func journalWrong(err error) string {
	for _, known := range []struct {
		err  error
		word string
	}{{ErrJournalFork, "fork"}, {ErrJournalKiosk, "unknown"}, {ErrJournalEpoch, "epoch"}, {ErrJournalKey, "box"}, {ErrJournalGap, "gap"}, {civic.ErrNewer, "newer"}, {link.ErrBreaksOff, "short"}, {link.ErrCourier, "damaged"}} {
		if errors.Is(err, known.err) {
			return known.word
		}
	}
	return ""
}

// bundleFile makes the bundle that carries to a kiosk what it must know, and sends it.
// It is a POST, because points are granted with it.
func (c *console) bundleFile(a *ask) error {
	id := a.PathValue("kiosk")
	if err := a.reaches(id); err != nil {
		return err
	}
	select {
	case c.exports <- struct{}{}:
		defer func() { <-c.exports }()
	default:
		return fmt.Errorf("%w: others are exporting", store.ErrBusy)
	}
	file, err := os.CreateTemp("", "yizhan-bundle-")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	h, err := c.office().Bundle(a.Context(), file, id)
	switch {
	case errors.Is(err, ErrNoBox):
		return c.showJournal(a, journalPage{Wrong: "no_box"})
	case errors.Is(err, ErrNoStation):
		return c.showJournal(a, journalPage{Wrong: "no_station"})
	case err != nil:
		return err
	}
	if err := c.Store.Note(a.Context(), id, a.officer.Name, "bundle.made", map[string]any{"number": h.Serial}); err != nil {
		return err
	}
	_, err = file.Seek(0, io.SeekStart)
	if err == nil {
		a.w.Header().Set("Content-Type", "application/octet-stream")
		a.w.Header().Set("Content-Disposition", `attachment; filename="`+id+`.yzb"`)
		_, err = io.Copy(a.w, file)
	}
	if err != nil {
		c.Log.Warn("console: a bundle broke off", "officer", a.officer.Name, "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// Counted is how far an entry has come: counted, signed or unsigned.
func (p journalPage) Counted(r journalRow) string {
	switch {
	case r.Seq <= p.Chain.Folded:
		return "counted"
	case r.Seq <= p.Chain.Signed:
		return "signed"
	}
	return "unsigned"
}

// Columns are those of the list: center.journal.column.WORD.
func (journalPage) Columns() []string {
	return []string{"number", "when", "what", "good", "pieces", "points", "state", "hash"}
}
