package kiosk

import (
	"net/http"
	"slices"
	"strconv"

	"yizhan/civic"
	"yizhan/kiosk/store"
)

// moveDigits bounds the pieces typed at once: 9999.
const moveDigits = 4

// moveData is the questions of one move of stock, one a page: how many, for waste
// also why, and whether the sum is right.
type moveData struct {
	store.Good
	Word    string // receive, count, waste
	Step    string // pieces, why, confirm
	Keypad  keypad
	Pieces  int64
	Reasons []string
	Reason  string
	Before  int64 // pieces on hand
	Delta   int64
	After   int64
	Same    bool // a count that finds what is on record
	Short   bool // after it there would be fewer pieces than are reserved
	Key     string
	URL     string // of this move, with the pieces
}

// Plus is the difference with its sign.
func (d moveData) Plus() string {
	if d.Delta >= 0 {
		return "+" + number(d.Delta)
	}
	return number(d.Delta)
}

// move asks the next question; the answers so far stand in the query.
func (o *office) move(a *ask, _ civic.Staff) error {
	word, err := moveWord(a)
	if err != nil {
		return err
	}
	good, err := o.cfg.Store.Good(a.PathValue("good"))
	if err != nil {
		return err
	}
	path := "/staff/move/" + word + "/" + good.Code
	data := moveData{Good: good, Word: word, Step: "pieces", Before: good.Shelf.OnHand(), Key: o.newKey()}
	data.Keypad = keypad{Action: path, Least: 1, Most: moveDigits, Key: "staff.move.next"}
	if a.Method == http.MethodPost {
		if digits := o.press(a, data.Keypad); digits != "" {
			a.redirect(path + "?pieces=" + digits)
			return nil
		}
		a.redirect(path + "?" + typing)
		return nil
	}
	back := "/staff/shelf/" + good.Code
	if pieces, err := pieces(a, word); err == nil {
		data.URL = path + "?pieces=" + strconv.FormatInt(pieces, 10)
		data.sums(pieces)
		data.Step, back = "confirm", path
		if word == "waste" {
			data.Reasons, data.Reason = wasteReasons, a.FormValue("reason")
			if !slices.Contains(wasteReasons, data.Reason) {
				data.Step = "why"
			} else {
				back = data.URL
			}
		}
	}
	data.Keypad.Digits = typed(a)
	return o.show(a, page{word: "move", back: back, data: data})
}

// sums works out what the move would change.
func (d *moveData) sums(pieces int64) {
	d.Pieces, d.Delta = pieces, pieces
	switch d.Word {
	case "count":
		d.Delta = pieces - d.Before
	case "waste":
		d.Delta = -pieces
	}
	d.After = d.Before + d.Delta
	d.Same = d.Word == "count" && d.Delta == 0
	d.Short = d.After < d.Shelf.Held
}

// moveWord reads which move the path names.
func moveWord(a *ask) (string, error) {
	for _, word := range moveWords {
		if a.PathValue("move") == word {
			return word, nil
		}
	}
	return "", store.ErrUnknown
}

// pieces reads how many; only a count may find none.
func pieces(a *ask, word string) (int64, error) {
	n, err := strconv.ParseInt(a.FormValue("pieces"), 10, 64)
	if err != nil || n < 0 || n > 9999 || n == 0 && word != "count" {
		return 0, errForm
	}
	return n, nil
}

// moveNow changes the stock.
func (o *office) moveNow(a *ask, me civic.Staff) error {
	word, err := moveWord(a)
	if err != nil {
		return err
	}
	n, err := pieces(a, word)
	if err != nil {
		return err
	}
	key, err := formKey(a)
	if err != nil {
		return err
	}
	good, ctx, st := a.PathValue("good"), a.Context(), o.cfg.Store
	switch word {
	case "receive":
		_, err = st.Receive(ctx, key, good, n, me.ID, "")
	case "count":
		_, err = st.Count(ctx, key, good, n, me.ID, "")
	case "waste":
		var reason string
		if reason, err = chosen(a, wasteReasons); err == nil {
			_, err = st.Waste(ctx, key, good, n, me.ID, reason)
		}
	}
	if err != nil {
		return err
	}
	a.redirect("/staff/shelf/" + good)
	return nil
}
