package kiosk

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// must ends the test on an error.
func (v *village) must(err error) {
	v.Helper()
	if err != nil {
		v.Fatal(err)
	}
}

// key draws an idempotency key.
func (v *village) key() (key ledger.Key) {
	v.Helper()
	_, err := rand.Read(key[:])
	v.must(err)
	return key
}

// reserve redeems for somebody, as their own screen would.
func (v *village) reserve(person byte, good string, quantity int64, price ledger.Points) store.Redemption {
	v.Helper()
	r, err := v.cfg.Store.Reserve(v.Context(), store.Reserve{Key: v.key(), Volunteer: id(person), Good: good, Quantity: quantity, Price: price})
	v.must(err)
	return r
}

// lock uses up all tries of a person's PIN.
func (v *village) lock(person byte) {
	v.Helper()
	for {
		_, _, err := v.cfg.Store.TryPIN(v.Context(), id(person))
		if errors.Is(err, store.ErrLocked) {
			return
		}
		v.must(err)
	}
}

// withStick puts a stick with three files into the box: a newer bundle, one for
// another kiosk, and a damaged one.
func withStick(t testing.TB) func(*Config) {
	t.Helper()
	dir := t.TempDir()
	files := []string{
		filepath.Join(dir, "SQ-01-7.bundle"), filepath.Join(dir, "QX-02-3.bundle"), filepath.Join(dir, "copy.bundle"),
	}
	writeBundleOf(t, files[0], "SQ-01", 7, nil)
	writeBundleOf(t, files[1], "QX-02", 3, nil)
	writeBundleOf(t, files[2], "SQ-01", 8, nil)
	damaged, err := os.ReadFile(files[2])
	if err != nil {
		t.Fatal(err)
	}
	damaged[len(damaged)/2] ^= 0x10
	if err := os.WriteFile(files[2], damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	return func(c *Config) { c.Bundles = func() []string { return files } }
}

// writeBundleOf writes the village's documents as a later bundle: the station as
// change leaves it, and more staff.
func writeBundleOf(t testing.TB, path, kiosk string, serial uint64, change func(*civic.Station), more ...civic.Staff) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	docs := func(yield func(civic.Document, error) bool) {
		for d, err := range documents(t) {
			if d.Station != nil {
				station := *d.Station
				station.Kiosk, station.Version = kiosk, serial
				if change != nil {
					change(&station)
				}
				d.Station = &station
			}
			if d.Good != nil { // staff come before goods
				for _, s := range more {
					if !yield(civic.Document{Staff: &s}, nil) {
						return
					}
				}
				more = nil
			}
			if !yield(d, err) {
				return
			}
		}
	}
	header := civic.BundleHeader{Kiosk: kiosk, Epoch: 1, Serial: serial, Made: time.Date(2026, 11, 20, 1, 0, 0, 0, time.UTC)}
	_, err = civic.WriteBundle(file, header, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32)), docs)
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
}

// technician is one more member of staff, whom change brings.
const technician = byte(13)

// change loads a bundle with other rules and a technician.
func (v *village) change(rules func(*civic.Station)) {
	v.Helper()
	path := filepath.Join(v.TempDir(), "change.bundle")
	writeBundleOf(v.TB, path, "SQ-01", 2, rules, civic.Staff{ID: id(technician), Version: 2, Name: "孙工", Role: civic.RoleTechnician,
		Cards: []civic.CardID{secretOf(technician).ID()}, PIN: verifier(v.TB, clerkPIN)})
	_, err := v.cfg.Store.LoadBundle(v.Context(), path, store.LoadOptions{})
	v.must(err)
}

// onDutyAs signs a member of staff in, by card and PIN.
func (s *screen) onDutyAs(n byte) *screen {
	s.Helper()
	s.scanCard(n).on("/staff/pin")
	return s.post("/staff/pin", "typed", clerkPIN, "key", "go")
}

// follow presses the link that leads to a page which begins like path.
func (s *screen) follow(path string) *screen {
	s.Helper()
	m := regexp.MustCompile(`href="(` + regexp.QuoteMeta(path) + `[^"]*)"`).FindStringSubmatch(s.body)
	if m == nil {
		s.Fatalf("%s has no link to %s:\n%s", s.at, path, words(s.body))
	}
	return s.get(strings.ReplaceAll(m[1], "&amp;", "&"))
}

// shelf reads what stands on the shelf of a good.
func (v *village) stockOf(code string) ledger.Shelf {
	v.Helper()
	g, err := v.cfg.Store.Good(code)
	v.must(err)
	return g.Shelf
}

// balanceOf reads somebody's balance.
func (v *village) balanceOf(person byte) ledger.Points {
	v.Helper()
	account, err := v.cfg.Store.Account(id(person))
	v.must(err)
	return account.Spendable()
}

func TestStaffNeedsCardAndPIN(t *testing.T) {
	s := newVillage(t).screen()
	s.get("/staff").on("/?over")
	s.get("/staff/pin").on("/?over")
	s.scanCard(clerk).on("/staff/pin").sees("李*芳", "6 位密码").lacks("等着领货")
	s.get("/staff").on("/staff/pin") // not further
	s.post("/staff/pin", "typed", "111222", "key", "go").on("/staff/pin").sees("还能试 4 次")
	s.post("/staff/pin", "typed", clerkPIN, "key", "go").on("/staff").sees("没有人等着", "工作人员")
	if _, tries, err := s.cfg.Store.PINState(id(clerk)); err != nil || tries != 0 {
		t.Errorf("after the right PIN %d tries are counted, %v", tries, err)
	}
}

func TestStaffPINWithoutScript(t *testing.T) {
	s := newVillage(t).screen()
	s.scanCard(clerk)
	for _, digit := range clerkPIN {
		s.post("/staff/pin", "key", string(digit)).on("/staff/pin")
	}
	s.post("/staff/pin", "key", "go").on("/staff")
}

func TestStaffKeepsTheLanguageChosenBeforeThePIN(t *testing.T) {
	s := newVillage(t).screen()
	s.scanCard(clerk).post("/language", "to", "en", "page", "/staff/pin")
	s.post("/staff/pin", "typed", clerkPIN, "key", "go").on("/staff").sees("Nobody is waiting")
}

func TestLockedPINIsUnlockedByAColleague(t *testing.T) {
	s := newVillage(t).screen()
	s.scanCard(clerk)
	for range civic.MaxPINTries {
		s.post("/staff/pin", "typed", "111222", "key", "go")
	}
	s.on("/staff/pin").sees("密码锁住了", "另一位工作人员", "新名单")
	s.post("/staff/pin", "typed", clerkPIN, "key", "go").on("/staff/pin").sees("密码锁住了")
	s.onDutyAs(leader).on("/staff/unlock/"+id(clerk).String()).sees("李*芳 的密码锁住了", "解锁")
	s.post(s.at).sees("没有锁")
	s.onDutyAs(clerk).on("/staff")
}

func TestNobodyUnlocksTheirOwnPIN(t *testing.T) {
	s := newVillage(t).screen()
	s.onDutyAs(clerk)
	s.lock(clerk) // while the session goes on
	s.get("/staff/unlock/" + id(clerk).String()).sees("另一位同事")
	s.post("/staff/unlock/" + id(clerk).String()).sees("没办成")
	if _, tries, _ := s.cfg.Store.PINState(id(clerk)); tries < civic.MaxPINTries {
		t.Error("the PIN was unlocked by its owner")
	}
}

func TestTechnicianNeverSeesAVolunteer(t *testing.T) {
	v := newVillage(t)
	v.change(nil)
	r := v.reserve(zhang, "G05", 1, 90)
	s := v.screen()
	s.onDutyAs(technician).on("/staff/box").sees("打印机", "账本", "第 2 份")
	for _, page := range []string{"/staff", "/staff/find?q=zx", "/staff/found?q=zxw", "/staff/more", "/staff/stock", "/staff/close", "/staff/claim",
		"/staff/handover?redemption=" + textOf(r.Seq), exchangePage(r.Seq), personURL(id(zhang), "lines"), "/staff/withhold/" + textOf(r.Seq)} {
		s.get(page).on("/staff/box").lacks("张*伟")
	}
	s.get("/staff/unlock/" + id(zhang).String()).lacks("张*伟")
	s.post("/staff/settle", "key", strings.Repeat("ab", 8), "redemption", textOf(r.Seq)).on("/staff/box")
	if r, err := v.cfg.Store.Redemption(r.Seq); err != nil || r.State != ledger.Reserved {
		t.Errorf("a technician handed goods over: %v, %v", r.State, err)
	}
}

func TestStaffPagesAreClosedToVolunteers(t *testing.T) {
	v := newVillage(t)
	r := v.reserve(zhang, "G05", 1, 90)
	s := v.screen()
	s.scanCard(zhang).on("/balance")
	for _, page := range []string{"/staff", "/staff/box", "/staff/bundle", "/staff/find", personURL(id(wang), "lines"), exchangePage(r.Seq)} {
		s.get(page).lacks("工作人员", "王*英")
		if strings.HasPrefix(s.at, "/staff") {
			t.Errorf("a volunteer is on %s", s.at)
		}
	}
	s.post("/staff/settle", "key", strings.Repeat("ab", 8), "redemption", textOf(r.Seq))
	if r, err := v.cfg.Store.Redemption(r.Seq); err != nil || r.State != ledger.Reserved {
		t.Errorf("a volunteer handed goods over: %v, %v", r.State, err)
	}
}

func TestStaffSessionEndsByItself(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.onDutyAs(clerk)
	v.clock.advance((DefaultIdleSeconds + DefaultCountdownSeconds + 1) * time.Second)
	v.tick()
	s.get("/staff").on("/?over")
}

func TestStaffActOfUnknownOutcomeSaysSo(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.onDutyAs(clerk)
	o := &office{Server: v.Server}
	a := &ask{Request: newPost("/staff/settle"), w: discard{}, visit: v.current()}
	if err := o.refused(a, io.ErrUnexpectedEOF); err != nil {
		t.Fatal(err)
	}
	s.get("/trouble").sees("没来得及说清", "只记一次", "回交货台")
}

func newPost(path string) *http.Request {
	r, err := http.NewRequest(http.MethodPost, path, nil)
	if err != nil {
		panic(err)
	}
	return r
}

// discard is a response nobody reads.
type discard struct{}

func (discard) Header() http.Header         { return make(http.Header) }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}
