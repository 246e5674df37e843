package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// scatterShiftsFrom goes through all shifts, by their start.
const scatterShiftsFrom = `SELECT taken, waiting, told_ms, tell_ms, body FROM shift WHERE (start_s, scope, id) > ($1, $2, $3) ORDER BY start_s, scope, id LIMIT $4`

// tellShift writes a shift, and its document when it is time for one: kiosks know a
// shift from ShiftAhead before it until ShiftKept after it. Unless it is at once, a
// document that was written a moment ago is left as it is until TellShifts comes by, so
// that 500 people who claim a post do not send it out 500 times.
func (t *txn) tellShift(now int64, shift Shift, atOnce bool) error {
	first, last := shift.Start*1000-ShiftAhead.Milliseconds(), shift.End*1000+ShiftKept.Milliseconds()
	switch {
	case now >= last:
		if err := t.removeDocument(KindShift, shift.ID.String()); err != nil {
			return err
		}
		shift.tell = 0
	case shift.told == 0 && shift.Closed: // nobody has heard of it
		shift.tell = 0
	case shift.told == 0 && now < first:
		shift.tell = first
	case !atOnce && now < shift.told+shiftDebounce.Milliseconds():
		shift.tell = shift.told + shiftDebounce.Milliseconds()
	default:
		if err := t.shiftDocument(shift); err != nil {
			return err
		}
		shift.told, shift.tell = now, last
	}
	if shift.told != 0 && shift.tell != 0 && !slices.Equal(shift.Spread, shift.Kiosks) {
		shift.tell = now // TellShifts also tells the kiosks of who was there
	}
	body, err := json.Marshal(shift)
	if err != nil {
		return fmt.Errorf("writing a shift: %w", err)
	}
	return t.change(upsertShift, shift.ID.String(), shift.Activity.String(), shift.Start, bit(shift.Closed), shift.Claimed, shift.Waits, shift.told, shift.tell, body)
}

func (t *txn) shiftDocument(shift Shift) error {
	claims, err := t.enlistments(shift.ID)
	if err != nil {
		return err
	}
	d := shift.Shift
	for _, c := range claims { // by volunteer, and those who wait in their order behind
		switch c.State {
		case EnlistedIn:
			d.Enlisted = append(d.Enlisted, civic.Enlisted{Who: c.Volunteer, Post: c.Post})
		case EnlistedWaiting:
			d.Waiting = append(d.Waiting, civic.Enlisted{Who: c.Volunteer, Post: c.Post})
		}
	}
	if err := t.sayHeard(&d, claims); err != nil {
		return err
	}
	return t.putDocument(civic.Document{Shift: &d})
}

// sayHeard adds what has become of the claims of kiosks that do not stand: a kiosk whose
// entry was heard would go on believing that it is on its way.
func (t *txn) sayHeard(d *civic.Shift, claims []Enlistment) error {
	said := make(map[ledger.ID]bool)
	err := t.each(selectHeardAt, []any{d.ID.String(), int64(civic.MaxEnlisted)}, func(rows scanner) error {
		var who string
		var h civic.HeardClaim
		var epoch, seq int64
		if err := rows.Scan(&who, &h.Kiosk, &epoch, &seq); err != nil {
			return err
		}
		var err error
		if h.Who, err = ledger.ParseID(who); err != nil {
			return bug("a claim of %q", who)
		}
		h.Epoch, h.Seq = uint32(epoch), uint64(seq)
		if said[h.Who] = true; seq > 0 {
			d.Heard = append(d.Heard, h)
		}
		return nil
	})
	for _, c := range claims {
		if why := c.ended(d.Closed || c.Made.Unix() >= d.End); why != "" && said[c.Volunteer] {
			d.Ended = append(d.Ended, civic.EndedClaim{Who: c.Volunteer, Why: why})
		}
	}
	return err
}

// ended is why a claim does not stand; "": it does.
func (e Enlistment) ended(over bool) string {
	switch {
	case e.State == EnlistedLate && over:
		return civic.ClaimLate
	case e.State == EnlistedLate:
		return civic.ClaimFull
	case e.State == EnlistedOff && e.Who != "":
		return civic.ClaimStruck
	case e.State == EnlistedOff:
		return civic.ClaimGiven
	}
	return ""
}

// TellShifts writes the documents of shifts that are due: those that kiosks are to know
// from now on, those that many have claimed a post of, and those that are to be
// forgotten. It returns how many; several processes may do it at once.
func (s *Store) TellShifts(ctx context.Context) (int, error) {
	type due struct{ scope, id string }
	var list []due
	now := s.now()
	err := s.scatter(ctx, "looking for shifts to tell of", scatterShiftTell, []any{now, int64(tellShiftsOf)}, func() { list = nil }, func(rows scanner) error {
		var d due
		err := rows.Scan(&d.scope, &d.id)
		list = append(list, d)
		return err
	})
	for _, d := range list {
		id, bad := ledger.ParseID(d.id)
		if bad != nil {
			return 0, bug("a shift %q", d.id)
		}
		if bad := s.spread(ctx, d.scope, id); bad != nil {
			err = errors.Join(err, bad)
			continue
		}
		err = errors.Join(err, s.write(ctx, "telling kiosks of a shift", d.scope, func(t *txn) error {
			shift, err := t.shift(id)
			if err != nil || shift.tell == 0 || shift.tell > now {
				return err
			}
			return t.tellShift(now, shift, true)
		}))
	}
	return len(list), err
}

// SayCodes has every shift that kiosks know, or will know, say where phones find the
// center: what stands before the codes that kiosks show, and before their tickets. It
// returns how many said something else. Shifts that kiosks have forgotten stay as they
// are.
func (s *Store) SayCodes(ctx context.Context, codes, tickets string) (changed int, err error) {
	start, scope, id := s.cfg.Now().Add(-ShiftKept-48*time.Hour).Unix(), "", ""
	for {
		var list []Shift
		args := []any{start, scope, id, int64(tellShiftsOf)}
		err := s.scatter(ctx, "looking where shifts say that phones find the center", scatterShiftsFrom, args, func() { list = nil }, intoShifts(&list))
		if err != nil || len(list) == 0 {
			return changed, err
		}
		for _, shift := range list {
			if shift.Codes == codes && shift.Tickets == tickets {
				continue
			}
			if err := s.sayCodes(ctx, shift, codes, tickets); err != nil {
				return changed, err
			}
			changed++
		}
		last := list[len(list)-1]
		start, scope, id = last.Start, last.Scope, last.ID.String()
	}
}

func (s *Store) sayCodes(ctx context.Context, shift Shift, codes, tickets string) error {
	return s.write(ctx, "saying where phones find the center", shift.Scope, func(t *txn) error {
		now, err := t.shift(shift.ID)
		if errors.Is(err, ErrUnknown) || err == nil && now.Codes == codes && now.Tickets == tickets {
			return nil
		}
		if err != nil {
			return err
		}
		now.Codes, now.Tickets = codes, tickets
		return t.tellShift(s.now(), now, true)
	})
}

// spread has the kiosks that a shift has now know of every attendance there is: one that
// was added would hear of later changes only, and one that was taken off would go on
// saying what was true before.
func (s *Store) spread(ctx context.Context, scope string, id ledger.ID) error {
	var shift Shift
	err := s.read(ctx, "reading a shift", scope, func(t *txn) (err error) {
		shift, err = t.shift(id)
		return err
	})
	if errors.Is(err, ErrUnknown) || err == nil && (shift.told == 0 || shift.tell == 0 || slices.Equal(shift.Spread, shift.Kiosks)) {
		return nil
	}
	for behind := (ledger.ID{}); err == nil; {
		var page []Attendance
		if page, err = s.AttendancesAt(ctx, id, behind); err != nil || len(page) == 0 {
			break
		}
		behind = page[len(page)-1].Volunteer
		err = s.spreadPage(ctx, shift.Shift, page)
	}
	if err != nil {
		return err
	}
	return s.write(ctx, "noting which kiosks know of attendances", scope, func(t *txn) error {
		now, err := t.shift(id)
		if err != nil || !slices.Equal(now.Kiosks, shift.Kiosks) { // it was changed once more meanwhile
			return err
		}
		now.Spread = now.Kiosks
		return t.tellShift(s.now(), now, false)
	})
}

func (s *Store) spreadPage(ctx context.Context, shift civic.Shift, page []Attendance) error {
	var told []ledger.ID
	for _, a := range page {
		err := s.write(ctx, "telling other kiosks of an attendance", a.Volunteer.String(), func(t *txn) error {
			a, found, err := t.attendance(shift.ID)
			if err != nil || !found || a.State == AttendMoved || slices.Equal(a.Kiosks, shift.Kiosks) {
				return err
			}
			before := a.Kiosks
			a.Kiosks = shift.Kiosks
			if err := t.putAttendance(&a, s.now()); err != nil {
				return err
			}
			for _, kiosk := range before {
				if slices.Contains(a.Kiosks, kiosk) {
					continue
				}
				if err := t.post(a.outboxID(kiosk), outboxAttended, kiosk, 0, 0, s.now()); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		told = append(told, a.Volunteer)
	}
	return s.deliver(ctx, told...)
}
