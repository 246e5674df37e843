package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"yizhan/center/store"
	"yizhan/ledger"
	"yizhan/link"
)

type centerKioskList struct {
	JSON bool `help:"Print it as JSON."`
}

// listedKiosk is one kiosk as it is printed.
type listedKiosk struct {
	Kiosk       string           `json:"kiosk"`
	Name        string           `json:"name"`
	Scope       string           `json:"scope"`
	Epoch       uint32           `json:"epoch"` // 0: no box was enrolled yet
	State       string           `json:"state"`
	Reason      string           `json:"reason,omitempty"`
	Seen        time.Time        `json:"seen,omitzero"`
	SkewMS      int64            `json:"skew_ms"` // the kiosk's clock minus the center's, when it was seen
	Status      json.RawMessage  `json:"status,omitempty"`
	Head        uint64           `json:"head"` // the last entry that the center has
	Folded      uint64           `json:"folded"`
	Outstanding ledger.Points    `json:"outstanding"`
	Cap         ledger.Points    `json:"cap"`
	Loss        ledger.Points    `json:"loss"`
	WriteOffs   []store.WriteOff `json:"write_offs,omitempty"`
}

// listedBox is one box that waits.
type listedBox struct {
	Kiosk       string    `json:"kiosk"`
	Fingerprint string    `json:"fingerprint"`
	Until       time.Time `json:"until"`
}

// fleet is what is printed.
type fleet struct {
	Kiosks  []listedKiosk `json:"kiosks"`
	Waiting []listedBox   `json:"waiting"`
}

// Run prints the fleet.
func (c *centerKioskList) Run(ctx context.Context, w *world, parent *centerCommand) error {
	return parent.with(ctx, w, func(book *store.Store) error {
		keys, err := parent.keys(ctx, w, book)
		if err != nil {
			return err
		}
		f, err := readFleet(ctx, book, keys.Pin())
		if err != nil {
			return err
		}
		if c.JSON {
			out := json.NewEncoder(w.stdout)
			out.SetIndent("", "  ")
			out.SetEscapeHTML(false)
			return out.Encode(f)
		}
		_, err = w.stdout.Write([]byte(f.text(w.now())))
		return err
	})
}

func readFleet(ctx context.Context, book *store.Store, pin link.Digest) (fleet, error) {
	f := fleet{Kiosks: []listedKiosk{}, Waiting: []listedBox{}}
	const page = 500
	for after := ""; ; {
		kiosks, err := book.Kiosks(ctx, after, page)
		if err != nil {
			return f, err
		}
		for _, k := range kiosks {
			one, err := readKiosk(ctx, book, k.ID)
			if err != nil {
				return f, err
			}
			f.Kiosks = append(f.Kiosks, one)
			after = k.ID
		}
		if len(kiosks) < page {
			break
		}
	}
	waiting, err := book.Waiting(ctx)
	for _, e := range waiting {
		f.Waiting = append(f.Waiting, listedBox{e.Kiosk, link.Fingerprint(e.PublicKey, pin), e.Ends})
	}
	return f, err
}

func readKiosk(ctx context.Context, book *store.Store, id string) (listedKiosk, error) {
	k, c, err := book.Kiosk(ctx, id)
	if err != nil {
		return listedKiosk{}, err
	}
	l := listedKiosk{Kiosk: k.ID, Name: k.Name, Scope: k.Parent, Epoch: k.Epoch, State: stateWord(k, c), Seen: k.Seen, Status: k.Status,
		Head: c.Head.Seq, Folded: c.Folded, Outstanding: c.Outstanding(), Cap: k.Cap}
	if c.State == store.ChainQuarantined {
		l.Reason = c.Reason
	}
	var status link.Status
	if len(k.Status) > 0 && json.Unmarshal(k.Status, &status) == nil {
		l.SkewMS = status.WallMS - k.Seen.UnixMilli()
	}
	var err2 error
	l.Loss, err = book.Loss(ctx, id)
	l.WriteOffs, err2 = book.WriteOffs(ctx, id)
	return l, errors.Join(err, err2)
}

// stateWord says in one word how a kiosk stands.
func stateWord(k store.Kiosk, c store.Chain) string {
	switch {
	case k.Epoch == 0:
		return "new"
	case k.Revoked:
		return "revoked"
	case c.State == store.ChainQuarantined:
		return "quarantined"
	case k.Unreported:
		return "unreported"
	}
	return "serving"
}

func (f fleet) text(now time.Time) string {
	var b strings.Builder
	if len(f.Kiosks) == 0 {
		b.WriteString("no kiosks yet; 'yizhan center kiosk add' registers one  还没有益栈\n")
	}
	for _, k := range f.Kiosks {
		fmt.Fprintf(&b, "%s  %s  in %s\n", k.Kiosk, k.Name, k.Scope)
		fmt.Fprintf(&b, "    %s, epoch %d, %s\n", stateText[k.State], k.Epoch, seenText(k.Seen, now))
		if k.Reason != "" {
			fmt.Fprintf(&b, "    why: %s\n", k.Reason)
		}
		var s link.Status
		if len(k.Status) > 0 && json.Unmarshal(k.Status, &s) == nil {
			fmt.Fprintf(&b, "    printer %s, paper %s, %d entries unsent for %ds, clock off by %d ms, %s\n", s.Printer, s.Paper, s.Unsent, s.UnsentMS/1000, k.SkewMS, s.Program)
		}
		fmt.Fprintf(&b, "    outstanding 在外 %d of 上限 %d, lost 损失 %d, entries %d, folded %d\n", k.Outstanding, k.Cap, k.Loss, k.Head, k.Folded)
		for _, o := range k.WriteOffs {
			fmt.Fprintf(&b, "    write-off of epoch %d, proposed by %s, confirmed by %s: %s\n", o.Epoch, o.Proposed, orNobody(o.Confirmed), o.Reason)
		}
	}
	for _, e := range f.Waiting {
		fmt.Fprintf(&b, "a box waits to be %s 等待批准: fingerprint 指纹 %s, until %s\n", e.Kiosk, e.Fingerprint, e.Until.Format("2006-01-02 15:04"))
	}
	return b.String()
}

var stateText = map[string]string{
	"new":         "no box was enrolled yet 还没有登记机器",
	"revoked":     "revoked 已停用",
	"quarantined": "IN QUARANTINE 已隔离",
	"unreported":  "has not told yet what it was granted before the restore 恢复后还没有上报",
	"serving":     "serving 正常",
}

func seenText(seen, now time.Time) string {
	if seen.IsZero() {
		return "never seen"
	}
	return "seen " + now.Sub(seen).Round(time.Second).String() + " ago"
}

func orNobody(name string) string {
	if name == "" {
		return "nobody yet"
	}
	return name
}
