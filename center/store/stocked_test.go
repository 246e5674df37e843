package store

import (
	"slices"
	"testing"

	"yizhan/civic"
	"yizhan/ledger"
)

// at lists where a good can be kept for somebody at near, as "kiosk left price".
func (w *world) stocked(near string, open func(string) bool, limit int) (kiosks []string, all []Stocked) {
	w.t.Helper()
	all, err := w.Stocked(w.t.Context(), near, "rice", open, limit)
	w.must(err)
	for _, s := range all {
		kiosks = append(kiosks, s.Kiosk)
	}
	return kiosks, all
}

func anyKiosk(string) bool { return true }

// Kiosks with stock are found near first, by what their documents and their entries say.
func TestStocked(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		for id, parent := range map[string]string{"SQ-01": "shiqiao", "SQ-02": "shiqiao", "QX-01": "qingxi", "LH-01": "lianhua", "LH-02": "lianhua"} {
			w.kiosk(id)
			w.must(w.PutKiosk(ctx, Kiosk{ID: id, Name: id + "站", Parent: parent}))
		}
		if kiosks, _ := w.stocked("SQ-01", anyKiosk, 4); len(kiosks) != 0 {
			t.Errorf("before anybody has any: %v", kiosks)
		}
		for _, id := range []string{"SQ-01", "LH-01", "QX-01", "SQ-02"} {
			w.must(w.PutDocument(ctx, id, good("rice", "大米", 2)))
		}
		w.must(w.PutDocument(ctx, "LH-02", good("oil", "油", 9)))
		w.must(w.PutDocument(ctx, "SQ-02", civic.Document{Station: &civic.Station{Kiosk: "SQ-02", Name: "石桥村益栈", Counter: "进门左手边"}}))
		kiosks, all := w.stocked("SQ-01", anyKiosk, 4)
		if !slices.Equal(kiosks, []string{"SQ-02", "QX-01", "LH-01"}) {
			t.Fatalf("%v", kiosks)
		}
		if s := all[0]; s.Left != 2 || s.Good.Price != 300 || s.Station.Counter != "进门左手边" || s.Name != "SQ-02站" {
			t.Errorf("%+v", s)
		}
		if kiosks, _ = w.stocked("LH-01", anyKiosk, 2); !slices.Equal(kiosks, []string{"QX-01", "SQ-01"}) {
			t.Errorf("two: %v", kiosks)
		}
		if kiosks, _ = w.stocked("SQ-01", func(k string) bool { return k == "LH-01" || k == "LH-02" }, 4); !slices.Equal(kiosks, []string{"LH-01"}) {
			t.Errorf("open ones: %v", kiosks)
		}

		// What waits with somebody, and what was handed over, is not left.
		box := w.boxes["SQ-02"]
		v := w.person(1, "SQ-02")
		w.earn(v, lotA, 1000)
		_, err := w.Grant(ctx, v, "SQ-02", 1000)
		w.must(err)
		box.down()
		first := box.reserve(v, 300)
		box.up()
		if _, all = w.stocked("SQ-01", anyKiosk, 4); all[0].Kiosk != "SQ-02" || all[0].Left != 1 {
			t.Errorf("one waits: %+v", all[0])
		}
		box.settle(first)
		box.reserve(v, 300)
		box.up()
		if kiosks, _ = w.stocked("SQ-01", anyKiosk, 4); !slices.Equal(kiosks, []string{"QX-01", "LH-01"}) {
			t.Errorf("none left: %v", kiosks)
		}
		box.add(ledger.Stock{Good: "rice", Move: ledger.StockReceived, Delta: 3, OnHand: 3, Operator: ledger.ID{9}})
		box.up()
		if _, all = w.stocked("SQ-01", anyKiosk, 4); all[0].Kiosk != "SQ-02" || all[0].Left != 3 {
			t.Errorf("three came: %+v", all[0])
		}

		// Nobody is sent where nobody can keep anything.
		w.must(w.PutDocument(ctx, "QX-01", civic.Document{Station: &civic.Station{Kiosk: "QX-01", Policy: civic.Policy{SelfService: true}}}))
		w.must(w.Quarantine(ctx, "SQ-02", 1, "fork"))
		if kiosks, _ = w.stocked("SQ-01", anyKiosk, 4); !slices.Equal(kiosks, []string{"LH-01"}) {
			t.Errorf("a self-service shelf and a quarantined chain: %v", kiosks)
		}
		w.must(w.Revoke(ctx, "LH-01"))
		if kiosks, _ = w.stocked("SQ-01", anyKiosk, 4); len(kiosks) != 0 {
			t.Errorf("a revoked one: %v", kiosks)
		}

		// A list of the whole town counts for each kiosk, and a withdrawn good for none.
		w.must(w.PutDocument(ctx, "lianhua", good("rice", "大米", 5)))
		if _, all = w.stocked("SQ-01", anyKiosk, 4); len(all) != 1 || all[0].Kiosk != "LH-02" || all[0].Left != 5 {
			t.Errorf("of a town: %+v", all)
		}
		gone := good("rice", "大米", 5)
		gone.Good.Withdrawn = true
		w.must(w.PutDocument(ctx, "lianhua", gone))
		if kiosks, _ = w.stocked("SQ-01", anyKiosk, 4); len(kiosks) != 0 {
			t.Errorf("withdrawn: %v", kiosks)
		}
	})
}
