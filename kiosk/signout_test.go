package kiosk

import (
	"testing"
	"time"

	"yizhan/ledger"
)

// acts are the entries of staff coming and going, by name.
func (v *village) acts() (list []string) {
	v.Helper()
	for seq := uint64(1); seq <= v.cfg.Store.Health().Head.Seq; seq++ {
		_, e, err := v.cfg.Store.Entry(seq)
		v.must(err)
		b, ok := e.Body.(ledger.Staff)
		switch {
		case ok && b.Act == ledger.StaffSignIn:
			list = append(list, "in "+string('0'+b.Operator[0]%10))
		case ok && b.Act == ledger.StaffSignOut:
			list = append(list, "out "+string('0'+b.Operator[0]%10))
		}
	}
	return list
}

func (v *village) acted(want ...string) {
	v.Helper()
	got := v.acts()
	if len(got) != len(want) {
		v.Fatalf("%q, want %q", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			v.Fatalf("%q, want %q", got, want)
		}
	}
}

func TestStaffWhoLeavesIsSignedOut(t *testing.T) {
	for name, leave := range map[string]func(*village, *screen){
		"the key": func(_ *village, s *screen) { s.post("/leave") },
		"idle": func(v *village, _ *screen) {
			v.clock.advance((DefaultIdleSeconds + DefaultCountdownSeconds + 1) * time.Second)
			v.tick()
			v.tick()
		},
		"a volunteer's card":  func(_ *village, s *screen) { s.scanCard(zhang) },
		"a second screen":     func(v *village, _ *screen) { v.screen().post("/language", "to", "en", "page", "/") },
		"a key tapped twice":  func(_ *village, s *screen) { s.post("/leave").post("/leave") },
		"the card and no PIN": func(v *village, _ *screen) { v.scan(card(leader)) },
	} {
		t.Run(name, func(t *testing.T) {
			v := newVillage(t)
			s := v.screen()
			s.onDutyAs(clerk)
			v.acted("in 1")
			s.scanCard(clerk) // the same card again changes nothing
			v.acted("in 1")
			leave(v, s)
			v.acted("in 1", "out 1")
		})
	}
}

func TestOneMemberOfStaffAfterAnother(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.onDutyAs(clerk)
	s.onDutyAs(leader)
	s.post("/leave")
	v.acted("in 1", "out 1", "in 2", "out 2")
}
