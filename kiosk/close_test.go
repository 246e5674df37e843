package kiosk

import (
	"strings"
	"testing"
)

func TestCloseOfDay(t *testing.T) {
	v := newVillage(t)
	v.handedOver(zhang, "G01", 1, 280)
	v.reserve(wang, "G07", 1, 60)
	s := v.screen()
	s.onDutyAs(leader).follow("/staff/more").follow("/staff/close").sees("还有 1 位没领货", "280")
	key := s.field("key")
	s.post("/staff/close", "key", key).sees("日结好了", "280", "陈*国")
	closed := s.at
	s.post("/staff/close", "key", key).on(closed) // a double tap
	s.get("/staff/close").sees("还有 1 位没领货").lacks("280")

	v.paper.Round(t.Context())
	if got := v.printer.count(); got != 2+1 {
		t.Fatalf("%d slips printed, want two receipts and the close", got)
	}
	paper := v.papers()[2].Text()
	for _, want := range []string{"日结", "280", "陈建国", "交货"} {
		if !strings.Contains(paper, want) {
			t.Errorf("the slip does not say %q:\n%s", want, paper)
		}
	}
	s.get(closed).sees("单子打好了")
	s.post("/staff/reprint", "job", strings.TrimPrefix(closed, "/staff/closed/")).on(closed)
	s.get("/staff/closed/1").sees("没办成") // an entry that closes no day
}
