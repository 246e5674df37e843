package kiosk

import (
	"strings"
	"testing"

	"yizhan/ledger"
)

// redeemed brings a person to the page done, with n pieces of a good.
func (s *screen) redeemed(good, n string) (seq string) {
	s.Helper()
	s.get("/redeem/" + good + "?n=" + n).confirm().sees("换好了")
	return strings.TrimPrefix(s.at, "/done/")
}

func TestGivingBackBeforeTheHandOver(t *testing.T) {
	s := newVillage(t).screen()
	s.scanCard(zhang)
	seq := s.redeemed("G05", "2")
	s.get("/orders").sees("棉毛巾 × 2", "等您领")
	s.get("/orders/"+seq).sees("进门左手边", "不要了")
	s.get("/giveback/"+seq).sees("1,080", "180", "1,260")
	key := s.field("key")
	s.post("/giveback/"+seq, "key", key).on("/orders/"+seq).sees("已退回", "退回了 180 分").lacks("不要了")
	s.post("/giveback/"+seq, "key", key).on("/orders/" + seq).sees("已退回")
	s.get("/balance").sees("1,260")
	s.get("/points").sees("不要了：棉毛巾", "+180", "−180")

	account, err := s.cfg.Store.Account(id(zhang))
	if err != nil || account.Spendable() != 1260 || account.Held() != 0 {
		t.Errorf("account %+v, %v", account, err)
	}
}

func TestWhatWasHandedOverIsNotGivenBackHere(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	seq := s.redeemed("G01", "1")
	r := v.newest(zhang)
	if _, err := v.cfg.Store.Settle(t.Context(), ledger.Key{1}, r.Seq, id(clerk)); err != nil {
		t.Fatal(err)
	}
	s.get("/giveback/"+seq).sees("已经办过了", "不会重复扣")
	s.get("/orders/" + seq).sees("已领走").lacks("不要了")
}
