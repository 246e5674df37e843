package main

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	centerbook "yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// realOfficer is who decides at the command line.
const realOfficer = "李科"

// realCounty is a center and two kiosks of different towns, all processes of their
// own, with faulty wires in between.
type realCounty struct {
	*testing.T
	dir     string
	rng     *rand.Rand // of the weather; the test's goroutine alone uses it
	center  centerCommand
	address string
	serving *child
	booths  []*booth
	people  []*walker
	grants  []realGrant // everything that was given, in this order

	copied   string // the last copy of the center's book; "": none
	copiedAt int    // grants that it has
}

// walker is a volunteer, who goes to both kiosks.
type walker struct {
	name, card string
	id         ledger.ID
	home       int
}

// realGrant is points that were given by 'yizhan center grant'.
type realGrant struct {
	who    *walker
	points ledger.Points
	key    string
}

// newRealCounty sets a county up as an office would: at the command line, with
// printed cards that are read off the sheet.
func newRealCounty(t *testing.T, seed uint64, database string) *realCounty {
	t.Helper()
	c := &realCounty{T: t, dir: t.ArtifactDir(), rng: rand.New(rand.NewPCG(seed, 0)), address: freeAddress(t)}
	c.center = centerCommand{Data: filepath.Join(c.dir, "center"), Database: database, Zone: "Asia/Shanghai"}
	c.office("scope", "add", "center", "--name", "县中心")
	for i, name := range []string{"石桥", "柳河"} {
		town, village := fmt.Sprintf("town:%d", i), fmt.Sprintf("village:%d", i)
		c.office("scope", "add", town, "--name", name+"镇", "--parent", "center")
		c.office("scope", "add", village, "--name", name+"村", "--parent", town)
		b := newBooth(c, i, seed)
		c.booths = append(c.booths, b)
		c.office("kiosk", "add", b.kiosk, "--name", name+"村益栈", "--scope", village)
		c.lists(b, town)
	}
	c.serve()
	for _, b := range c.booths {
		c.enrol(b)
	}
	return c
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

// centerArgs are the arguments of a command on the center's book.
func (c *realCounty) centerArgs(args ...string) []string {
	args = append(append([]string{"center"}, args...), "--data", c.center.Data)
	if c.center.Database != "" {
		args = append(args, "--database", c.center.Database)
	}
	return args
}

// office runs a command on the center's book, which must succeed.
func (c *realCounty) office(args ...string) string {
	c.Helper()
	return string(yizhan(c.T, c.centerArgs(args...)...))
}

// serve starts the center.
func (c *realCounty) serve() {
	c.Helper()
	c.serving = start(c.T, c.centerArgs("--listen", c.address)...)
	c.serving.find(c.T, "center is ready")
	c.listen("center", c.serving)
}

// listen keeps what a process prints, so that it never waits for a reader.
func (c *realCounty) listen(name string, child *child) {
	f, err := os.OpenFile(filepath.Join(c.dir, name+".log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		c.Fatal(err)
	}
	go func() {
		defer f.Close()
		for line := range child.lines {
			fmt.Fprintln(f, line)
		}
	}()
}

// Goods, of which nobody may ever have too many.
const realGoods = "编码,物品名称,单位,所需积分,库存,每人限兑\nG005,盐,袋,5,1000000,100000\nG020,皂,块,20,1000000,100000\nG070,面,把,70,1000000,100000\n"

var realPrices = map[string]ledger.Points{"G005": 5, "G020": 20, "G070": 70}

const realPeople, realPoints = 4, 800 // of each village, and for each of them

// lists gives the center the lists of a village.
func (c *realCounty) lists(b *booth, town string) {
	c.Helper()
	roster := "姓名,志愿者编号,积分\n"
	for i := range realPeople {
		roster += fmt.Sprintf("甲乙%c,%s-V%d,%d\n", []rune("丙丁戊己")[i], b.kiosk, i, realPoints)
	}
	file := func(name, text string) string {
		path := filepath.Join(c.dir, b.kiosk+"-"+name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			c.Fatal(err)
		}
		return path
	}
	sheet := filepath.Join(c.dir, b.kiosk+"-cards.html")
	c.office("kiosk", "station", b.kiosk, file("station.toml", fmt.Sprintf("name = %q\n", b.kiosk+"益栈")))
	c.office("import", "--town", town, "--home", b.kiosk, "--roster", file("roster.csv", roster), "--goods", file("goods.csv", realGoods),
		"--staff", file("staff.csv", "姓名,编号,岗位\n周桂英,"+b.kiosk+"-S1,站长\n"), "--cards", sheet)
	c.readCards(b, sheet)
}

var cardOnSheet = regexp.MustCompile(`<article class="card">.*?class="name[^"]*">([^<]+)<.*?No\. ([^<]+)<`)
var pinOnSheet = regexp.MustCompile(`class="pin">(\d{6})<`)

// readCards scans the printed cards of a village.
func (c *realCounty) readCards(b *booth, sheet string) {
	c.Helper()
	text, err := os.ReadFile(sheet)
	if err != nil {
		c.Fatal(err)
	}
	b.pin = pinOnSheet.FindStringSubmatch(string(text))[1]
	for _, found := range cardOnSheet.FindAllStringSubmatch(string(text), -1) {
		card := readCard(c.T, found[0])
		if strings.Contains(found[2], "S1") {
			b.staff = card
			continue
		}
		w := &walker{name: html.UnescapeString(found[1]), card: card, home: b.number}
		secret, err := civic.ParseCard(card)
		if err != nil {
			c.Fatalf("the card of %s reads %q: %v", w.name, card, err)
		}
		c.inBook(func(ctx context.Context, book *centerbook.Store) error {
			person, err := book.Identify(ctx, secret.ID())
			w.id = person.ID
			return err
		})
		c.people = append(c.people, w)
		c.grants = append(c.grants, realGrant{who: w, points: realPoints})
	}
}

// enrol starts a box and makes it a kiosk: the code is typed in, an officer compares
// the fingerprint on the screen and approves.
func (c *realCounty) enrol(b *booth) {
	c.Helper()
	b.start("box is not enrolled")
	said := c.office("kiosk", "code", b.kiosk, "--by", realOfficer, "--address", b.wire.address)
	code := regexp.MustCompile(`YZE1:\S+`).FindString(said)
	s := newScreen(c.T, b.base)
	s.get("/").want("登记")
	s.post("/scan", url.Values{"text": {code}})
	c.office("kiosk", "approve", b.kiosk, "--fingerprint", fingerprint(c.T, s), "--by", realOfficer)
	c.await(b.kiosk+" to be a kiosk that is online", time.Minute, b.online)
}

// inBook works on the center's book in this process, beside whoever serves it.
func (c *realCounty) inBook(do func(context.Context, *centerbook.Store) error) {
	c.Helper()
	command := c.center
	if err := command.with(c.Context(), quietWorld(), func(book *centerbook.Store) error { return do(c.Context(), book) }); err != nil {
		c.Fatal(err)
	}
}

func (c *realCounty) await(what string, within time.Duration, done func() bool) (took time.Duration) {
	c.Helper()
	began := time.Now()
	for !done() {
		if time.Since(began) > within {
			c.Fatalf("not in %v: %s", within, what)
		}
		time.Sleep(20 * time.Millisecond)
	}
	return time.Since(began)
}

// booth is a kiosk with its wire, and whoever stands before its screen.
type booth struct {
	county     *realCounty
	number     int
	kiosk      string
	data, base string
	wire       *faultyWire
	staff, pin string // card and PIN of the station's leader

	process *child // the test's goroutine alone starts and kills it
	down    atomic.Bool

	mu      sync.Mutex // held through whatever somebody does before the screen
	screen  *screen
	rng     *rand.Rand
	deals   []*deal // in the order in which they were confirmed
	pending *act    // posted, and no screen has said what came of it
	done    map[string]int
}

func newBooth(c *realCounty, number int, seed uint64) *booth {
	b := &booth{county: c, number: number, kiosk: fmt.Sprintf("K-%02d", number+1), rng: rand.New(rand.NewPCG(seed, uint64(number)+1)),
		wire: newFaultyWire(c.T, c.address), base: "http://" + freeAddress(c.T), done: make(map[string]int)}
	b.data = filepath.Join(c.dir, b.kiosk)
	b.screen = newScreen(c.T, b.base)
	return b
}

// start starts the kiosk and waits until it says so.
func (b *booth) start(until string) {
	b.county.Helper()
	b.process = start(b.county.T, "kiosk", "--data", b.data, "--listen", strings.TrimPrefix(b.base, "http://"), "--usb", filepath.Join(b.county.dir, "usb"))
	b.process.find(b.county.T, until)
	b.county.listen(b.kiosk, b.process)
	b.down.Store(false)
}

// kill ends the kiosk as a power cut would, whatever it is doing, and answers when
// nobody stands before the screen any more; resume starts it again.
func (b *booth) kill() {
	b.down.Store(true)
	b.process.kill()
	b.mu.Lock()
}

func (b *booth) resume() {
	b.county.Helper()
	b.start("kiosk is ready")
	b.mu.Unlock()
}

// online tells what the first page says of the network.
func (b *booth) online() bool {
	s := newScreen(b.county.T, b.base)
	err := s.hears(s.http.Get(s.base + "/"))
	return err == nil && s.status == 200 && strings.Contains(s.page, "网络正常")
}

// proven is what 'yizhan verify' says of a kiosk that does not run.
func (b *booth) proven() verified {
	b.county.Helper()
	var proof verified
	out := yizhan(b.county.T, "verify", "--data", b.data, "--json")
	if err := json.Unmarshal(out, &proof); err != nil || !proof.OK {
		b.county.Fatalf("%s after a kill: %v\n%s", b.kiosk, err, out)
	}
	return proof
}

// grant gives points at the command line.
func (c *realCounty) grant(g realGrant) {
	c.Helper()
	c.office("grant", g.who.id.String(), strconv.FormatInt(int64(g.points), 10), "--what", "帮厨", "--key", g.key)
}

// earned is everything that was given to somebody.
func (c *realCounty) earned(w *walker) (n ledger.Points) {
	for _, g := range c.grants {
		if g.who == w {
			n += g.points
		}
	}
	return n
}

// net is what somebody has not got any more, as the screens said.
func (c *realCounty) net(w *walker) (n ledger.Points) {
	for _, b := range c.booths {
		for _, d := range b.deals {
			if d.who == w && (d.state == ledger.Reserved || d.state == ledger.Settled) {
				n += d.cost
			}
		}
	}
	return n
}
