package kiosk

import (
	"encoding/hex"

	"yizhan/civic"
	"yizhan/kiosk/store"
)

// fact is one line of the box page.
type fact struct {
	Icon  string
	Key   string // of its name
	Value string
	Note  string
	State string // ok, warn, error
}

// box tells a technician how the box is, without a shell and without a volunteer.
func (o *office) box(a *ask, me civic.Staff) error {
	a.follow() // the printer is one of the facts
	back := ""
	if me.Role != civic.RoleTechnician {
		back = "/staff/more"
	}
	locked := o.lockedColleague(me.ID)
	return o.show(a, page{word: "box", back: back, data: struct {
		Facts    []fact
		Center   bool
		Slips    bool // nobody else leads to them from another page
		LockedID string
		Locked   string
	}{o.facts(a), o.cfg.Center != nil, me.Role == civic.RoleTechnician, idText(locked), o.staffName(locked)}})
}

func (o *office) facts(a *ask) []fact {
	texts := o.texts[o.lang(a)]
	health := o.cfg.Store.Health()
	printer := o.paper.chip(texts)
	facts := []fact{{Icon: printer.Icon, Key: "staff.box.printer", Value: printer.Word, Note: o.cfg.Paper.Name, State: printer.State}}
	switch {
	case o.cfg.Center != nil:
		facts = append(facts, o.centerFact(a)) // its page has the addresses
	case o.cfg.Addresses != nil:
		facts = append(facts, o.networkFact(a))
	}
	documents := o.bundleFact(a, health)
	if o.cfg.Center != nil {
		documents = o.documentsFact(a, o.cfg.Center.State())
	}
	return append(facts, o.journalFact(a, health), documents, o.diskFact(a, health))
}

// networkFact lists the box's addresses. A kiosk works without any.
func (o *office) networkFact(a *ask) fact {
	f := fact{Icon: "offline", Key: "staff.box.network", Value: o.text(a, "staff.box.no_network"), State: "off"}
	for i, address := range o.cfg.Addresses() {
		switch i {
		case 0:
			f.Icon, f.State, f.Value = "online", "ok", address
		case 1:
			f.Note = address
		}
	}
	return f
}

// journalFact names the head of the chain: what a technician reads out over the
// phone to show which entries this box has.
func (o *office) journalFact(a *ask, h store.Health) fact {
	f := fact{Icon: "book", Key: "staff.box.journal", State: "ok"}
	f.Value = o.text(a, "staff.box.head", "seq", h.Head.Seq, "epoch", h.Head.Epoch)
	f.Note = hex.EncodeToString(h.Head.Hash[:6])
	if h.ReadOnly != nil {
		f.Icon, f.State = "error", "error"
		f.Value = o.text(a, "chip.book.full")
	}
	return f
}

func (o *office) bundleFact(a *ask, h store.Health) fact {
	if !h.Documents {
		return fact{Icon: "warn", Key: "staff.box.bundle", Value: o.text(a, "chip.book.empty"), State: "warn"}
	}
	return fact{
		Icon:  "people",
		Key:   "staff.box.bundle",
		Value: o.text(a, "staff.box.serial", "n", h.BundleSerial),
		Note:  o.text(a, "staff.box.people", "n", number(int64(h.Volunteers))),
		State: "ok",
	}
}

// lowDiskBytes is where the box page begins to warn; the store itself stops later.
const lowDiskBytes = 512 << 20

func (o *office) diskFact(a *ask, h store.Health) fact {
	f := fact{Icon: "store", Key: "staff.box.disk", State: "ok"}
	f.Note = o.text(a, "staff.box.files", "n", megabytes(h.BookBytes+h.JournalBytes))
	if o.cfg.FreeBytes == nil {
		f.Value, f.Note = f.Note, ""
		return f
	}
	free, err := o.cfg.FreeBytes()
	if err != nil {
		o.cfg.Log.Error("asking for free space", "error", err)
		f.Icon, f.State, f.Value = "error", "error", o.text(a, "staff.box.disk_fails")
		return f
	}
	f.Value = o.text(a, "staff.box.free", "n", megabytes(free))
	if free < lowDiskBytes {
		f.Icon, f.State = "warn", "warn"
	}
	return f
}

// megabytes writes a size in whole megabytes, rounded up.
func megabytes(n int64) string { return number((n + 1<<20 - 1) >> 20) }
