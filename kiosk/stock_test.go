package kiosk

import (
	"testing"

	"yizhan/ledger"
)

// record takes the last step of a move of stock.
func (s *screen) record(word, good string) *screen {
	s.Helper()
	return s.post("/staff/moved/"+word+"/"+good, "key", s.field("key"), "pieces", s.field("pieces"), "reason", s.field("reason"))
}

func TestReceive(t *testing.T) {
	s := newVillage(t).screen()
	s.onDutyAs(clerk).get("/staff/stock").sees("东北大米", "架上 12 · 留着 0 · 能换 12", "晴雨伞", "能换 0")
	s.follow("/staff/shelf/G06").follow("/staff/move/receive/").sees("收到几把")
	s.post("/staff/move/receive/G06", "typed", "20", "key", "go").sees("&#43;20", "这样收货")
	key, pieces := s.field("key"), s.field("pieces")
	for range 2 { // a double tap
		s.post("/staff/moved/receive/G06", "key", key, "pieces", pieces).on("/staff/shelf/G06").sees("收货 &#43;20", "李*芳")
	}
	if got := s.stockOf("G06").OnHand(); got != 20 {
		t.Errorf("%d on hand, want 20", got)
	}
	s.get("/staff/moves").sees("晴雨伞", "&#43;20", "架上 20")
}

func TestCountShowsTheDifferenceFirst(t *testing.T) {
	v := newVillage(t)
	v.reserve(zhang, "G01", 2, 280)
	s := v.screen()
	s.onDutyAs(clerk)
	s.post("/staff/move/count/G01", "typed", "9", "key", "go").sees("12", "−3", "9")
	if got := v.stockOf("G01").OnHand(); got != 12 {
		t.Fatalf("%d on hand before the confirmation", got)
	}
	s.record("count", "G01").sees("盘点 −3")
	if got := v.stockOf("G01"); got.OnHand() != 9 || got.Available() != 7 {
		t.Errorf("shelf %+v", got)
	}
	s.post("/staff/move/count/G01", "typed", "0", "key", "go").sees("已有人换走、留着 2 份")
}

func TestWasteAsksWhy(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.onDutyAs(clerk)
	s.post("/staff/move/waste/G02", "typed", "2", "key", "go").sees("为什么报损", "过期了").lacks("记下")
	s.get(s.at+"&reason=spoilt").sees("−2", "过期了")
	s.record("waste", "G02").sees("报损 −2")
	s.get("/staff/moves").sees("过期了")
	moves, err := v.cfg.Store.StockMoves(0, 9)
	v.must(err)
	if len(moves) != 1 || moves[0].Move != ledger.StockWasted || moves[0].Delta != -2 || moves[0].Operator != id(clerk) {
		t.Errorf("moves %+v", moves)
	}
}

func TestMoreWasteThanThereIs(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.onDutyAs(clerk).get("/staff/move/waste/G03?pieces=5&reason=lost")
	s.record("waste", "G03").sees("架上没有这么多", "库存没动")
	if got := v.stockOf("G03").OnHand(); got != 1 {
		t.Errorf("%d on hand, want 1", got)
	}
}

func TestPiecesAreNumbers(t *testing.T) {
	s := newVillage(t).screen()
	s.onDutyAs(clerk)
	for _, pieces := range []string{"-3", "0", "10000", "1e3", "twelve", ""} {
		s.post("/staff/moved/receive/G01", "key", "0123456789abcdef", "pieces", pieces).sees("没办成")
	}
	s.get("/staff/move/steal/G01").sees("没办成")
	if got := s.stockOf("G01").OnHand(); got != 12 {
		t.Errorf("%d on hand, want 12", got)
	}
}

func TestACountThatAgreesSaysSo(t *testing.T) {
	s := newVillage(t).screen()
	s.onDutyAs(clerk)
	s.post("/staff/move/count/G01", "typed", "12", "key", "go").sees("和账上一样", "&#43;0")
	s.record("count", "G01").sees("盘点 0", "架上 12")
}

func TestDigitsOfAnotherPageAreForgotten(t *testing.T) {
	s := newVillage(t).screen()
	s.onDutyAs(clerk)
	s.post("/staff/claim", "key", "7") // without the script every key is posted
	s.post("/staff/claim", "key", "8").sees(`value="78"`)
	s.get("/staff/move/receive/G01").lacks(`value="78"`)
	s.post("/staff/move/receive/G01", "key", "5").sees(`value="5"`)
	s.post("/staff/move/receive/G01", "key", "go").sees("&#43;5")
}
