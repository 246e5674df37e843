package kiosk

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"image/png"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"yizhan/assets"
	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
	"yizhan/printer"
	"yizhan/printer/sim"
	"yizhan/printer/template"
)

// slipShelf keeps templates in memory, and fails as it is told.
type slipShelf struct {
	texts map[string]string
	fails error
}

func (s *slipShelf) Load(name string) (string, error) {
	text, ok := s.texts[name]
	if !ok {
		return "", fs.ErrNotExist
	}
	return text, nil
}

func (s *slipShelf) Save(name, text string) error {
	if s.fails == nil {
		s.texts[name] = text
	}
	return s.fails
}

func (s *slipShelf) Remove(name string) error {
	if s.fails == nil {
		delete(s.texts, name)
	}
	return s.fails
}

// editing is a leader who has the page of a slip open.
func editing(t *testing.T, shelf *slipShelf, name string) (*screen, string) {
	t.Helper()
	v := newVillage(t, func(c *Config) { c.Slips = shelf })
	s := v.screen().onDutyAs(leader)
	s.get("/staff/slips/" + name).on("/staff/slips/" + name)
	return s, s.area()
}

// area is what stands in the page's text field.
func (s *screen) area() string {
	s.Helper()
	m := regexp.MustCompile(`(?s)<textarea[^>]*>\n(.*?)</textarea>`).FindStringSubmatch(s.body)
	if m == nil {
		s.Fatalf("%s has no text field", s.at)
	}
	return html.UnescapeString(m[1])
}

// picture loads the paper that the page shows.
func (s *screen) picture() string {
	s.Helper()
	m := regexp.MustCompile(`<img id="paper" src="([^"]+)"`).FindStringSubmatch(s.body)
	if m == nil {
		s.Fatalf("%s shows no paper", s.at)
	}
	at, body := s.at, s.body
	s.get(m[1])
	image, err := png.Decode(strings.NewReader(s.body))
	if err != nil || image.Bounds().Dx() != 464 {
		s.Fatalf("%s: %v", m[1], err)
	}
	s.at, s.body = at, body
	return m[1]
}

func TestALeaderChangesWhatTheReceiptSays(t *testing.T) {
	shelf := &slipShelf{texts: map[string]string{}}
	s, text := editing(t, shelf, "receipt")
	before := s.picture()
	s.sees("看重打的")
	text = strings.Replace(text, "[如有 code 居中] 扫码可查真伪", "[居中] 谢谢乡亲们 <b> & \"{person}\"", 1)
	s.post(s.at, "look", "", "text", strings.ReplaceAll(text, "\n", "\r\n"))
	if s.picture() == before || s.area() != text {
		t.Error("the change is not shown")
	}
	if len(shelf.texts) > 0 {
		t.Error("looking keeps something")
	}
	s.get("/staff/slips/close").lacks("还没存")
	s.post("/language", "to", "en", "page", "/staff/slips/receipt").sees("Not saved yet", "[居中] 谢谢乡亲们")
	s.post("/language", "to", "zh-CN", "page", "/staff/slips/receipt").sees("还没存", "[居中] 谢谢乡亲们")
	s.post(s.at, "do", "save", "text", strings.ReplaceAll(text, "\n", "\r\n")).on("/staff/slips/receipt?saved").sees("存好了")
	s.get("/staff/slips/receipt").lacks("还没存")
	if shelf.texts["receipt.zh-CN"] != text || !strings.Contains(s.log.String(), "slip changed") || !strings.Contains(s.log.String(), id(leader).String()) {
		t.Errorf("kept %v; the log says %s", shelf.texts, s.log)
	}
	s.get("/staff/slips").sees("站里改过")
	s.post("/leave")
	s.scanCard(zhang)
	s.redeemed("G01", "1")
	s.paper.Round(t.Context())
	papers := s.papers()
	shows(t, papers[len(papers)-1], "兑换小票", `谢谢乡亲们 <b> & "张*伟"`, "单号")

	again := newVillage(t, func(c *Config) { c.Slips = shelf })
	if kind, _ := again.slips.kind("receipt"); kind.state() != "changed" || kind.text() != text {
		t.Error("the change is gone after a start")
	}
	s = again.screen().onDutyAs(leader)
	s.get("/staff/slips/receipt")
	s.post(s.at, "do", "reset", "text", text).sees("存下来才算数")
	if len(shelf.texts) != 1 || strings.Contains(s.area(), "乡亲") {
		t.Errorf("the built-in slip is not offered: %s", s.area())
	}
	s.post("/staff/slips/receipt", "do", "save", "text", s.area()).sees("存好了")
	if len(shelf.texts) > 0 || strings.Contains(s.area(), "乡亲") {
		t.Errorf("the change is still there: %v", shelf.texts)
	}
}

func TestMistakesAreSaidAndTheLastPictureStays(t *testing.T) {
	shelf := &slipShelf{texts: map[string]string{}}
	s, text := editing(t, shelf, "receipt")
	s.post(s.at, "look", "", "text", strings.Replace(text, "扫码可查真伪", "扫码", 1))
	seen := s.picture()
	for broken, says := range map[string]string{
		strings.Replace(text, "{claim}", "{clam}", 1):   "没有 {clam} 这一项。能用的有：{station}",
		strings.Replace(text, "[二维码]", "[二维马]", 1):      "没有 [二维马] 这个记号",
		strings.ReplaceAll(text, "{copy}", "谢谢"):        "少了 {copy}：这一项必须印",
		strings.Replace(text, "{number}", "{number", 1): "“{”后面缺一个“}”",
		strings.Repeat("谢谢\n", 200):                     "行数太多",
		"":                                              "少了 {number}",
	} {
		s.post("/staff/slips/receipt", "do", "save", "text", broken, "seen", filepath.Base(seen)).on("/staff/slips/receipt").sees(says)
		if s.picture() != seen || s.area() != broken {
			t.Errorf("%.40q: another picture or text is shown", broken)
		}
	}
	s.post("/staff/slips/receipt", "do", "save", "text", "", "seen", "../../etc")
	s.picture()
	if len(shelf.texts) > 0 {
		t.Errorf("a broken slip is kept: %v", shelf.texts)
	}
	s.post("/staff/slips/receipt", "do", "burn", "text", text).on("/trouble")
	s.post("/staff/slips/receipt", "do", "save", "text", strings.Repeat("谢", 6000)).on("/trouble")
	if s.get("/staff/slips/letter"); s.code != http.StatusNotFound {
		t.Errorf("a slip that there is not answers %d", s.code)
	}
}

// The script of the page asks while somebody writes.
func TestADraftIsDrawnWhileItIsWritten(t *testing.T) {
	s, text := editing(t, &slipShelf{texts: map[string]string{}}, "close")
	said := func(text string) (d draft) {
		t.Helper()
		s.post("/staff/slips/close/draft", "text", text)
		if err := json.Unmarshal([]byte(s.body), &d); err != nil {
			t.Fatalf("%v: %s", err, s.body)
		}
		return d
	}
	d := said(text)
	if s.get(d.Picture); s.code != http.StatusOK || s.header.Get("Content-Type") != "image/png" || d.Problems == nil || len(d.Problems) > 0 {
		t.Errorf("%+v leads to %d", d, s.code)
	}
	d = said("第一行\n[大字 红色] {operator}\n" + text)
	if d.Picture != "" || len(d.Problems) != 1 || d.Problems[0].Line != 2 || d.Problems[0].Column != 5 || !strings.Contains(d.Problems[0].Text, "第 2 行第 5 个字：没有 [红色] 这个记号") {
		t.Errorf("%+v", d)
	}
	for i := range maxPictures {
		said(fmt.Sprintf("%s谢谢 %d\n", text, i))
	}
	if n := len(s.Server.slips.slips); n != len(assets.Slips) {
		t.Errorf("%d slips", n)
	}
	d = said(text)
	if s.get(d.Picture); s.code != http.StatusOK {
		t.Error("a picture is gone before it is loaded")
	}
	if s.get("/staff/slip-picture/nothing"); s.code != http.StatusNotFound {
		t.Errorf("no picture answers %d", s.code)
	}
}

// A receipt looks otherwise when it is a reprint, of a kiosk with a center, taken from
// the shelf or given back;
// the key beside the paper turns from one to the next.
func TestThePaperIsShownInEveryCase(t *testing.T) {
	s, text := editing(t, &slipShelf{texts: map[string]string{}}, "receipt")
	seen := map[string]bool{s.picture(): true}
	for _, turn := range []struct{ to, next string }{{"again", "看连中心的"}, {"linked", "看自取的"}, {"shelf", "看退了的"}, {"back", "看平常的"}, {"", "看重打的"}} {
		s.post("/staff/slips/receipt", "look", turn.to, "text", text).sees(turn.next)
		if s.field("case") != turn.to {
			t.Errorf("the page shows %q, want %q", s.field("case"), turn.to)
		}
		seen[s.picture()] = true
	}
	if len(seen) != 5 {
		t.Errorf("%d different papers in five cases", len(seen))
	}
	s.post("/staff/slips/receipt", "look", "nonsense", "text", text).sees("看重打的")
	s.get("/staff/slips/test").sees("看一看")
	kind, _ := s.Server.slips.kind("receipt")
	slip, err := kind.printed.Render(kind.form.Show("zh-CN", "again"))
	shows(t, s.onPaper(slip, err), "重打 第2次", "[QR", "重打 第2次")
}

// A clerk, a volunteer and nobody may not change what slips say.
func TestSlipsAreForLeadersAndTechnicians(t *testing.T) {
	shelf := &slipShelf{texts: map[string]string{}}
	v := newVillage(t, func(c *Config) { c.Slips = shelf })
	text, err := assets.Slip("receipt", assets.Chinese)
	if err != nil {
		t.Fatal(err)
	}
	for _, who := range []byte{0, zhang, clerk} {
		s := v.screen()
		switch who {
		case zhang:
			s.scanCard(zhang)
		case clerk:
			s = v.screen().onDutyAs(clerk)
			s.get("/staff/more").lacks("/staff/slips")
		}
		for _, at := range []string{"/staff/slips", "/staff/slips/receipt"} {
			s.get(at).lacks("textarea", "kinds")
		}
		s.post("/staff/slips/receipt", "do", "save", "text", text+"谢谢")
		s.post("/staff/slips/receipt/draft", "text", text).lacks("Picture", "picture")
		s.post("/leave")
	}
	if len(shelf.texts) > 0 {
		t.Errorf("kept %v", shelf.texts)
	}
	v.screen().onDutyAs(leader).get("/staff/more").sees("/staff/slips")
	v.change(func(*civic.Station) {})
	s := v.screen().onDutyAs(technician)
	s.get("/staff/box").follow("/staff/slips").follow("/staff/slips/card").sees("志愿者卡", "textarea")
}

// What cannot be kept is said, and what was written stays on the page.
func TestASlipThatCannotBeKept(t *testing.T) {
	shelf := &slipShelf{texts: map[string]string{}, fails: errors.New("disk full")}
	s, text := editing(t, shelf, "close")
	s.post(s.at, "do", "save", "text", text+"谢谢\n").sees("没存上", "谢谢\n</textarea>")
	if kind, _ := s.Server.slips.kind("close"); kind.state() != "builtin" || !strings.Contains(s.log.String(), "disk full") {
		t.Errorf("%s; the log says %s", kind.state(), s.log)
	}
	v := newVillage(t)
	s = v.screen().onDutyAs(leader)
	s.get("/staff/slips/close").lacks(`value="save"`, `value="reset"`)
	s.post(s.at, "do", "save", "text", text).on("/staff/slips/close").lacks("存好了")
}

// A stored slip that is no template does not stop the kiosk, or its printing.
func TestABrokenSlipFallsBackToTheBuiltIn(t *testing.T) {
	shelf := &slipShelf{texts: map[string]string{"receipt.zh-CN": "兑换小票 {claim", "close.zh-CN": ""}}
	v := newVillage(t, func(c *Config) { c.Slips = shelf })
	if n := strings.Count(v.log.String(), "a changed slip cannot be used"); n != 2 {
		t.Errorf("%d complaints in the log: %s", n, v.log)
	}
	s := v.screen().onDutyAs(leader)
	s.get("/staff/slips").sees("改得有错")
	s.get("/staff/slips/receipt").sees("改得有错，先按原来的打", "“{”后面缺一个“}”")
	s.picture()
	if s.area() != "兑换小票 {claim" {
		t.Errorf("the page shows %q", s.area())
	}
	s.post("/leave")
	s.scanCard(zhang)
	s.redeemed("G01", "1")
	s.paper.Round(t.Context())
	shows(t, s.papers()[0], "兑换小票", "领货号", "扫码可查真伪", "单号")
}

func TestASlipFolderKeepsWholeFiles(t *testing.T) {
	folder := SlipFolder(filepath.Join(t.TempDir(), "slip"))
	if _, err := folder.Load("receipt"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("nothing is %v", err)
	}
	if err := folder.Remove("receipt"); err != nil {
		t.Error(err)
	}
	for _, text := range []string{"第一", "第二", ""} {
		if err := folder.Save("receipt", text); err != nil {
			t.Fatal(err)
		}
		if got, err := folder.Load("receipt"); err != nil || got != text {
			t.Errorf("%q, %v", got, err)
		}
	}
	// A power cut while writing leaves the old file, and a beginning beside it.
	if err := os.WriteFile(folder.path("receipt")+".new", []byte("半"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := folder.Load("receipt"); err != nil || got != "" {
		t.Errorf("%q, %v", got, err)
	}
	if err := os.WriteFile(folder.path("receipt"), make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := folder.Load("receipt"); err != nil || len(got) != template.MaxBytes+1 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if err := folder.Remove("receipt"); err != nil {
		t.Error(err)
	}
	if _, err := folder.Load("receipt"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what was removed is %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := SlipFolder(file).Save("receipt", "x"); err == nil {
		t.Error("a file serves as a folder")
	}
}

// Whatever can be said of a slip or a mistake has its words in both languages.
func TestSlipsHaveTheirWords(t *testing.T) {
	v := newVillage(t)
	marks := regexp.MustCompile(`\p{Han}+`)
	for lang, texts := range v.texts {
		for _, code := range template.Codes {
			if !texts.Has("template." + code) {
				t.Errorf("no words in %s for the mistake %s", lang, code)
			}
		}
		for _, name := range assets.Slips {
			kind, err := builtInSlip(name, lang)
			if err != nil {
				t.Errorf("%s in %s: %v", name, lang, err)
			}
			if !texts.Has("staff.slips."+name) || !texts.Has("staff.slips."+name+"_note") {
				t.Errorf("the slip %s has no name in %s", name, lang)
			}
			for _, f := range kind.form.Fields {
				if !texts.Has("template.value." + f.Name) {
					t.Errorf("{%s} of the slip %s is not explained in %s", f.Name, name, lang)
				}
			}
		}
	}
	// The marks that the page offers are marks.
	for _, word := range marks.FindAllString(strings.SplitAfter(v.texts[assets.Chinese].Text("template.mark_unknown"), "能用的有：")[1], -1) {
		body := "[" + word + "] a"
		switch word {
		case "空行":
			body = "[空行]"
		case "如有":
			body = "[如有 a] a"
		}
		if _, err := template.Parse(body, template.Fields{{Name: "a"}}); err != nil {
			t.Errorf("the page offers %s: %v", word, err)
		}
	}
}

// Everything that the kiosk puts into its slips is known to them: what each slip of
// a real entry says is rendered by every other test, this one by its sample too.
func TestEverySampleIsDrawn(t *testing.T) {
	for _, lang := range assets.Langs {
		for _, name := range assets.Slips {
			kind, err := builtInSlip(name, lang)
			if err != nil {
				t.Fatal(err)
			}
			for _, profile := range []printer.Profile{printer.Profile58, printer.Profile80} {
				profile.Cutter = profile.Columns == 32
				for _, one := range append(kind.form.Cases, template.Case{}) {
					slip, err := kind.printed.Render(kind.form.Show(string(lang), one.Name))
					if err == nil {
						_, err = sim.Draw(slip, profile)
					}
					if err != nil {
						t.Errorf("%s in %s on %s, case %s: %v", name, lang, profile.Name, one.Name, err)
					}
				}
			}
		}
	}
}

// The self-service shelf has no code to collect, and no line that says so.
func TestAShelfReceiptSaysToTakeIt(t *testing.T) {
	v := newVillage(t)
	v.change(func(st *civic.Station) { st.Policy.SelfService = true })
	s := v.screen()
	s.scanCard(zhang)
	s.redeemed("G01", "1")
	paper := v.onPaper(v.paper.slip(store.Job{Seq: v.newest(zhang).Seq}))
	shows(t, paper, "用去", "请从架上自取", "[QR")
	if strings.Contains(paper.Text(), "领货") || strings.Contains(paper.Text(), ledger.ClaimText(v.newest(zhang).Claim)) {
		t.Errorf("a shelf receipt has a code:\n%s", paper.Text())
	}
}
