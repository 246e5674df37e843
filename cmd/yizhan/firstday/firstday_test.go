package firstday

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	_ "modernc.org/sqlite"

	"yizhan/assets/browser"
)

var people = flag.Int("people", 300, "volunteers in the list that is imported; a county has 100,000")

// county is a center and its kiosks on their first day.
type county struct {
	*testing.T
	data    string
	address string // of the center, for boxes
	officer *visitor
}

// kiosk is a box with whoever stands before it.
type kiosk struct {
	*visitor
	card, pin string // of its clerk
}

// The first day, in the order in which it happens.
func TestTheFirstDayOfACounty(t *testing.T) {
	t.Parallel()
	c := &county{T: t, data: filepath.Join(t.TempDir(), "center")}
	c.address = freeAddress(t)
	process := start(t, "center", "--data", c.data, "--listen", c.address, "--local", "127.0.0.1:0", "--public", c.address)
	console := process.find(t, `console is ready.*address=(http://\S+)`)[1]
	c.officer = newVisitor(t, console, 1280, 800)
	c.officer.welcomed(c.link("lin", "officer"))
	auditor := newVisitor(t, console, 1280, 800)
	auditor.welcomed(c.link("shen", "auditor"))
	c.officer.signedIn("lin")

	c.places()
	c.goods()
	shiqiao := c.kiosk("SQ01", "石桥村益栈", "v01")
	liuhe := c.kiosk("LH01", "柳河村益栈", "v08")
	c.roster()
	c.deliver(shiqiao)
	c.deliver(liuhe)
	c.redeem(shiqiao)
	c.explain()
	c.weeklyLedger()

	auditor.signedIn("shen")
	auditor.visit("/audit?place=qinghe&prove=1").sees("lin", "核对无误")
	auditor.visit("/journal/SQ01").sees("兑换", "交货", "已入账")
	_ = process.Process.Kill()
	_, _ = process.Process.Wait()
	c.proves()
}

// link is an officer's one-time link.
func (c *county) link(name, role string) string {
	c.Helper()
	out := run(c.T, "center", "--data", c.data, "officer", "add", name, "--role", role)
	path := regexp.MustCompile(`/welcome/\S+`).FindString(out)
	if path == "" {
		c.Fatalf("no link: %s", out)
	}
	return path
}

// places imports the center, 3 towns and 20 villages.
func (c *county) places() {
	c.Helper()
	var b strings.Builder
	b.WriteString("编码,名称,上级,级别,负责人\nqinghe,青禾县实践中心,,中心,林主任\nqingxi,清溪镇,qinghe,镇,李芳\nliuhe,柳河镇,qinghe,镇,王强\ndongshan,东山镇,qinghe,镇,赵敏\n")
	for i := range 20 {
		fmt.Fprintf(&b, "v%02d,第%d村,%s,村,\n", i+1, i+1, []string{"qingxi", "liuhe", "dongshan"}[i/7])
	}
	v := c.officer
	v.press("=组织").on("/places").sees("还没有任何地方").press("=导入名单").on("/placelist")
	v.picks("file", "places.csv", b.String()).press("=先看结果").sees("24 个要添加", "0 行不能用")
	v.press("=写入 24 个").on("/places?done=placelist").sees("青禾县实践中心", "清溪镇")
}

// goods imports 60 goods.
func (c *county) goods() {
	c.Helper()
	var b strings.Builder
	b.WriteString("编码,物品名称,单位,所需积分\n")
	for i := range 60 {
		fmt.Fprintf(&b, "G%03d,物品%d号,件,%d\n", i+1, i+1, 10+i)
	}
	v := c.officer
	v.press("=物品").on("/goods").press("=导入物品表").on("/goodlist/qinghe")
	v.picks("file", "goods.csv", b.String()).press("=先看结果").sees("60 个要添加")
	v.press("=写入 60 个").on("/goods?at=qinghe&done=goodlist").sees("物品1号")
}

// kiosk registers a kiosk, enrols a box by its code and fingerprint, and gives its
// clerk a card.
func (c *county) kiosk(id, name, village string) kiosk {
	c.Helper()
	v := c.officer
	v.visit("/addkiosk").types("id", id, "name", name)
	v.chooses("parent", village).press("=登记").on("/station/" + id)
	v.press("=做一次性代码").on("/station/" + id + "/code").press("main button").sees("离开这一页就看不到了")
	invitation := v.reads()

	box := start(c.T, "kiosk", "--data", filepath.Join(filepath.Dir(c.data), id), "--listen", "127.0.0.1:0")
	k := kiosk{visitor: newVisitor(c, box.find(c.T, `box is not enrolled.*address=(http://\S+)`)[1], 1080, 1920)}
	k.visit("/").sees("这台机器还没登记").scans(invitation)
	k.within(browser.Step, "a fingerprint", func() bool { return k.text("p.print") != "" })
	print := bare(k.text("p.print"))
	v.visit("/boxes")
	v.within(browser.Step, "the box to wait", func() bool { return bare(v.text(".fingerprint")) != "" })
	if shown := bare(v.text(".fingerprint")); !strings.HasSuffix(shown, print) {
		c.Fatalf("the box shows %s, the console %s", print, shown)
	}
	v.press("=两边一样").press("=批准").on("/station/" + id)
	box.find(c.T, `kiosk is ready`)
	k.visit("/").sees(name)

	v.visit("/member/"+id).types("name", "李芳", "number", "7").press("=保存并做卡").sees("剪下来单独给本人")
	k.card, k.pin = v.reads(), v.text(".pin .holder")
	return k
}

// roster imports the volunteers of a town, whose home is the first kiosk.
func (c *county) roster() {
	c.Helper()
	var b strings.Builder
	b.WriteString("姓名,志愿者编号,服务时长\n")
	for i := range *people {
		fmt.Fprintf(&b, "%s,Q%06d,%d小时30分\n", []string{"王小明", "李红芳", "张建伟", "周明"}[i%4], i+1, 10+i%7)
	}
	v := c.officer
	began := time.Now()
	v.visit("/import").chooses("town", "qingxi").chooses("home", "SQ01").picks("file", "roster.csv", b.String()).press("main button").on("/import/")
	patience := time.Minute + time.Duration(*people)*10*time.Millisecond
	v.within(patience, "the look at the list", func() bool {
		return strings.Contains(v.Words(), "还什么都没有登记") && strings.Contains(v.Words(), comma(*people))
	})
	looked := time.Since(began)
	began = time.Now()
	v.press("form[action^='/import/'] button")
	v.within(patience, "the import", func() bool { return strings.Contains(v.Words(), "撤销这次导入") })
	c.Logf("%d volunteers: looked at in %v, imported in %v", *people, looked.Round(time.Second), time.Since(began).Round(time.Second))
	v.visit("/volunteers?q=Q000001").sees("王小明")
}

// deliver sends 20 pieces to a kiosk, whose clerk receives them.
func (c *county) deliver(k kiosk) {
	c.Helper()
	id := k.id()
	v := c.officer
	v.visit("/senddelivery?to="+id).chooses("good1", "G001").types("pieces1", "20").press("=送出").on("/delivery").sees("在路上")
	k.onDuty()
	k.within(time.Minute, "the delivery to come", func() bool {
		k.visit("/staff/deliveries")
		return browser.Eval[bool](k.Tab, `return !!document.querySelector("a[href^='/staff/delivery/']")`)
	})
	k.press("a[href^='/staff/delivery/']").on("/staff/delivery/").press(".foot .main").on("/staff/deliveries")
	k.press("=退出").on("/")
	v.within(time.Minute, "the center to hear of it", func() bool {
		v.visit("/deliveries?at=" + id)
		return strings.Contains(v.Words(), "收到")
	})
}

// redeem gives a volunteer a card; they redeem with it, and the clerk hands over.
func (c *county) redeem(k kiosk) {
	c.Helper()
	v := c.officer
	v.visit("/volunteers?q=Q000001").on("/account/").press("=做卡").on("/card/").press("main form button").sees("王小明")
	card := v.reads()
	k.visit("/")
	k.within(time.Minute, "the card to open the account", func() bool {
		k.visit("/").scans(card)
		k.within(browser.Step, "a page", func() bool {
			ready, err := browser.TryEval[bool](k.Tab, `return document.readyState === "complete" && !window.pressed`)
			return err == nil && ready
		})
		k.visit("/redeem/G001")
		return browser.Eval[bool](k.Tab, `return !!document.querySelector("form[action^='/redeem/'] .main, form[action='/redeem'] .main")`)
	})
	k.press("form[action^='/redeem'] .main").sees("领货号") // there is no printer, which the page says a moment later
	k.press("=退出").on("/")
	k.onDuty()
	k.visit("/staff")
	k.within(browser.Step, "the hand-over", func() bool { // a key pressed while the page loads itself again is pressed once more
		waits, err := browser.TryEval[bool](k.Tab, `return !!document.querySelector("form[action='/staff/settle']")`)
		if err == nil && waits {
			k.press("form[action='/staff/settle'] button").on("/staff")
		}
		return err == nil && !waits
	})
	k.press("=退出").on("/")
	v.within(time.Minute, "the center to hear of it", func() bool {
		v.visit("/redemptions")
		return strings.Contains(v.text("tbody"), "物品1号") && strings.Contains(v.text("tbody"), "交货")
	})
}

// explain answers a volunteer's "why this number?".
func (c *county) explain() {
	c.Helper()
	v := c.officer
	v.visit("/volunteers?q=Q000001").on("/account/").sees("105")
	browser.Eval[bool](v.Tab, `for (const row of document.querySelectorAll("td details")) row.open = true; return true`)
	v.sees("10.5 小时", "21", "每小时 10 分")
}

// weeklyLedger prints this week's.
func (c *county) weeklyLedger() {
	c.Helper()
	v := c.officer
	v.press("=报表与台账").on("/reports").press("td a.num").on("/report/qinghe/week/").sees("周台账")
	v.within(2*time.Minute, "the week's redemption", func() bool {
		v.visit(v.Path())
		return strings.Contains(v.Words(), "物品1号")
	})
	var pdf []byte
	v.Do("printing", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		answer, err := cdp.Call(ctx, t, page.PrintToPDF, page.PrintToPDFParams{PrintBackground: new(true)})
		pdf = answer.Data
		return err
	}))
	if !strings.HasPrefix(string(pdf), "%PDF-") || len(pdf) < 10_000 {
		c.Errorf("the ledger prints as %d bytes", len(pdf))
	}
}

// proves the whole book at the terminal, and that the proof would notice.
func (c *county) proves() {
	c.Helper()
	if out := run(c.T, "center", "--data", c.data, "verify"); !strings.Contains(out, "SQ01") && out == "" {
		c.Errorf("the proof says %q", out)
	}
	db, err := sql.Open("sqlite", filepath.Join(c.data, "book.db"))
	if err != nil {
		c.Fatal(err)
	}
	if _, err := db.Exec(`UPDATE entry SET raw = (SELECT raw FROM entry WHERE kiosk = 'SQ01' AND seq = 1) WHERE kiosk = 'SQ01' AND seq = 2`); err != nil {
		c.Fatal(err)
	}
	if err := db.Close(); err != nil {
		c.Fatal(err)
	}
	if out, err := exec.Command(program(c.T), "center", "--data", c.data, "verify").CombinedOutput(); err == nil {
		c.Errorf("an entry was changed, and the proof says: %s", out)
	}
}

// onDuty signs the clerk in.
func (k kiosk) onDuty() {
	k.Helper()
	k.visit("/").scans(k.card).on("/staff/pin")
	for _, digit := range k.pin {
		k.press("button[name=key][value='" + string(digit) + "']")
	}
	k.press("button[name=key][value=go]").on("/staff").sees("工作人员")
}

// id is what the kiosk is called.
func (k kiosk) id() string {
	if strings.Contains(k.visit("/").Words(), "石桥村益栈") {
		return "SQ01"
	}
	return "LH01"
}

// chooses an option of a field.
func (v *visitor) chooses(field, value string) *visitor {
	v.Helper()
	if !browser.Eval[bool](v.Tab, `const el = document.querySelector("main select[name='" + args[0] + "']"); el.value = args[1]; return el.value === args[1]`, field, value) {
		v.Fatalf("%s has no %s", field, value)
	}
	return v
}

// reads decodes a QR code of the page, as a scanner does.
func (v *visitor) reads() string {
	v.Helper()
	v.within(browser.Step, "a code on the page", func() bool {
		there, err := browser.TryEval[bool](v.Tab, `return document.readyState === "complete" && !!document.querySelector(".qr")`)
		return err == nil && there
	})
	ctx, end := context.WithTimeout(v.Ctx, browser.Step)
	defer end()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		v.Fatal(err)
	}
	file := filepath.Join(v.TempDir(), "screen.png")
	if err := os.WriteFile(file, png, 0o600); err != nil {
		v.Fatal(err)
	}
	out, err := exec.Command("zbarimg", "-q", "--raw", "-Sdisable", "-Sqrcode.enable", file).Output()
	if err != nil {
		v.Fatalf("no code can be read on %s: %v", v.Path(), err)
	}
	return strings.TrimSpace(string(out))
}

// bare leaves the signs of a fingerprint.
func bare(text string) string {
	return regexp.MustCompile(`[^0-9a-f]`).ReplaceAllString(strings.ToLower(text), "")
}

// comma writes a number as the console does.
func comma(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", comma(n/1000), n%1000)
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
