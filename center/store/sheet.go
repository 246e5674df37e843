package store

import (
	"context"
	"encoding/json"
	"fmt"

	"yizhan/ledger"
)

const (
	selectSheet   = `SELECT state, from_day, to_day, pieces, points, fen, who, made_ms, body FROM sheet WHERE scope = $1 AND merchant = $2 AND n = $3`
	selectSheets  = `SELECT n, state, from_day, to_day, pieces, points, fen, who, made_ms FROM sheet WHERE scope = $1 AND merchant = $2 ORDER BY n DESC LIMIT $3`
	insertSheet   = `INSERT INTO sheet (scope, merchant, n, state, from_day, to_day, pieces, points, fen, who, made_ms, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`
	withdrawSheet = `UPDATE sheet SET state = 'withdrawn' WHERE scope = $1 AND merchant = $2 AND n = $3`
	scatterSheets = `SELECT merchant, n, state, from_day, to_day, pieces, points, fen, who, made_ms FROM sheet WHERE merchant > $1 ORDER BY merchant, n DESC LIMIT $2`
)

// SheetState is where a settlement sheet stands.
type SheetState string

// A sheet is closed, and may be withdrawn while no other one follows.
const (
	SheetClosed    SheetState = "closed"
	SheetWithdrawn SheetState = "withdrawn"
)

// Sheet is what a merchant is to be paid for: what was handed over of its goods, less
// what was refunded, between two entries of each kiosk's chain. Every entry comes
// into exactly one sheet: one that comes to the center after the sheet of its days
// was closed lies behind that sheet's last entry, and so in the next one, as a
// correction. What is closed never changes.
type Sheet struct {
	SheetHead
	Request string            `json:"request"` // of the form that closed it: twice is once
	Since   ledger.Day        `json:"since"`   // first day of the merchant's first sheet
	Name    string            `json:"name"`    // of the merchant, then
	Goods   map[string]Agreed `json:"goods"`   // by code
	Parts   []SheetPart       `json:"parts"`
}

// SheetHead is a sheet in a list.
type SheetHead struct {
	Scope    string        `json:"-"`
	Merchant string        `json:"-"`
	N        int64         `json:"-"` // from 1
	State    SheetState    `json:"-"`
	From     ledger.Day    `json:"-"` // both included
	To       ledger.Day    `json:"-"`
	Pieces   int64         `json:"-"` // handed over less refunded, corrections included
	Points   ledger.Points `json:"-"`
	Fen      int64         `json:"-"` // what they are worth as agreed
	By       string        `json:"-"`
	MadeMS   int64         `json:"-"`
}

// Agreed is a good as a sheet knows it.
type Agreed struct {
	Title string `json:"title"`
	Unit  string `json:"unit,omitempty"`
	Fen   int64  `json:"fen"` // for one piece
}

// SheetPart is what one chain brings to a sheet: the entries behind After, up to
// Late for days before the sheet's, and from there up to UpTo for its own days.
type SheetPart struct {
	Kiosk string          `json:"kiosk"`
	Epoch uint32          `json:"epoch"`
	After uint64          `json:"after"`
	Late  uint64          `json:"late"`
	UpTo  uint64          `json:"up_to"`
	Goods map[string]Sold `json:"goods,omitempty"` // of the sheet's days, by code
	Fixed map[string]Sold `json:"fixed,omitempty"` // corrections: of days before
}

// Sold is what was handed over and refunded of a good.
type Sold struct {
	Pieces     int64         `json:"pieces"`
	Points     ledger.Points `json:"points"`
	Back       int64         `json:"back,omitempty"` // pieces
	BackPoints ledger.Points `json:"back_points,omitempty"`
}

// Add is both together.
func (s Sold) Add(x Sold) Sold {
	return Sold{s.Pieces + x.Pieces, s.Points + x.Points, s.Back + x.Back, s.BackPoints + x.BackPoints}
}

// Net is what remains: pieces, and the points that they cost.
func (s Sold) Net() (int64, ledger.Points) { return s.Pieces - s.Back, s.Points - s.BackPoints }

// Total adds up the sheet: pieces, points and what they are worth.
func (s Sheet) Total() (pieces int64, points ledger.Points, fen int64) {
	for _, part := range s.Parts {
		for _, goods := range []map[string]Sold{part.Goods, part.Fixed} {
			for code, sold := range goods {
				n, cost := sold.Net()
				pieces, points, fen = pieces+n, points+cost, fen+n*s.Goods[code].Fen
			}
		}
	}
	return pieces, points, fen
}

// PutSheet closes a sheet behind the newest one that is not withdrawn, whose number
// the officer has seen, 0 for none: else it answers ErrChanged. It leaves an act, and
// returns the sheet's number. The same request again returns the same number.
func (s *Store) PutSheet(ctx context.Context, sheet Sheet, seen int64) (n int64, err error) {
	if !MerchantID(sheet.Merchant) || sheet.Request == "" || sheet.From > sheet.To || sheet.To < 0 || len(sheet.Parts) > maxSheetParts || len(sheet.Goods) > MaxSheetGoods {
		return 0, fmt.Errorf("%w: a sheet of %s from %v to %v, %d parts", ErrInput, sheet.Merchant, sheet.From, sheet.To, len(sheet.Parts))
	}
	sheet.Pieces, sheet.Points, sheet.Fen = sheet.Total()
	body, err := json.Marshal(sheet)
	if err != nil || len(body) > maxSheetBytes {
		return 0, fmt.Errorf("%w: a sheet of %d bytes: %v", ErrInput, len(body), err)
	}
	err = s.write(ctx, "closing a sheet", sheet.Scope, func(t *txn) error {
		heads, err := t.sheets(sheet.Merchant, maxSheets)
		if err != nil {
			return err
		}
		n = 1
		if len(heads) > 0 {
			n = heads[0].N + 1
			last, err := t.sheet(sheet.Merchant, heads[0].N)
			if err != nil {
				return err
			}
			if last.Request == sheet.Request {
				n = last.N
				return nil
			}
		}
		if lastStanding(heads).N != seen || n > maxSheets {
			return fmt.Errorf("%w: merchant %s has sheet %d, %d was seen", ErrChanged, sheet.Merchant, lastStanding(heads).N, seen)
		}
		err = t.act(s.now(), t.actor(), "sheet.closed", nil, sheet.closed(n, body))
		if err != nil {
			return err
		}
		return t.change(insertSheet, sheet.Merchant, n, string(SheetClosed), int64(sheet.From), int64(sheet.To), sheet.Pieces, int64(sheet.Points), sheet.Fen, t.actor(), s.now(), body)
	})
	return n, err
}

// SheetAct is what the act of a sheet tells.
type SheetAct struct {
	Merchant string        `json:"merchant"`
	N        int64         `json:"n"`
	From     ledger.Day    `json:"from"`
	To       ledger.Day    `json:"to"`
	Pieces   int64         `json:"pieces"`
	Points   ledger.Points `json:"points"`
	Fen      int64         `json:"fen"`
	Hash     string        `json:"hash,omitempty"` // of all that it says; only that of closing tells it
}

func (s Sheet) act(n int64) SheetAct {
	return SheetAct{Merchant: s.Name, N: n, From: s.From, To: s.To, Pieces: s.Pieces, Points: s.Points, Fen: s.Fen}
}

// closed is what the act of closing it tells.
func (s Sheet) closed(n int64, body []byte) SheetAct {
	a := s.act(n)
	a.Hash = bodyHash(body)
	return a
}

// lastStanding is the newest sheet that is not withdrawn; number 0: there is none.
func lastStanding(heads []SheetHead) SheetHead {
	for _, h := range heads {
		if h.State == SheetClosed {
			return h
		}
	}
	return SheetHead{}
}

// WithdrawSheet takes a sheet back, so that the next one begins where it began. Only
// the newest that stands can be withdrawn, else it answers ErrState. It leaves an act.
func (s *Store) WithdrawSheet(ctx context.Context, scope, merchant string, n int64, why string) error {
	return s.write(ctx, "withdrawing a sheet", scope, func(t *txn) error {
		sheet, err := t.sheet(merchant, n)
		if err != nil || sheet.State == SheetWithdrawn {
			return err
		}
		heads, err := t.sheets(merchant, maxSheets)
		if err != nil {
			return err
		}
		if lastStanding(heads).N != n {
			return fmt.Errorf("%w: sheet %d of merchant %s is not the last", ErrState, n, merchant)
		}
		if err := t.act(s.now(), t.actor(), "sheet.withdrawn", sheet.act(n), why); err != nil {
			return err
		}
		return t.change(withdrawSheet, merchant, n)
	})
}

// Sheet returns a sheet, or ErrUnknown.
func (s *Store) Sheet(ctx context.Context, scope, merchant string, n int64) (sheet Sheet, err error) {
	err = s.read(ctx, "reading a sheet", scope, func(t *txn) error {
		sheet, err = t.sheet(merchant, n)
		return err
	})
	return sheet, err
}

func (t *txn) sheet(merchant string, n int64) (s Sheet, err error) {
	s.Scope, s.Merchant, s.N = fmt.Sprint(t.shard), merchant, n
	var body []byte
	found, err := t.one(selectSheet, []any{merchant, n}, &s.State, &s.From, &s.To, &s.Pieces, &s.Points, &s.Fen, &s.By, &s.MadeMS, &body)
	if err == nil && !found {
		err = fmt.Errorf("%w: sheet %d of merchant %s", ErrUnknown, n, merchant)
	}
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(body, &s); err != nil {
		return s, bug("sheet %d of merchant %s: %v", n, merchant, err)
	}
	return s, nil
}

// SheetsOf lists the sheets of a merchant, the newest first, withdrawn ones too.
func (s *Store) SheetsOf(ctx context.Context, scope, merchant string) (heads []SheetHead, err error) {
	err = s.read(ctx, "listing sheets", scope, func(t *txn) error {
		heads, err = t.sheets(merchant, maxSheets)
		return err
	})
	return heads, err
}

func (t *txn) sheets(merchant string, limit int) (heads []SheetHead, err error) {
	err = t.each(selectSheets, []any{merchant, int64(limit)}, func(rows scanner) error {
		h := SheetHead{Scope: fmt.Sprint(t.shard), Merchant: merchant}
		err := rows.Scan(&h.N, &h.State, &h.From, &h.To, &h.Pieces, &h.Points, &h.Fen, &h.By, &h.MadeMS)
		heads = append(heads, h)
		return err
	})
	return heads, err
}

// LastSheets returns each merchant's newest sheet that stands, by merchant.
func (s *Store) LastSheets(ctx context.Context) (map[string]SheetHead, error) {
	last := make(map[string]SheetHead)
	err := s.pages(ctx, "listing sheets", scatterSheets, nil, func(rows scanner) (string, error) {
		var h SheetHead
		err := rows.Scan(&h.Merchant, &h.N, &h.State, &h.From, &h.To, &h.Pieces, &h.Points, &h.Fen, &h.By, &h.MadeMS)
		if last[h.Merchant].N == 0 && h.State == SheetClosed {
			last[h.Merchant] = h
		}
		return h.Merchant, err
	})
	return last, err
}
