package issuer

import (
	"bufio"
	_ "embed"
	"errors"
	"fmt"
	"html"
	"io"
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
	none := true
	for range r.newCards() {
		none = false
		break
	}
	if none {
		return nil
	}
	path, err := r.placeForCards()
	if err != nil {
		return err
	}
	f, err := create(path, 0o600)
	if err != nil {
		return err
	}
	defer f.Abort()
	if err := printCards(f, r.station, r.newCards()); err != nil {
		return fmt.Errorf("writing the card sheet: %w", err)
	}
	if err := f.Commit(); err != nil {
		return err
	}
	r.cardsFile = path
	if r.Printed != nil {
		for c := range r.newCards() {
			r.Printed(c)
		}
	}
	return nil
}

// placeForCards finds a name for the sheet. A sheet that is still there may not be
// printed yet, so the next one gets the bundle's number into its name. A file
// with that very number is of a run that was broken off: its cards open nothing.
func (r *run) placeForCards() (string, error) {
	path := r.Options.Cards
	_, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return path, nil
	case err != nil:
		return "", fmt.Errorf("writing the card sheet: %w", err)
	}
	ext := filepath.Ext(path)
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(path, ext), r.serial, ext), nil
}

// printCards writes a page of HTML that prints on A4 with cards of 85.6 x 54 mm.
// It needs nothing from outside and can be opened from a disk.
func printCards(w io.Writer, s civic.Station, cards iter.Seq[PrintedCard]) error {
	out := bufio.NewWriterSize(w, 64<<10)
	fmt.Fprintf(out, cardsHead, html.EscapeString(s.Name), cardStyle)
	page := pager{out: out}
	var batch []PrintedCard
	var err error
	flush := func() {
		var drawn []string
		if drawn, err = drawCards(s, batch); err == nil {
			for i, c := range batch {
				page.put(drawn[i], c.PIN != "")
			}
		}
		batch = batch[:0]
	}
	for c := range cards {
		if batch = append(batch, c); len(batch) == cardsAtOnce {
			if flush(); err != nil {
				return err
			}
		}
	}
	if flush(); err != nil {
		return err
	}
	page.end()
	out.WriteString("</html>\n")
	return out.Flush()
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
