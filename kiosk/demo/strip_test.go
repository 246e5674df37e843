package demo

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"yizhan/printer/sim"
)

// TestCounty shows the county above the page, and cuts a wire with its key.
func TestCounty(t *testing.T) {
	d := newDesk(t, sim.Confirmed)
	if page := d.get("/demo/").Body.String(); strings.Contains(page, `id="county"`) {
		t.Error("a kiosk that stands alone is shown a county")
	}
	wire, err := NewWire("127.0.0.1:1")
	d.must(err)
	t.Cleanup(func() { d.must(wire.Close()) })
	hours := new(Hours)
	books, mended, failed := Books{Earned: 10, Spent: 3, AtKiosks: 4, Held: 1, Free: 1, Expired: 1}, 0, error(nil)
	d.page.Join(&County{Console: "http://127.0.0.1:8400/", Officer: func() []Login { return []Login{{"demo", "secret", "123456"}, {"demo2", "secret", "654321"}} },
		Books: func(context.Context) (Books, error) { return books, failed }, Now: hours.Now,
		Pass: func(context.Context) error { hours.Pass(2 * time.Hour); return failed },
		Places: []Place{
			{Kiosk: "SQ01", Name: "石桥村", Wire: wire, Link: func() (bool, uint64) { return true, 0 }, Mended: func() { mended++ }},
			{Kiosk: "LH01", Name: "柳河村", Page: "http://127.0.0.1:8322/demo/", Wire: wire, Link: func() (bool, uint64) { return false, 7 }},
		}}, "SQ01")
	page := d.get("/demo/").Body.String()
	for _, want := range []string{"石桥村", `href="http://127.0.0.1:8322/demo/?screen=portrait"`, "连着中心", "正在连", "7 笔还没上传", "账是平的", "123456", "demo2", "654321", "剪断网线"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	d.press("/demo/wire", "kiosk", "SQ01", "cut", "yes")
	if !wire.IsCut() || mended != 0 || !strings.Contains(d.get("/demo/").Body.String(), "接上网线") {
		t.Error("the wire was not cut")
	}
	d.press("/demo/wire", "kiosk", "SQ01", "cut", "no")
	if wire.IsCut() || mended != 1 {
		t.Error("the wire was not mended, or the kiosk does not know")
	}
	before := hours.Now()
	d.press("/demo/pass")
	if passed := hours.Now().Sub(before); passed < 2*time.Hour || !strings.Contains(d.get("/demo/").Body.String(), "县里现在 "+hours.Now().In(Zone).Format("15:")) {
		t.Errorf("%v have passed", passed)
	}
	books.Free++
	if !strings.Contains(d.get("/demo/").Body.String(), "账不平") {
		t.Error("books that do not close are said to")
	}
	failed = errors.New("no center")
	if !strings.Contains(d.get("/demo/").Body.String(), "暂时查不到") {
		t.Error("the books of a center that does not answer are shown")
	}
	w := httptest.NewRecorder()
	d.page.ServeHTTP(w, httptest.NewRequest("POST", "/demo/wire?kiosk=XX99&cut=yes", nil))
	if w.Code != http.StatusBadRequest {
		t.Errorf("a kiosk that is not there: %d", w.Code)
	}
}
