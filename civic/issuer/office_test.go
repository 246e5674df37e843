package issuer

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yizhan/civic"
)

// office is an issuer's folder with the lists of one station.
type office struct {
	t   testing.TB
	dir string
	o   Options
}

func newOffice(t testing.TB) *office {
	t.Helper()
	dir := t.TempDir()
	return &office{t: t, dir: dir, o: Options{
		Kiosk: "SQ-01", Station: civic.Station{Name: "石桥村益栈"}, Out: filepath.Join(dir, "out.yzb"),
		Now: time.Date(2026, 3, 15, 9, 0, 0, 0, time.FixedZone("", 8*3600)), Random: rand.NewChaCha8([32]byte{1}),
	}}
}

// file writes one list and returns its path.
func (f *office) file(name string, lines ...string) string {
	f.t.Helper()
	path := filepath.Join(f.dir, name)
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		f.t.Fatal(err)
	}
	return path
}

func (f *office) roster(lines ...string) { f.o.Roster = f.file("roster.csv", lines...) }
func (f *office) goods(lines ...string)  { f.o.Goods = f.file("goods.csv", lines...) }
func (f *office) staff(lines ...string)  { f.o.Staff = f.file("staff.csv", lines...) }

// try makes a bundle and returns what came of it.
func (f *office) try() (Result, error) {
	f.t.Helper()
	i, err := Open(filepath.Join(f.dir, "issuer"), f.o.Random)
	if err != nil {
		f.t.Fatal(err)
	}
	defer i.Close()
	return i.Make(context.Background(), f.o)
}

func (f *office) make() Result {
	f.t.Helper()
	result, err := f.try()
	if err != nil {
		f.t.Fatal(err)
	}
	return result
}

// bundle reads the bundle that was handed out.
func (f *office) bundle() content {
	f.t.Helper()
	return readBundle(f.t, f.o.Out)
}

// content is a bundle taken apart.
type content struct {
	header     civic.BundleHeader
	station    civic.Station
	staff      map[string]civic.Staff     // by name
	goods      map[string]civic.Good      // by code
	pictures   map[string]civic.Picture   // by name
	volunteers map[string]civic.Volunteer // by name
}

func readBundle(t testing.TB, path string) content {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	bundle, err := civic.OpenBundle(bytes.NewReader(b), int64(len(b)), civic.Trust{})
	if err != nil {
		t.Fatal(err)
	}
	c := content{header: bundle.Header, staff: map[string]civic.Staff{}, goods: map[string]civic.Good{},
		pictures: map[string]civic.Picture{}, volunteers: map[string]civic.Volunteer{}}
	for doc, err := range bundle.Documents() {
		switch {
		case err != nil:
			t.Fatal(err)
		case doc.Station != nil:
			c.station = *doc.Station
		case doc.Staff != nil:
			c.staff[doc.Staff.Name] = *doc.Staff
		case doc.Good != nil:
			c.goods[doc.Good.Code] = *doc.Good
		case doc.Picture != nil:
			c.pictures[doc.Picture.Name] = *doc.Picture
		case doc.Volunteer != nil:
			c.volunteers[doc.Volunteer.Name] = *doc.Volunteer
		}
	}
	return c
}

// want checks the counts of one list.
func want(t testing.TB, f *File, added, changed, same, rejected int) {
	t.Helper()
	if f.New != added || f.Changed != changed || f.Same != same || len(f.Rejected) != rejected {
		t.Errorf("%s: %d new, %d changed, %d same, %d rejected, want %d %d %d %d: %v", f.Kind, f.New, f.Changed, f.Same, len(f.Rejected),
			added, changed, same, rejected, f.Rejected)
	}
	if f.Accepted != f.New+f.Changed+f.Same {
		t.Errorf("%s: accepted %d of %d + %d + %d", f.Kind, f.Accepted, f.New, f.Changed, f.Same)
	}
}

// codes lists the codes of the rejected rows.
func codes(f *File) string {
	var list []string
	for _, r := range f.Rejected {
		list = append(list, r.Code)
	}
	return strings.Join(list, " ")
}

func TestKeyFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "issuer")
	if _, err := Open(dir, nil); err == nil {
		t.Error("a folder was made without a source of randomness")
	}
	first, err := Open(dir, rand.NewChaCha8([32]byte{}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, nil); err == nil {
		t.Error("the folder was opened twice")
	}
	key := first.PublicKey()
	first.Close()
	again, err := Open(dir, nil)
	if err != nil || !again.PublicKey().Equal(key) {
		t.Fatalf("another key the second time: %v", err)
	}
	again.Close()

	path := filepath.Join(dir, keyFile)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the key file %v, %v", info.Mode(), err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, nil); !errors.Is(err, ErrKey) || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a key that others can read: %v", err)
	}
	for _, text := range []string{"", "hello", keyPrefix + "AAAA", "yizhan-issuer-2 " + strings.Repeat("A", 43) + "="} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(dir, rand.NewChaCha8([32]byte{})); !errors.Is(err, ErrKey) {
			t.Errorf("key file %q: %v", text, err)
		}
	}
}

func TestStationFile(t *testing.T) {
	const good = `
name = "石桥村益栈"
name_en = "Shiqiao"
parent = "清溪镇"
parent_en = "Qingxi"
counter = "进门左手边"
counter_en = "left"
phone = "0512-65123456"
[policy]
points_per_hour = 5
monthly_limit = 3
refund_hours = 48
clerk_refund = 200
expiry_years = 1
self_service = true
`
	got, err := parseStation(good, "station.toml")
	want := civic.Station{Name: "石桥村益栈", NameEN: "Shiqiao", Parent: "清溪镇", ParentEN: "Qingxi", Counter: "进门左手边", CounterEN: "left",
		Phone: "0512-65123456", Policy: civic.Policy{PointsPerHour: 5, MonthlyLimit: 3, RefundHours: 48, ClerkRefund: 200, ExpiryYears: 1, SelfService: true}}
	if err != nil || !sameJSON(got, want) {
		t.Errorf("station %+v, %v", got, err)
	}
	for name, text := range map[string]string{
		"no name": `parent = "x"`, "misspelt rule": "name = \"x\"\n[policy]\npoint_per_hour = 5", "no TOML": "name: x", "wrong type": "name = 5",
	} {
		if _, err := parseStation(text, "station.toml"); err == nil || !strings.Contains(err.Error(), "station.toml") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ReadStation(filepath.Join(t.TempDir(), "none.toml")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
}

func FuzzStation(f *testing.F) {
	f.Add("name = \"x\"\n[policy]\nmonthly_limit = 3\n")
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := parseStation(text, "x"); err == nil && strings.TrimSpace(s.Name) == "" {
			t.Error("a station without a name")
		}
	})
}

// Every code has a text in both languages whose verbs fit its arguments.
func TestReasonsAreComplete(t *testing.T) {
	args := map[string][]any{CodePointsLess: {1, 2}, CodeMinutesLess: {1, 2}, CodeStockLess: {1, 2}, CodeExpired: {"x"}, CodeDateFar: {"x"},
		CodeSamePerson: {1}, CodeSameGood: {1}}
	for code := range reasons {
		r := reject("", 3, code, args[code]...)
		if r.Reason == "" || r.ReasonEN == "" || strings.Contains(r.Reason+r.ReasonEN, "%") || r.Column == "" || r.Row != 3 {
			t.Errorf("%s: %+v", code, r)
		}
	}
}
