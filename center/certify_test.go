package center

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
	"yizhan/link"
)

// A kiosk of the volunteer's place has a certificate issued that anybody can check, as
// one of the console's; it is in the volunteer's list, with the kiosk, and the same one
// is given all day while the record is the same.
func TestAKioskHasACertificateIssued(t *testing.T) {
	o := newOffice(t)
	o.kiosk("SQ01", "石桥村益栈")
	o.must(o.store.PutScope(t.Context(), store.Scope{ID: "lianhua", Parent: "center", Name: "莲花镇"}))
	o.must(o.store.PutKiosk(t.Context(), store.Kiosk{ID: "LH01", Name: "莲花镇益栈", Parent: "lianhua"}))
	zhang := o.volunteer(1, "张建伟", "420-118", "", 10)
	o.honoured(zhang, "a", 1, "护河", 90)
	desk := o.server.link.Registrar
	ask := func(kiosk string, who ledger.ID, want link.Outcome) link.Certificate {
		t.Helper()
		c, outcome, err := desk.Certify(t.Context(), kiosk, who)
		if err != nil || outcome != want || outcome != link.OutcomeOK && c != (link.Certificate{}) {
			t.Fatalf("%+v, %s, %v; want %s", c, outcome, err, want)
		}
		return c
	}
	c := ask("SQ01", zhang, link.OutcomeOK)
	if _, ok := civic.ParseSerial(c.Serial); !ok || c.Again || c.Proof != "https://10.0.0.5:8443/proof/"+c.Serial || c.Center != "青禾县中心" || c.Honour != 90 || c.Day != ledger.DayOf(o.now) || c.First != c.Day-1 || c.Last != c.First {
		t.Errorf("%+v", c)
	}
	o.browser().get(strings.TrimPrefix(c.Proof, "https://10.0.0.5:8443")).shows(200, "这份证明是真的", "张*伟", "1.5")
	b := o.signedIn("lin", store.RoleClerk)
	b.get("/certificate/"+zhang.String()).shows(200, civic.SerialText(c.Serial), "本人在机器 SQ01 上")
	b.get("/certificate/"+zhang.String()+"/"+c.Serial).shows(200, "兹证明 张建伟", "总时长为 1.5 小时")

	o.now = o.now.Add(time.Hour)
	if again := ask("SQ01", zhang, link.OutcomeOK); again.Serial != c.Serial || !again.Again || again.Day != c.Day {
		t.Errorf("%+v", again)
	}
	o.honoured(zhang, "b", 2, "护河", 30)
	if more := ask("SQ01", zhang, link.OutcomeOK); more.Serial == c.Serial || more.Again || more.Honour != 120 {
		t.Errorf("%+v", more)
	}
	ask("LH01", zhang, link.OutcomeArea)
	ask("SQ01", ledger.ID{9, 9}, link.OutcomeUnknown)
	away := o.volunteer(2, "李敏", "", "LH01", 10)
	ask("LH01", away, link.OutcomeOK) // at home there, though of another town
	ask("SQ01", away, link.OutcomeOK)
	for n := range byte(3) {
		o.honoured(zhang, fmt.Sprint("c", n), 3+int(n), "护河", 30)
		want := link.OutcomeOK
		if n > 0 { // the fourth of one day
			want = link.OutcomeLimit
		}
		ask("SQ01", zhang, want)
	}

	// One kiosk does not draw them without end, whoever they are for.
	drawn := 0
	for ; ; drawn++ {
		_, outcome, err := desk.Certify(t.Context(), "SQ01", away)
		if outcome == link.OutcomeLimit || err != nil || drawn > certifyBurst {
			break
		}
	}
	if drawn == 0 || drawn > certifyBurst {
		t.Errorf("%d at once", drawn)
	}
	o.now = o.now.Add(certifyEvery)
	ask("SQ01", away, link.OutcomeOK)
	if list, err := o.store.Certificates(t.Context(), away); err != nil || len(list) != 1 {
		t.Errorf("%d certificates, %v", len(list), err)
	}
	if _, _, err := desk.Certify(t.Context(), "NN01", zhang); !errors.Is(err, store.ErrUnknown) {
		t.Errorf("of no kiosk: %v", err)
	}
}
