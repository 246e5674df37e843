package screentest

import (
	"context"
	"crypto/rand"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	kioskbook "yizhan/kiosk/store"
	"yizhan/link"
)

// keeper is a kiosk with a real book that is linked, and keeps goods for those who ask
// by phone.
func (d *desk) keeper(id string) *kioskbook.Store {
	d.Helper()
	ctx := d.Context()
	dir := filepath.Join(d.TempDir(), "kiosk")
	d.must(os.MkdirAll(dir, 0o700))
	keys, err := kioskbook.BoxKey(dir, "", rand.Reader)
	d.must(err)
	code, _, err := d.store.MakeCode(ctx, id, "lin")
	d.must(err)
	e, err := d.store.Enrol(ctx, code, keys.PublicKey(), 1)
	d.must(err)
	e, err = d.store.Approve(ctx, e.ID, "lin")
	d.must(err)
	book, err := kioskbook.Open(ctx, kioskbook.Config{Dir: dir, Kiosk: id, Issuer: d.keys.Issuer(), Program: "test", Clock: kioskbook.NewSystemClock(), Random: rand.Reader, Epoch: e.Epoch})
	d.must(err)
	k := link.NewKiosk(link.KioskConfig{Key: keys.Signing(), Center: d.keys.Pin(), Program: "test", Now: time.Now, Random: mathrand.New(mathrand.NewPCG(1, 2)),
		Dial:    func(ctx context.Context) (link.Conn, error) { return link.Dial(ctx, d.outside, d.keys.Pin()) },
		Journal: book, Library: book, Purse: book, Guard: book, Status: func() link.Status { return link.Status{Printer: "ok", Paper: "ok"} },
		Serve: func(ctx context.Context, w link.Wish, until int64) link.Ordered {
			r, err := book.Reserve(ctx, kioskbook.Reserve{Key: w.Key, Volunteer: w.Volunteer, Good: w.Good, Quantity: w.Quantity, Price: w.Price, Away: true, Until: until})
			if err != nil {
				return link.Ordered{Outcome: link.OutcomeGone}
			}
			return link.Ordered{Outcome: link.OutcomeOK, Kept: link.Kept{Redemption: r.Seq, Claim: r.Claim, Until: r.Until}}
		},
		Release: func(ctx context.Context, r link.Release) link.Outcome {
			if _, err := book.Release(ctx, r.Key, r.Volunteer, r.Redemption, r.Reason); err != nil {
				return link.OutcomeFailed
			}
			return link.OutcomeOK
		}})
	unwatch := book.Watch(k.Wake)
	ctx, end := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = k.Run(ctx) }()
	d.Cleanup(func() { end(); <-done; unwatch(); book.Close() })
	return book
}

// Goods are put aside by phone at a kiosk that is online, and waited for at one that is
// not; given up again on a page that says what follows. No script is needed.
func TestAPhoneReserves(t *testing.T) {
	d := newDesk(t)
	for _, s := range []store.Scope{{ID: "center", Name: "青禾县中心"}, {ID: "qingxi", Parent: "center", Name: "清溪镇"}, {ID: "shiqiao", Parent: "qingxi", Name: "石桥村"}} {
		d.must(d.store.PutScope(d.Context(), s))
	}
	for id, name := range map[string]string{"SQ01": "石桥村益栈", "ZX01": "竹溪村益栈"} {
		d.must(d.store.PutKiosk(d.Context(), store.Kiosk{ID: id, Name: name, Parent: "shiqiao"}))
		d.must(d.store.PutDocument(d.Context(), id, civic.Document{Station: &civic.Station{Kiosk: id, Name: name, NameEN: map[string]string{"SQ01": "Stone Bridge", "ZX01": "Bamboo Brook"}[id], Counter: "进门左手边", CounterEN: "left of the door"}}))
	}
	for i, g := range []civic.Good{{Code: "rice", Name: "东北大米", NameEN: "Rice", Size: "5 公斤", Unit: "袋", Picture: "rice", Price: 280, Delivered: 4}, {Code: "soap", Name: "香皂", NameEN: "Soap", Unit: "块", Picture: "soap", Price: 30, Delivered: 9},
		{Code: "pan", Name: "炒锅", NameEN: "Wok", Unit: "口", Picture: "wok", Price: 3800, Delivered: 1}} {
		d.must(d.store.PutDocument(d.Context(), "SQ01", civic.Document{Good: &g}))
		if i == 0 {
			d.must(d.store.PutDocument(d.Context(), "ZX01", civic.Document{Good: &g}))
		}
	}
	zhang := d.volunteer(1, "张建伟", "420-118-2207", "SQ01", 980)
	d.withPIN(zhang)
	d.enrolled("ZX01")
	book := d.keeper("SQ01")
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		g, err := book.Good("rice")
		a, err2 := book.Account(zhang)
		if err == nil && err2 == nil && g.Shelf.Available() == 4 && a.Spendable() == 980 && d.server.Link().Connected("SQ01") {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the kiosk does not get its goods and points")
		}
	}
	v := d.open(hand).script(false)
	v.visit("/p/")
	if eval[string](v, `return document.documentElement.lang`) == "en" { // as the browser speaks
		v.press("=中文").sees("没有密码")
	}
	v.typing("who", "420-118-2207", "pin", "271828").press("=登录").on("/my").press("=附近能换的东西").on("/my/goods").sees("石桥村益栈", "东北大米", "竹溪村益栈")
	d.seenOnPhone(v, "goods")
	v.press("=东北大米 5 公斤").on("/my/goods/SQ01/rice").sees("替我留着", "700")
	d.seenOnPhone(v, "good")
	v.press("=替我留着").on("/my/holds/").sees("给您留好了", "700")
	d.seenOnPhone(v, "hold")
	v.press("=不要了").sees("马上退给您")
	d.seenOnPhone(v, "leave")
	v.press("=不要了，退").sees("已经退回")
	d.seenOnPhone(v, "gaveback")
	v.visit("/my/goods/ZX01/rice").sees("不能马上答应您")
	d.seenOnPhone(v, "queue")
	v.press("=等它联网时替我留").sees("还没有留")
	d.seenOnPhone(v, "waiting")
	v.press("=给我留的东西").on("/my/holds").sees("东北大米")
	d.seenOnPhone(v, "holds")
}
