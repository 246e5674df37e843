package main

import (
	"net/url"
	"testing"
)

// TestDemoCounty is what somebody does who tries the demo: redeem at home with the
// link cut, then at the other kiosk, which offers exactly what is safe; mend the link,
// and find that the center's books close.
func TestDemoCounty(t *testing.T) {
	t.Parallel()
	demo := start(t, "demo", "--port", "0", "--data", t.TempDir(), "--baud", "0")
	home := demo.find(t, `^(http://127\.0\.0\.1:\d+/)$`)[1]
	other := demo.find(t, `^(http://127\.0\.0\.1:\d+/)$`)[1]
	console := demo.find(t, `^(http://127\.0\.0\.1:\d+/)$`)[1]
	card := demo.find(t, `^card \S+\s+(YZC1:\S+)`)[1]
	demo.find(t, `^Ready`)
	page := newScreen(t, home)
	page.get("/demo/").want("连着中心", "账是平的", console, "剪断网线")

	page.post("/demo/wire", url.Values{"kiosk": {"SQ01"}, "cut": {"yes"}})
	page.await("/demo/", "断网", "接上网线")
	s := newScreen(t, home)
	s.post("/scan", url.Values{"text": {card}})
	s.get("/balance").want("960")
	s.get("/redeem/G001").post("/redeem", nil)
	s.want("680")

	elsewhere := newScreen(t, other)
	elsewhere.post("/scan", url.Values{"text": {card}})
	elsewhere.await("/balance", "300", "另有 960 分")
	elsewhere.get("/redeem/G001").want("300", "280", "20")
	elsewhere.post("/redeem", nil)

	page.post("/demo/wire", url.Values{"kiosk": {"SQ01"}, "cut": {"no"}})
	page.await("/demo/", "账是平的", `<td>560</td>`) // what is held for both
}
