package kiosk

import (
	"testing"
	"time"

	"yizhan/ledger"
	"yizhan/link"
)

// phoneWish has goods put aside in a village as the center does for a phone.
func phoneWish(t *testing.T, v *village, n byte, until time.Time) link.Kept {
	t.Helper()
	o := v.Serve(t.Context(), link.Wish{Key: ledger.Key{n}, Volunteer: id(zhang), Good: "G01", Quantity: 1, Price: 280}, until.Unix())
	if o.Outcome != link.OutcomeOK || o.Kept.Until != until.Unix() {
		t.Fatalf("%+v", o)
	}
	return o.Kept
}

// TestKeptForAPhone: what was ordered by phone is shown to its volunteer's card and to
// staff, and is handed over without any network.
func TestKeptForAPhone(t *testing.T) {
	v := newVillage(t)
	until := time.UnixMilli(v.clock.Now().WallMS).Add(72 * time.Hour)
	kept := phoneWish(t, v, 1, until)
	code, when := ledger.ClaimText(kept.Claim), v.whenText(v.texts["zh-CN"], until.UnixMilli())
	s := v.screen()
	s.scanCard(zhang)
	s.get("/balance").sees("为您留着东北大米，报 " + code + " 领，留到 " + when)
	s.get("/orders/"+textOf(kept.Redemption)).sees("给您留到 "+when, code)
	second := phoneWish(t, v, 2, until.Add(time.Hour))
	s.get("/balance").sees("为您留着 2 样东西，最早的留到 " + when)

	desk := v.screen().onDutyAs(clerk)
	desk.get("/staff").sees(code, "留到 ", ledger.ClaimText(second.Claim))
	r, err := v.cfg.Store.ByClaim(kept.Claim)
	v.must(err)
	_, err = v.cfg.Store.Settle(t.Context(), ledger.Key{3}, r.Seq, id(clerk))
	v.must(err)
	if got := v.Release(t.Context(), link.Release{Key: ledger.Key{1}, Volunteer: id(zhang), Reason: link.ReleasePhone}); got != link.OutcomeGone {
		t.Errorf("handed over, and given back by phone: %s", got)
	}
	for range 2 {
		if got := v.Release(t.Context(), link.Release{Key: ledger.Key{2}, Volunteer: id(zhang), Redemption: second.Redemption, Reason: link.ReleasePhone}); got != link.OutcomeOK {
			t.Errorf("given back by phone: %s", got)
		}
	}
	if got := v.Release(t.Context(), link.Release{Key: ledger.Key{9}, Volunteer: id(zhang), Reason: link.ReleasePhone}); got != link.OutcomeUnknown {
		t.Errorf("nothing: %s", got)
	}
	desk.get(exchangePage(second.Redemption)).sees("在手机上退的")
}

// TestNobodyCameForIt: goods go back to the shelf after their time when the clock is
// known to be right, and only then.
func TestNobodyCameForIt(t *testing.T) {
	v := newVillage(t)
	until := time.UnixMilli(v.clock.Now().WallMS).Add(72 * time.Hour)
	kept := phoneWish(t, v, 1, until)
	for _, c := range []struct {
		at      time.Time
		quality ledger.Quality
		want    ledger.State
	}{
		{until.Add(time.Hour), ledger.ClockUnknown, ledger.Reserved},
		{until.Add(time.Hour), ledger.ClockHuman, ledger.Reserved},
		{until.Add(-time.Second), ledger.ClockSynced, ledger.Reserved},
		{until.Add(time.Hour), ledger.ClockSynced, ledger.Cancelled},
	} {
		v.clock.set(c.at, c.quality)
		v.releaseLapsed(t.Context())
		if r, err := v.cfg.Store.Redemption(kept.Redemption); err != nil || r.State != c.want {
			t.Errorf("at %v, quality %d: %v, %v", c.at, c.quality, r.State, err)
		}
	}
	s := v.screen()
	s.scanCard(zhang)
	s.get("/orders/"+textOf(kept.Redemption)).sees("过时没领", "退回了 280 分")
	v.screen().onDutyAs(clerk).get(exchangePage(kept.Redemption)).sees("过时没人来领，280 分和库存都退了")
}
