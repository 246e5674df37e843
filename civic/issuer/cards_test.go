package issuer

import (
	"encoding/xml"
	"errors"
	"image"
	"image/color"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"yizhan/civic"
)

var (
	svgPath = regexp.MustCompile(`<svg viewBox="0 0 (\d+) \d+"[^>]*><path stroke="#000" d="([^"]*)"/></svg>`)
	svgRun  = regexp.MustCompile(`M(\d+) (\d+)\.5h(\d+)`)
)

func TestCardsComeOnceAndOpenTheAccount(t *testing.T) {
	f := newOffice(t)
	f.roster("姓名,志愿者编号", "张伟,V2026000123", "<李敏>,V002")
	f.make() // no sheet, so no cards yet
	f.o.Cards = filepath.Join(f.dir, "cards.html")
	result := f.make()
	want(t, result.Files[0], 0, 2, 0, 0)
	if result.Cards != 2 || result.Cardless != 0 {
		t.Errorf("result %+v", result)
	}
	page := string(read(t, f.o.Cards))
	for _, text := range []string{"张伟", "…000123", "&lt;李敏&gt;", "石桥村益栈", "default-src 'none'"} {
		if !strings.Contains(page, text) {
			t.Errorf("the sheet lacks %q", text)
		}
	}
	if strings.Contains(page, "V2026000123") || strings.Contains(page, "http://") || strings.Contains(page, "https://") || strings.Contains(page, "src=") {
		t.Error("the sheet holds a full number, or something from outside")
	}
	if strings.Index(page, "张伟") > strings.Index(page, "李敏") {
		t.Error("the cards are not in the order of the roster")
	}
	f.roster("姓名,志愿者编号", "张伟,V2026000123", "<李敏>,V002", "王芳,V003")
	result = f.make()
	if result.Cards != 1 || result.CardsFile != filepath.Join(f.dir, "cards-3.html") || string(read(t, f.o.Cards)) != page {
		t.Errorf("the second sheet: %+v", result)
	}
	if second := string(read(t, result.CardsFile)); !strings.Contains(second, "王芳") || strings.Contains(second, "张伟") {
		t.Error("the second sheet has other cards than the new one")
	}
}

func TestStaffGetCardAndPIN(t *testing.T) {
	f := newOffice(t)
	f.staff("姓名,编号,岗位", "赵敏,S01,店员", "钱塘,S02,站长", "孙工,,技术员")
	f.o.Cards = filepath.Join(f.dir, "cards.html")
	if result := f.make(); result.Cards != 3 {
		t.Errorf("result %+v", result)
	}
	page := string(read(t, f.o.Cards))
	pins := regexp.MustCompile(`class="pin">(\d{6})<`).FindAllStringSubmatch(page, -1)
	if len(pins) != 3 {
		t.Fatalf("%d PINs on the sheet", len(pins))
	}
	b := f.bundle()
	for i, name := range []string{"赵敏", "钱塘", "孙工"} {
		s := b.staff[name]
		if err := civic.CheckPIN(s.PIN, pins[i][1], civic.MinPINCost); err != nil || len(s.Cards) != 1 {
			t.Errorf("%s: %v, %+v", name, err, s)
		}
	}
	if strings.Contains(unpack(t, f.o.Out), pins[0][1]) {
		t.Error("the bundle holds a PIN")
	}
}

func TestStaffWhoLeftCannotSignIn(t *testing.T) {
	f := newOffice(t)
	f.staff("姓名,编号,岗位", "赵敏,S01,店员", "钱塘,S02,站长")
	f.o.Cards = filepath.Join(f.dir, "cards.html")
	f.make()
	f.staff("姓名,编号,岗位", "赵敏,S01,站长", ",S09,店员")
	f.make()
	b := f.bundle()
	if b.staff["赵敏"].Role != civic.RoleLeader || len(b.staff["赵敏"].Cards) != 1 || b.staff["赵敏"].PIN == "" {
		t.Errorf("staff %+v", b.staff["赵敏"])
	}
	if len(b.staff["钱塘"].Cards) != 1 {
		t.Error("a list with a faulty row took a card away")
	}
	f.staff("姓名,编号,岗位", "赵敏,S01,站长")
	if result := f.make(); result.Files[0].Left != 1 || result.Unchanged {
		t.Errorf("result %+v", result.Files[0])
	}
	if s := f.bundle().staff["钱塘"]; len(s.Cards) != 0 || s.PIN != "" || s.Version != 3 {
		t.Errorf("staff who left: %+v", s)
	}
	if result := f.make(); !result.Unchanged {
		t.Error("the same list again changed something")
	}
}

func TestLostCardIsReplaced(t *testing.T) {
	f := newOffice(t)
	f.roster("姓名,志愿者编号,证件号码", "张伟,V001,"+idZhang, "李敏,V002,")
	f.staff("姓名,编号,岗位", "赵敏,S01,店员")
	f.o.Cards = filepath.Join(f.dir, "cards.html")
	f.make()
	before := f.bundle()
	f.roster("姓名,志愿者编号", "李敏,V002")
	f.o.Staff = ""
	f.o.NewCards = []string{strings.ToLower(idZhang), " v002"}
	if result := f.make(); result.Cards != 2 || result.Unchanged {
		t.Errorf("result %+v", result)
	}
	after := f.bundle()
	for _, name := range []string{"张伟", "李敏"} {
		if a, b := before.volunteers[name].Cards, after.volunteers[name].Cards; len(b) != 1 || slices.Equal(a, b) {
			t.Errorf("%s: cards %x, before %x", name, b, a)
		}
	}
	if !slices.Equal(before.staff["赵敏"].Cards, after.staff["赵敏"].Cards) {
		t.Error("another person's card changed")
	}
	f.o.NewCards = []string{"V999"}
	if _, err := f.try(); !errors.Is(err, ErrUnknownPerson) || strings.Contains(err.Error(), "V9990") {
		t.Errorf("nobody's number: %v", err)
	}
	f.o.NewCards = []string{idWang}
	if _, err := f.try(); !errors.Is(err, ErrUnknownPerson) || strings.Contains(err.Error(), idWang) {
		t.Errorf("nobody's ID-card number: %v", err)
	}
	f.o.NewCards, f.o.Cards = []string{"V001"}, ""
	if _, err := f.try(); err == nil {
		t.Error("a new card without a sheet to print it on")
	}
}

// A lost card of staff is replaced with or without the list of staff at hand.
func TestLostStaffCard(t *testing.T) {
	for _, list := range []bool{true, false} {
		f := newOffice(t)
		f.staff("姓名,编号,岗位", "赵敏,S01,店员", "钱塘,S02,站长")
		f.o.Cards = filepath.Join(f.dir, "cards.html")
		f.make()
		before := f.bundle()
		if !list {
			f.o.Staff = ""
		}
		f.o.NewCards = []string{"S01"}
		if result := f.make(); result.Cards != 1 {
			t.Errorf("list %v: %d cards", list, result.Cards)
		}
		a, b := before.staff["赵敏"], f.bundle().staff["赵敏"]
		if len(b.Cards) != 1 || b.Cards[0] == a.Cards[0] || b.PIN == a.PIN || b.Version != 2 {
			t.Errorf("list %v: %+v, before %+v", list, b, a)
		}
		if !slices.Equal(before.staff["钱塘"].Cards, f.bundle().staff["钱塘"].Cards) {
			t.Error("another card changed")
		}
	}
}

// The drawing, read back module by module, has the finder patterns of a QR code in
// three corners and nothing around them.
func TestQRCodeIsDrawnModuleByModule(t *testing.T) {
	svg, err := qrSVG(civic.CardSecret{1, 2, 3}.Text())
	if err != nil {
		t.Fatal(err)
	}
	m := rasterise(t, svg)
	size := m.Bounds().Dx()
	if size != 25+2*quietModules {
		t.Fatalf("%d modules wide: a card's text should fit version 2", size)
	}
	for _, corner := range []image.Point{{quietModules, quietModules}, {size - quietModules - 7, quietModules}, {quietModules, size - quietModules - 7}} {
		for y := range 7 {
			for x := range 7 {
				ring := max(abs(x-3), abs(y-3))
				if dark := ring != 2; (m.GrayAt(corner.X+x, corner.Y+y).Y == 0) != dark {
					t.Fatalf("finder pattern at %v is broken at %d,%d", corner, x, y)
				}
			}
		}
	}
	for i := range size { // the quiet zone is quiet
		for depth := range quietModules {
			if m.GrayAt(i, depth).Y == 0 || m.GrayAt(depth, i).Y == 0 || m.GrayAt(i, size-1-depth).Y == 0 || m.GrayAt(size-1-depth, i).Y == 0 {
				t.Fatal("ink in the quiet zone")
			}
		}
	}
}

func abs(n int) int { return max(n, -n) }

func rasterise(t testing.TB, svg string) *image.Gray {
	t.Helper()
	parts := svgPath.FindStringSubmatch(svg)
	if parts == nil {
		t.Fatalf("no drawing in %.80s", svg)
	}
	number := func(s string) int { n, _ := strconv.Atoi(s); return n }
	size := number(parts[1])
	m := image.NewGray(image.Rect(0, 0, size, size))
	for i := range m.Pix {
		m.Pix[i] = 255
	}
	if rest := svgRun.ReplaceAllString(parts[2], ""); rest != "" {
		t.Fatalf("the path has %q", rest)
	}
	for _, run := range svgRun.FindAllStringSubmatch(parts[2], -1) {
		for x := range number(run[3]) {
			m.SetGray(number(run[1])+x, number(run[2]), color.Gray{})
		}
	}
	return m
}

func TestPagesHoldTenCards(t *testing.T) {
	var cards []PrintedCard
	add := func(n int, pin string) {
		for range n {
			cards = append(cards, PrintedCard{Secret: civic.CardSecret{byte(len(cards))}, Name: "张伟", Number: "V1", PIN: pin})
		}
	}
	add(3, "274916")
	add(24, "")
	path := filepath.Join(t.TempDir(), "cards.html")
	for _, want := range []string{path, strings.Replace(path, "cards.html", "cards-7.html", 1)} {
		sheet := NewCardSheet(path, "7", civic.Station{Name: "石桥"})
		for _, c := range cards {
			if err := errors.Join(sheet.Add(c), sheet.Flush()); err != nil {
				t.Fatal(err)
			}
		}
		if at, err := sheet.Commit(); err != nil || at != want {
			t.Fatalf("%s, %v", at, err)
		}
		sheet.Abort()
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	// 3 wide ones take 6 places, then 4 + 10 + 10
	if n := strings.Count(page, `<section class="page">`); n != 3 || strings.Count(page, "</section>") != 3 {
		t.Errorf("%d pages", n)
	}
	if n := strings.Count(page, `class="card"`); n != 27 {
		t.Errorf("%d cards", n)
	}
}

func TestCardSheetThatIsNotFinished(t *testing.T) {
	dir := t.TempDir()
	empty := NewCardSheet(filepath.Join(dir, "cards.html"), "2", civic.Station{})
	if at, err := empty.Commit(); at != "" || err != nil {
		t.Errorf("a sheet without cards: %q, %v", at, err)
	}
	nowhere := NewCardSheet(filepath.Join(dir, "missing", "cards.html"), "2", civic.Station{})
	if err := errors.Join(nowhere.Add(PrintedCard{Name: "张伟"}), nowhere.Flush()); err == nil {
		t.Error("a folder that is not there went unnoticed")
	}
	half := NewCardSheet(filepath.Join(dir, "cards.html"), "2", civic.Station{})
	if err := errors.Join(half.Add(PrintedCard{Name: "张伟"}), half.Flush()); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 || left[0].Name() == "cards.html" {
		t.Fatalf("%v, %v", left, err)
	}
	if b, err := os.ReadFile(filepath.Join(dir, left[0].Name())); err != nil || !strings.Contains(string(b), "张伟") {
		t.Errorf("what was flushed is not there: %v", err)
	}
	half.Abort()
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("%v, %v", left, err)
	}
}

// A name cannot break out of its element.
func TestCardIsWellFormed(t *testing.T) {
	drawn, err := drawCard(civic.Station{Name: `<script>"&`}, PrintedCard{Name: `'"><script>`, Number: `<b>&`, Role: civic.RoleClerk, PIN: "274916"})
	if err != nil {
		t.Fatal(err)
	}
	dec := xml.NewDecoder(strings.NewReader("<div>" + strings.ReplaceAll(drawn, "<br>", "<br/>") + "</div>"))
	for {
		token, err := dec.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%v in %s", err, drawn)
		}
		if start, ok := token.(xml.StartElement); ok && (start.Name.Local == "script" || start.Name.Local == "b") {
			t.Errorf("a name made an element: %s", drawn)
		}
	}
}
