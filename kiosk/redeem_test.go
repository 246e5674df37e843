package kiosk

import (
	"testing"
)

func TestRedeemWithACard(t *testing.T) {
	s := newVillage(t).screen()
	s.get("/").sees("刷卡，就能开始")
	s.scanCard(zhang).on("/balance").sees("张*伟", "1,260", "2026年12月底前用掉 200 分")
	s.get("/goods").sees("东北大米", "积分够")
	s.get("/goods?from=6").sees("保温水壶", "还差 340 分", "晴雨伞", "换完了")
	s.get("/redeem/G01").sees("确认换", "980", "2026年12月底到期")
	s.confirm().sees("换好了", "领货号", "还剩 980 分")
	s.get("/balance").sees("980", "另有 280 分")
}
