package main

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

// await opens a page again and again until it says all of texts.
func (s *screen) await(path string, texts ...string) {
	s.t.Helper()
	for range 200 {
		s.get(path)
		missing := false
		for _, text := range texts {
			missing = missing || !strings.Contains(s.page, text)
		}
		if !missing {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	s.want(texts...)
}

// TestDemoTornPaper tears the paper out in the middle of a receipt, puts in another
// roll, and is led back to a receipt that is whole by one tap on the kiosk's screen.
func TestDemoTornPaper(t *testing.T) {
	t.Parallel()
	demo := start(t, "demo", "--port", "0", "--data", t.TempDir(), "--baud", "115200")
	address := demo.find(t, `^(http://127\.0\.0\.1:\d+/)$`)[1]
	card := demo.find(t, `^card \S+\s+(YZC1:\S+)`)[1]
	desk, s := newScreen(t, address), newScreen(t, address)
	desk.get("/demo/").post("/demo/printer", url.Values{"do": {"tear"}, "when": {"half"}}).want("等着：下一张打到一半就「撕断纸」")
	s.post("/scan", url.Values{"text": {card}})
	s.get("/redeem/G001").post("/redeem", nil)
	done := s.at
	desk.await("/demo/", "没纸了", "撕断的")
	s.await(done, "小票完整打出来了吗", "积分安全，280 分只扣一次")
	before := desk.post("/demo/printer", url.Values{"do": {"mend"}}).pieces()
	s.post(done+"/whole", url.Values{"whole": {"no"}}).want("等重打的小票")
	s.await(done, "拿走重打的小票", "作废", "980")
	if n := desk.get("/demo/").pieces(); n < before+2 {
		t.Errorf("%d pieces of paper came out, want one that says 作废 and a copy", n-before)
	}
}

// pieces is how many pieces of paper the demo's page shows.
func (s *screen) pieces() int { return strings.Count(s.page, "<figcaption>") }
