package main

import (
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"yizhan/link"
)

// lists are what a center is given about one village.
var lists = map[string]string{
	"station.toml": "name = \"石桥村益栈\"\nparent = \"清溪镇 · 文明实践站\"\ncounter = \"服务台\"\nphone = \"0571-0000000\"\n",
	"roster.csv":   "姓名,志愿者编号,积分\n张伟,V001,125\n",
	"goods.csv":    "物品名称,编码,单位,所需积分,库存\n大米,G001,袋,80,10\n",
}

// TestEnrolled takes a box from its first start to a redemption that its center has
// acknowledged, by real processes, and takes its power in between.
func TestEnrolled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range lists {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := func(name string) string { return filepath.Join(dir, name) }
	office := func(args ...string) string {
		t.Helper()
		return string(yizhan(t, append([]string{"center", "--data", file("center")}, args...)...))
	}
	center := start(t, "center", "--data", file("center"), "--listen", "127.0.0.1:0")
	address := center.find(t, `center is ready.*address=https://(\S+?)/`)[1]
	office("scope", "add", "center", "--name", "中心")
	office("scope", "add", "town:qingxi", "--name", "清溪镇", "--parent", "center")
	office("kiosk", "add", "SQ-01", "--name", "石桥村益栈", "--scope", "town:qingxi")
	office("kiosk", "station", "SQ-01", file("station.toml"))
	office("import", "--town", "town:qingxi", "--home", "SQ-01", "--roster", file("roster.csv"), "--goods", file("goods.csv"), "--cards", file("cards.html"))
	sheet, err := os.ReadFile(file("cards.html"))
	if err != nil {
		t.Fatal(err)
	}
	card := readCard(t, string(sheet))

	invitation := regexp.MustCompile(`YZE1:\S+`).FindString(office("kiosk", "code", "SQ-01", "--by", "李科", "--address", address))
	box := start(t, "kiosk", "--data", file("box"), "--listen", "127.0.0.1:0")
	s := newScreen(t, box.find(t, `box is not enrolled.*address=(http://\S+/)`)[1])
	s.get("/").want("这台机器还没登记")
	s.post("/scan", url.Values{"text": {invitation}})
	print := fingerprint(t, s)
	box.kill()
	box = start(t, "kiosk", "--data", file("box"), "--listen", "127.0.0.1:0")
	s = newScreen(t, box.find(t, `box is not enrolled.*address=(http://\S+/)`)[1])
	if again := fingerprint(t, s); again != print {
		t.Fatalf("after a power cut it shows %s, before %s", again, print)
	}
	office("kiosk", "approve", "SQ-01", "--fingerprint", print, "--by", "王主任")
	box.find(t, `msg=enrolled`)
	box.kill() // it has its center, and no books yet
	box = start(t, "kiosk", "--data", file("box"), "--listen", "127.0.0.1:0")
	s = newScreen(t, box.find(t, `kiosk is ready.*address=(http://\S+/)`)[1])

	eventually(t, "the documents", func() bool { return strings.Contains(s.get("/").page, "石桥村益栈") })
	eventually(t, "the card's points", func() bool {
		s.post("/scan", url.Values{"text": {card}})
		return strings.Contains(s.page, "125")
	})
	entries := func() int {
		return number(t, regexp.MustCompile(`entries (\d+), folded`).FindStringSubmatch(office("kiosk", "list"))[1])
	}
	before := entries()
	eventually(t, "the points to be spent here", func() bool {
		page := s.get("/redeem/G001").page
		return strings.Contains(page, `name="key"`) && strings.Contains(page, "45")
	})
	s.post("/redeem", nil).want("换好了", "45")
	eventually(t, "the redemption to be at the center", func() bool { return entries() > before })
	box.kill()
	yizhan(t, "verify", "--data", file("box")) // it knows by itself which kiosk the box is

	// The center puts the kiosk out of service; the box stops, is invited anew, loses
	// its power, and begins the next epoch without being started again.
	office("kiosk", "revoke", "SQ-01")
	box = start(t, "kiosk", "--data", file("box"), "--listen", "127.0.0.1:0")
	s = newScreen(t, box.find(t, `kiosk is ready.*address=(http://\S+/)`)[1])
	eventually(t, "the box to stand still", func() bool { return strings.Contains(s.get("/").page, "这里暂时不能换") })
	box.kill()
	invitation = regexp.MustCompile(`YZE1:\S+`).FindString(office("kiosk", "code", "SQ-01", "--by", "李科", "--address", address))
	i, err := link.ParseInvitation(invitation)
	if err != nil {
		t.Fatal(err)
	}
	asking := fmt.Sprintf(`{"address": %q, "code": %q, "pin": %q}`, i.Address, i.Code, i.Center)
	if err := os.WriteFile(filepath.Join(file("box"), "enrol.json"), []byte(asking), 0o600); err != nil {
		t.Fatal(err)
	}
	box = start(t, "kiosk", "--data", file("box"), "--listen", "127.0.0.1:0")
	s = newScreen(t, box.find(t, `kiosk is ready.*address=(http://\S+/)`)[1])
	eventually(t, "the box to wait", func() bool { return strings.Contains(office("kiosk", "list"), print) })
	office("kiosk", "approve", "SQ-01", "--fingerprint", print, "--by", "王主任")
	box.find(t, `msg=enrolled.*epoch=2`)
	box.find(t, `kiosk is ready`)
	eventually(t, "the box to serve again", func() bool { return strings.Contains(s.get("/").page, "刷卡，就能开始") })
	if past, err := filepath.Glob(filepath.Join(file("box"), "past", "*", "book.db")); err != nil || len(past) != 1 {
		t.Errorf("the books of before: %q, %v", past, err)
	}
	box.kill()
	center.kill()
	office("verify")
}

// readCard reads the QR code of the first card on a sheet, as a scanner does.
func readCard(t *testing.T, sheet string) string {
	t.Helper()
	drawn := regexp.MustCompile(`<svg viewBox="0 0 (\d+) \d+"[^>]*><path stroke="#000" d="([^"]+)"`).FindStringSubmatch(sheet)
	if drawn == nil {
		t.Fatalf("no card on the sheet: %.300s", sheet)
	}
	const dot = 6 // pixels
	size := number(t, drawn[1])
	page := image.NewGray(image.Rect(0, 0, size*dot, size*dot))
	draw.Draw(page, page.Bounds(), image.White, image.Point{}, draw.Src)
	for _, m := range regexp.MustCompile(`M(\d+) (\d+)\.5h(\d+)`).FindAllStringSubmatch(drawn[2], -1) {
		x, y, n := number(t, m[1]), number(t, m[2]), number(t, m[3])
		draw.Draw(page, image.Rect(x*dot, y*dot, (x+n)*dot, (y+1)*dot), image.Black, image.Point{}, draw.Src)
	}
	file := filepath.Join(t.TempDir(), "card.png")
	f, err := os.Create(file)
	if err = errors.Join(err, png.Encode(f, page), f.Close()); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", file).Output()
	if err != nil {
		t.Fatalf("reading a card with zbarimg (on Debian: apt-get install zbar-tools): %v", err)
	}
	return strings.TrimSpace(string(out))
}

func number(t *testing.T, digits string) int {
	t.Helper()
	n, err := strconv.Atoi(digits)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// fingerprint waits for the page on which a box shows one.
func fingerprint(t *testing.T, s *screen) (print string) {
	t.Helper()
	eventually(t, "the fingerprint", func() bool {
		m := regexp.MustCompile(`<b>([0-9a-f]{4})</b><b>([0-9a-f]{4})</b><b>([0-9a-f]{4})</b><b>([0-9a-f]{4})</b>`).FindStringSubmatch(s.get("/").page)
		if m != nil {
			print = strings.Join(m[1:], " ")
		}
		return m != nil
	})
	return print
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !is(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
