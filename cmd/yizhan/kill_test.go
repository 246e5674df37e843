package main

import (
	"cmp"
	cryptorand "crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"yizhan/civic"
	"yizhan/kiosk/demo"
	"yizhan/kiosk/store"
	"yizhan/printer"
	"yizhan/printer/sim"
	"yizhan/printer/spool"
)

// everyKill adds printers that prove less, or lose their power, which takes a while.
var everyKill = flag.Bool("everykill", false, "kill the kiosk beside every kind of printer")

// shop is a kiosk with a printer that outlives it.
type shop struct {
	*testing.T
	appliance kioskCommand
	card      string
	device    *sim.Device
	baud      int
	claim     *os.File // on the printer's line, see kill
	kiosk     *child
	*screen

	mu     sync.Mutex
	papers []sim.Paper
}

// sampleBooks makes the books of the sample village in a folder, and returns the card
// of the volunteer to try with.
func sampleBooks(t *testing.T, dir string) (card string) {
	t.Helper()
	sample, err := demo.Make(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	appliance := kioskCommand{box: box{Data: filepath.Join(dir, "kiosk"), Kiosk: demo.Kiosk, Zone: "Asia/Shanghai"}}
	w := quietWorld()
	books, _, err := appliance.open(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	defer books.Close()
	if err := sample.Load(t.Context(), books, civic.MinPINCost, w.random); err != nil {
		t.Fatal(err)
	}
	return sample.Cards[0].Text
}

func quietWorld() *world {
	return &world{env: os.Getenv, random: cryptorand.Reader, now: time.Now, clock: store.NewSystemClock(), log: slog.New(slog.DiscardHandler)}
}

// openShop makes a shop with books like those in a folder.
func openShop(t *testing.T, books, card string, c killing) *shop {
	t.Helper()
	s := &shop{T: t, card: card, baud: c.baud}
	profile, err := printer.ParseProfile(c.paper)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	s.appliance = kioskCommand{box: box{Data: filepath.Join(dir, "kiosk"), Kiosk: demo.Kiosk, Zone: "Asia/Shanghai"}}
	err = os.CopyFS(s.appliance.Data, os.DirFS(books))
	if err := errors.Join(err, os.Chmod(filepath.Join(s.appliance.Data, "key"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if s.device, err = sim.Start(sim.Options{Profile: profile, Level: c.level, OnPaper: s.keep}, c.baud); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.device.Close() })
	if s.claim, err = os.OpenFile(s.device.Path, os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.claim.Close() })
	s.inBooks(func(b *store.Store) error {
		return b.KnowPrinter(t.Context(), store.KnownPrinter{Port: s.device.Path, Profile: c.paper})
	})
	return s
}

func (s *shop) keep(p sim.Paper) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.papers = append(s.papers, p)
}

// inBooks does something with the books while no kiosk has them open.
func (s *shop) inBooks(do func(*store.Store) error) {
	s.Helper()
	books, _, err := s.appliance.open(s.Context(), quietWorld())
	if err != nil {
		s.Fatal(err)
	}
	if err := do(books); err != nil {
		s.Fatal(err)
	}
	if err := books.Close(); err != nil {
		s.Fatal(err)
	}
}

// start starts the kiosk and holds the card to its scanner.
func (s *shop) start() {
	s.Helper()
	s.kiosk = start(s.T, "kiosk", "--data", s.appliance.Data, "--kiosk", demo.Kiosk, "--listen", "127.0.0.1:0",
		"--printer", s.device.Path, "--printer-baud", strconv.Itoa(cmp.Or(s.baud, 115200)))
	s.screen = newScreen(s.T, s.kiosk.find(s.T, `address=(http://\S+/)`)[1])
	s.post("/scan", url.Values{"text": {s.card}}).want("张*伟")
}

// kill ends the kiosk as a power cut would. A real line forgets who claimed it when
// the last file on it closes; the simulated one has another end that stays open.
func (s *shop) kill() {
	s.Helper()
	s.kiosk.kill()
	if err := unix.IoctlSetInt(int(s.claim.Fd()), unix.TIOCNXCL, 0); err != nil {
		s.Fatal(err)
	}
}

// redeem redeems something and returns the redemption's number.
func (s *shop) redeem(good string) (seq uint64) {
	s.Helper()
	s.http.CheckRedirect = func(r *http.Request, _ []*http.Request) (err error) {
		seq, err = strconv.ParseUint(strings.TrimPrefix(r.URL.Path, "/done/"), 10, 64)
		return err
	}
	defer func() { s.http.CheckRedirect = nil }()
	s.get("/redeem/"+good).post("/redeem", nil).want("换好了")
	return seq
}

// says waits until the page of a redemption says something.
func (s *shop) says(seq uint64, text string) {
	s.Helper()
	s.await(text, func() bool { return strings.Contains(s.get(donePage(seq)).page, text) })
}

func donePage(seq uint64) string { return fmt.Sprintf("/done/%d", seq) }

func (s *shop) await(what string, done func() bool) {
	s.Helper()
	for end := time.Now().Add(40 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			s.Fatalf("not in 40 seconds: %s; paper %q\n%s", what, s.paper(), s.page)
		}
	}
}

// job reads the print job of a redemption from the books of a killed kiosk.
func (s *shop) job(seq uint64) (j store.Job) {
	s.Helper()
	s.inBooks(func(b *store.Store) (err error) {
		j, err = b.Job(seq)
		return err
	})
	return j
}

// paper is the text of all pieces of paper, the one that hangs out last.
func (s *shop) paper() []string {
	s.mu.Lock()
	papers := slices.Clone(s.papers)
	s.mu.Unlock()
	var texts []string
	for _, p := range append(papers, s.device.Paper()) {
		texts = append(texts, p.Text())
	}
	return texts
}

// whole counts the pieces of paper with all of a slip: its number at the top and at the
// bottom, and its code between. Copy 0 has no mark, copy n has its mark twice.
func (s *shop) whole(seq uint64, copied int) (n int) {
	number := fmt.Sprintf("%s-1-%06d", demo.Kiosk, seq)
	for _, text := range s.paper() {
		_, rest, top := strings.Cut(text, number)
		code := max(strings.Index(rest, "[QR YZ1:"), strings.Index(rest, "[picture ")) // as the profile has it
		bottom := strings.LastIndex(rest, number)
		marks := strings.Count(text, fmt.Sprintf("重打 第%d次", copied))
		if top && code >= 0 && bottom > code && (copied == 0 && !strings.Contains(text, "重打") || copied > 0 && marks == 2) {
			n++
		}
	}
	return n
}

// Goods of the sample, of 30, 70 and 280 points.
const salt, noodles, rice = "G006", "G005", "G001"

// What the page of a redemption says of its slip.
const (
	saysTake   = "拿走小票"
	saysCopy   = "拿走重打的小票"
	saysHeld   = "已扣分，小票未打印"
	saysUnsure = "小票完整打出来了吗"
)

// killing is a moment at which a kiosk is killed.
type killing struct {
	name    string
	level   sim.Level
	paper   string
	baud    int       // at which the printer reads; 0: as fast as bytes come
	fault   sim.Fault // befalls the printer in the middle of the slip; 0: none
	before  bool      // before it, rather
	next    bool      // it is the next slip that is looked at
	until   string    // what the page says before the kill
	void    bool      // and then somebody says that the slip is not whole
	state   spool.State
	between func(*sim.Device) // what happens to the printer while there is no kiosk
	after   spool.State       // what the books say then by themselves
	says    string
	slow    bool // only with -everykill
}

func mend(d *sim.Device)     { d.Mend() }
func powerCut(d *sim.Device) { d.Fail(sim.PowerCycle) }

// killings are those of every state. A slip of 80mm paper with its code as a picture is
// longer than what a pseudo-terminal holds, so it is still being sent when the printer
// stalls; the others have left by then.
var killings = []killing{
	{name: "queued", level: sim.Confirmed, paper: "58mm", fault: sim.Stall, next: true, state: spool.Queued,
		between: mend, after: spool.Printed, says: saysTake},
	{name: "held", level: sim.Confirmed, paper: "58mm", fault: sim.PaperOut, before: true, until: saysHeld, state: spool.Held,
		between: mend, after: spool.Printed, says: saysTake},
	{name: "sending", level: sim.Confirmed, paper: "80mm raster-qr", fault: sim.Stall, state: spool.Sending,
		between: mend, after: spool.Uncertain, says: saysUnsure},
	{name: "drained", level: sim.Confirmed, paper: "58mm", fault: sim.Stall, state: spool.Drained,
		between: mend, after: spool.Printed, says: saysTake},
	{name: "drained, fence", level: sim.Fence, paper: "58mm", fault: sim.Stall, state: spool.Drained,
		between: mend, after: spool.Printed, says: saysTake, slow: true},
	{name: "drained, then the power went", level: sim.Confirmed, paper: "58mm", fault: sim.Stall, state: spool.Drained,
		between: powerCut, after: spool.Uncertain, says: saysUnsure, slow: true},
	{name: "drained, without proof", level: sim.Status, paper: "58mm", fault: sim.Stall, state: spool.Drained,
		between: mend, after: spool.Uncertain, says: saysUnsure, slow: true},
	{name: "printed", level: sim.Confirmed, paper: "58mm", until: saysTake, state: spool.Printed,
		between: mend, after: spool.Printed, says: saysTake},
	{name: "uncertain", level: sim.Confirmed, paper: "58mm", fault: sim.PaperOut, until: saysUnsure, state: spool.Uncertain,
		between: mend, after: spool.Uncertain, says: saysUnsure},
	{name: "voided", level: sim.Confirmed, paper: "58mm", fault: sim.PaperOut, until: saysUnsure, void: true, state: spool.Held,
		between: mend, after: spool.Printed, says: saysCopy},
}

// TestKilledInEveryStateOfASlip kills the kiosk with -9 in each state of a print job
// and starts it again. The redemption stands and is paid once, the books say what is
// true, and no slip is on paper twice without a mark.
func TestKilledInEveryStateOfASlip(t *testing.T) {
	dir := t.TempDir()
	card := sampleBooks(t, dir)
	for _, c := range killings {
		if c.slow && !*everyKill {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, filepath.Join(dir, "kiosk"), card, c)
			s.start()
			first := s.redeem(salt) // so that the printer is known and has nothing left to do
			s.await("the first slip", func() bool { return s.whole(first, 0) == 1 })
			seq := s.redeemUntil(c)
			s.kill()
			if j := s.job(seq); j.State != c.state {
				t.Fatalf("killed while the job was %v, want %v", j.State, c.state)
			}
			c.between(s.device)
			s.start()
			s.says(seq, c.says)
			s.answerTruly(seq)
			balance := 1260 - 30 - 280
			if c.next {
				balance -= 70
			}
			s.get("/balance").want(strconv.Itoa(balance))
			s.kill()
			s.judge(first, seq, c)
		})
	}
}

// TestKilledAnywhere kills the kiosk at moments that chance picks, beside a printer as
// slow as most.
func TestKilledAnywhere(t *testing.T) {
	if !*everyKill {
		t.Skip("only with -everykill: it takes two minutes")
	}
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	card := sampleBooks(t, dir)
	c := killing{level: sim.Confirmed, paper: "58mm", baud: 9600}
	s := openShop(t, filepath.Join(dir, "kiosk"), card, c)
	s.start()
	first := s.redeem("G002")
	s.await("the first slip", func() bool { return s.whole(first, 0) == 1 })
	for _, good := range []string{salt, noodles, rice, salt, noodles, "G007", "G008", "G009"} {
		seq := s.redeem(good)
		// A printer that may be in the middle of something is brought to an end of
		// that first, which takes three and a half seconds.
		time.Sleep(time.Duration(2500+rng.Int64N(3500)) * time.Millisecond)
		s.kill()
		killed := s.job(seq).State
		s.start()
		s.await("the slip comes to an end", func() bool {
			page := s.get(donePage(seq)).page
			return strings.Contains(page, saysTake) || strings.Contains(page, saysUnsure)
		})
		unsure := strings.Contains(s.page, saysUnsure)
		s.answerTruly(seq)
		s.kill()
		s.judge(first, seq, c)
		t.Logf("killed while %v; a person was asked: %v", killed, unsure)
		s.start()
	}
}

// redeemUntil redeems, lets the fault happen, and returns the number of the redemption
// to look at when its job is in the state to be killed in.
func (s *shop) redeemUntil(c killing) (seq uint64) {
	s.Helper()
	const middle = 700 // bytes into the slip and what is asked before it
	at := s.device.Received() + middle
	switch {
	case c.before:
		s.device.Fail(c.fault)
	case c.fault != 0:
		s.device.FailAt(at, c.fault)
	}
	seq = s.redeem(rice)
	if c.fault == sim.Stall {
		s.await("the printer stalls", func() bool { return s.device.Received() == at })
		time.Sleep(800 * time.Millisecond) // for the rest to leave
	}
	if c.next {
		seq = s.redeem(noodles)
	}
	if c.until != "" {
		s.says(seq, c.until)
	}
	if c.void {
		s.post(donePage(seq)+"/whole", url.Values{"whole": {"no"}})
		s.says(seq, saysHeld)
	}
	return seq
}

// answerTruly answers the question of an uncertain slip, if it is asked, and waits for
// the copy, if one is to come.
func (s *shop) answerTruly(seq uint64) {
	s.Helper()
	if !strings.Contains(s.page, saysUnsure) {
		return
	}
	time.Sleep(time.Second) // all has come out that will
	if s.whole(seq, 0) == 1 {
		s.post(donePage(seq)+"/whole", url.Values{"whole": {"yes"}}).want(saysTake)
		return
	}
	s.post(donePage(seq)+"/whole", url.Values{"whole": {"no"}})
	s.says(seq, saysCopy)
}

// judge compares the books of a killed kiosk with the paper.
func (s *shop) judge(first, seq uint64, c killing) {
	s.Helper()
	j := s.job(seq)
	sure := j.State == spool.Printed || j.State == spool.Presumed && c.level == sim.Status
	if !sure || s.whole(seq, int(j.Copy)) != 1 {
		s.Errorf("the books say %v, copy %d; paper %q", j.State, j.Copy, s.paper())
	}
	if c.after == spool.Printed && !c.void && j.Copy != 0 {
		s.Errorf("copy %d of a slip that needs none", j.Copy)
	}
	for n := range int(j.Copy) {
		if s.whole(seq, n) > 1 {
			s.Errorf("copy %d came out twice: %q", n, s.paper())
		}
	}
	if s.whole(first, 0) != 1 {
		s.Errorf("the slip before came out again: %q", s.paper())
	}
	var proof verified
	if err := json.Unmarshal(yizhan(s.T, "verify", "--data", s.appliance.Data, "--kiosk", demo.Kiosk, "--json"), &proof); err != nil || !proof.OK {
		s.Errorf("the books are not sound: %+v, %v", proof, err)
	}
}
