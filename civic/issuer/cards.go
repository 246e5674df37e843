package issuer

import (
	"bufio"
	_ "embed"
	"errors"
	"fmt"
	"html"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/skip2/go-qrcode"

	"yizhan/civic"
	"yizhan/civic/wholefile"
)

// PrintedCard is a card of the sheet. Whoever holds the secret holds the card. One
// with a PIN has a slip beside it, which is folded behind or torn off.
type PrintedCard struct {
	Secret civic.CardSecret
	Name   string
	Number string
	Role   civic.Role // of staff
	PIN    string     // of staff
}

//go:embed cards.css
var cardStyle string

const (
	cardsPerPage = 10
	cardsAtOnce  = 200 // drawn in parallel, then written
	quietModules = 4   // around a QR code
	shownDigits  = 6   // of a person's number
	longName     = 12  // characters; a longer name is printed smaller
)

// newCards lists the cards to be printed: of staff and of persons who are not
// in the roster first, then the roster's in its order.
func (r *run) newCards() iter.Seq[PrintedCard] {
	return func(yield func(PrintedCard) bool) {
		for _, c := range r.cards {
			if !yield(c) {
				return
			}
		}
		for _, p := range r.roster.people {
			if p.card && !yield(PrintedCard{Secret: p.secret, Name: p.name, Number: p.number}) {
				return
			}
		}
	}
}

// writeCards writes the sheet of cards, if there are new ones.
func (r *run) writeCards() error {
	sheet := NewCardSheet(r.Options.Cards, fmt.Sprint(r.serial), r.station)
	defer sheet.Abort()
	for c := range r.newCards() {
		if err := sheet.Add(c); err != nil {
			return err
		}
	}
	var err error
	if r.cardsFile, err = sheet.Commit(); err != nil || r.Printed == nil {
		return err
	}
	for c := range r.newCards() {
		r.Printed(c)
	}
	return nil
}

// CardSheet is a page of HTML in the making, that prints on A4 with cards of 85.6 x
// 54 mm. It needs nothing from outside and can be opened from a disk. Until Commit
// it stands beside its place under a temporary name, with all cards that were
// flushed.
type CardSheet struct {
	path, next string
	station    civic.Station
	file       *wholefile.File // nil: no card came yet
	page       pager
	batch      []PrintedCard
}

// NewCardSheet begins a sheet. A sheet that is still in its place may not be printed
// yet, so this one then gets next into its name.
func NewCardSheet(path, next string, station civic.Station) *CardSheet {
	return &CardSheet{path: path, next: next, station: station}
}

// Add puts a card on the sheet.
func (c *CardSheet) Add(card PrintedCard) error {
	if c.batch = append(c.batch, card); len(c.batch) < cardsAtOnce {
		return nil
	}
	return c.draw()
}

// Flush writes the cards that were added, so that the file has them even if the
// program dies.
func (c *CardSheet) Flush() error {
	if err := c.draw(); err != nil || c.file == nil {
		return err
	}
	if err := errors.Join(c.page.out.Flush(), c.file.Sync()); err != nil {
		return fmt.Errorf("writing the card sheet: %w", err)
	}
	return nil
}

// draw draws what was added since it drew last.
func (c *CardSheet) draw() error {
	if len(c.batch) == 0 {
		return nil
	}
	if err := c.begin(); err != nil {
		return err
	}
	drawn, err := drawCards(c.station, c.batch)
	if err != nil {
		return fmt.Errorf("writing the card sheet: %w", err)
	}
	for i, card := range c.batch {
		c.page.put(drawn[i], card.PIN != "")
	}
	c.batch = c.batch[:0]
	return nil
}

// begin creates the file. A file with the next name is of a run that was broken
// off: its cards open nothing.
func (c *CardSheet) begin() (err error) {
	if c.file != nil {
		return nil
	}
	path := c.path
	switch _, err := os.Lstat(path); {
	case err == nil:
		ext := filepath.Ext(path)
		path = fmt.Sprintf("%s-%s%s", strings.TrimSuffix(path, ext), c.next, ext)
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("writing the card sheet: %w", err)
	}
	if c.file, err = wholefile.Create(path, 0o600); err != nil {
		return err
	}
	c.page.out = bufio.NewWriterSize(c.file, 64<<10)
	fmt.Fprintf(c.page.out, cardsHead, html.EscapeString(c.station.Name), cardStyle)
	return nil
}

// Commit finishes the sheet and returns where it is; "" when there was no card.
func (c *CardSheet) Commit() (string, error) {
	if err := c.draw(); err != nil || c.file == nil {
		return "", err
	}
	c.page.end()
	c.page.out.WriteString("</html>\n")
	if err := c.page.out.Flush(); err != nil {
		return "", fmt.Errorf("writing the card sheet: %w", err)
	}
	return c.file.Place(), c.file.Commit()
}

// Abort removes a sheet that was not committed. After Commit it does nothing.
func (c *CardSheet) Abort() {
	if c.file != nil {
		c.file.Abort()
	}
}

// numberTail shows the end of a person's number, by which staff tell cards apart.
func numberTail(number string) string {
	r := []rune(number)
	if len(r) <= shownDigits {
		return number
	}
	return "…" + string(r[len(r)-shownDigits:])
}

const cardsHead = `<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>志愿者卡 · %s</title>
<style>
%s</style>
<p class="hint">A4 纸，按 100%% 实际大小打印，沿虚线裁开。谁拿着卡谁就能用积分：打印后请删掉这个文件。<br>
Print on A4 at 100%% and cut along the dashes. Whoever holds a card can spend its points: delete this file after printing.</p>
`

// pager lays cards on pages.
type pager struct {
	out   *bufio.Writer
	cells int // taken on the page, 0: no page is open
}

func (p *pager) put(drawn string, wide bool) {
	need := 1
	if wide {
		need = 2
		if p.cells%2 == 1 {
			p.out.WriteString("<div></div>\n")
			p.cells++
		}
	}
	if p.cells+need > cardsPerPage {
		p.end()
	}
	if p.cells == 0 {
		p.out.WriteString("<section class=\"page\">\n")
	}
	p.out.WriteString(drawn)
	p.cells += need
}

func (p *pager) end() {
	if p.cells > 0 {
		p.out.WriteString("</section>\n")
	}
	p.cells = 0
}

// drawCards draws a batch on all processors: a QR code takes a fifth of a
// millisecond, and a county has 100,000.
func drawCards(s civic.Station, batch []PrintedCard) ([]string, error) {
	drawn := make([]string, len(batch))
	errs := make([]error, len(batch))
	workers := runtime.GOMAXPROCS(0)
	var wait sync.WaitGroup
	for worker := range workers {
		wait.Go(func() {
			for i := worker; i < len(batch); i += workers {
				drawn[i], errs[i] = drawCard(s, batch[i])
			}
		})
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return drawn, nil
}

var roleNames = map[civic.Role]string{
	civic.RoleClerk: "店员 Clerk", civic.RoleLeader: "站长 Leader", civic.RoleTechnician: "技术员 Technician",
}

func drawCard(s civic.Station, c PrintedCard) (string, error) {
	code, err := qrSVG(c.Secret.Text())
	if err != nil {
		return "", err
	}
	long := ""
	if utf8.RuneCountInString(c.Name) > longName {
		long = " long"
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<article class="card">%s<div><p class="mark">益栈 Yizhan</p><p>%s</p><p class="name%s">%s</p>`,
		code, html.EscapeString(s.Name), long, html.EscapeString(c.Name))
	if c.Role != "" {
		fmt.Fprintf(&b, `<p class="role">%s</p>`, roleNames[c.Role])
	}
	if c.Number != "" {
		fmt.Fprintf(&b, `<p class="number">编号 No. %s</p>`, html.EscapeString(numberTail(c.Number)))
	}
	b.WriteString(`</div><p class="foot">对着扫码口扫一下就能用。卡丢了，马上告诉站里。<br>Hold it to the scanner. If you lose it, tell the station.</p></article>` + "\n")
	if c.PIN != "" {
		fmt.Fprintf(&b, `<article class="slip"><p>%s %s</p><p>密码 PIN</p><p class="pin">%s</p><p>沿虚线折到卡后或撕下，记住后销毁。<br>Fold behind or tear off. Destroy once learnt.</p></article>`+"\n",
			html.EscapeString(c.Name), roleNames[c.Role], c.PIN)
	}
	return b.String(), nil
}

// qrSVG draws a text as a QR code in one path, a module being one unit wide.
func qrSVG(text string) (string, error) {
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return "", fmt.Errorf("drawing a QR code: %w", err)
	}
	code.DisableBorder = true
	dots := code.Bitmap()
	var b strings.Builder
	size := len(dots) + 2*quietModules
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" shape-rendering="crispEdges" role="img"><path stroke="#000" d="`, size, size)
	for y, row := range dots {
		for x := 0; x < len(row); x++ {
			start := x
			for x < len(row) && row[x] {
				x++
			}
			if x > start {
				fmt.Fprintf(&b, "M%d %d.5h%d", start+quietModules, y+quietModules, x-start)
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return b.String(), nil
}
