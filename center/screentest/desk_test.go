package screentest

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"yizhan/center"
	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
	"yizhan/link"
)

// desk is a center with its books that can be reached by browsers and by boxes.
type desk struct {
	testing.TB
	store   *store.Store
	keys    *center.Keys
	server  *center.Server
	address string // of the console, for browsers
	outside string // host:port with TLS, for boxes
	scope   string // that new officers are bound to; "": center
	ahead   atomic.Int64
}

// now is the center's clock: the world's, and ahead of it as far as a test wants.
func (d *desk) now() time.Time { return time.Now().Add(time.Duration(d.ahead.Load())) }

func newDesk(t testing.TB) *desk {
	t.Helper()
	d := &desk{TB: t}
	var err error
	d.store, err = store.Open(t.Context(), store.Config{Database: filepath.Join(t.TempDir(), "book.db"), Now: d.now})
	d.must(err)
	d.keys, err = center.OpenKeys(filepath.Join(t.TempDir(), "keys"), center.KeyOptions{Now: d.now, Random: rand.Reader, Make: true})
	d.must(err)
	console, boxes := d.listen(), d.listen()
	d.address, d.outside = "http://"+console.Addr().String(), boxes.Addr().String()
	d.server, err = center.New(center.Config{Store: d.store, Keys: d.keys, Now: d.now, Random: rand.Reader, Address: d.outside})
	d.must(err)
	ctx, end := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { d.server.Run(ctx); close(done) }()
	pages := &http.Server{Handler: d.server.Console()}
	go pages.Serve(console)
	doors := &http.Server{Handler: d.server.Handler(), TLSConfig: d.keys.TLS()}
	go doors.ServeTLS(boxes, "", "")
	t.Cleanup(func() {
		pages.Close()
		doors.Close()
		end()
		<-done
		d.store.Close()
	})
	return d
}

func (d *desk) listen() net.Listener {
	d.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	d.must(err)
	return l
}

func (d *desk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

// county is the places and kiosks that the tests look at, in every state.
func (d *desk) county() {
	d.Helper()
	ctx := d.Context()
	for _, s := range []store.Scope{{ID: "center", Name: "青禾县中心"}, {ID: "qingxi", Parent: "center", Name: "清溪镇"}, {ID: "liuhe", Parent: "center", Name: "柳河镇"},
		{ID: "shiqiao", Parent: "qingxi", Name: "石桥村"}, {ID: "liushu", Parent: "liuhe", Name: "柳树村"}} {
		d.must(d.store.PutScope(ctx, s))
	}
	add := func(id, name, parent string) {
		d.must(d.store.PutKiosk(ctx, store.Kiosk{ID: id, Name: name, Parent: parent, Cap: 10_000}))
	}
	add("SQ01", "石桥村益栈", "shiqiao")
	add("LS01", "柳树村益栈", "liushu")
	add("DP01", "东坪村益栈", "liushu")
	add("NEW1", "竹溪村益栈", "shiqiao")
	d.must(d.store.PutDocument(ctx, "center", civic.Document{Good: &civic.Good{Code: "rice", Name: "东北大米", NameEN: "Rice", Size: "5 公斤", Unit: "袋", Price: 280}}))
	sq := d.enrolled("SQ01")
	zhang := d.volunteer(1, "张建伟", "420-118-2207", "SQ01", 980)
	d.volunteer(2, "张伟", "420-118-2208", "", 300)
	reserved := ledger.Reserve{Volunteer: zhang, Good: "rice", Quantity: 1, Parts: []ledger.Part{{Expires: d.expiry(), Points: 280}}}
	sq.does(reserved, ledger.Settle{Redemption: 1, Operator: ledger.ID{9}}, reserved)
	ls := d.enrolled("LS01")
	d.volunteer(3, "李红芳", "420-118-2300", "LS01", 8200)
	ls.says("paper", "out", 3*time.Second)
	dp := d.enrolled("DP01")
	d.volunteer(4, "周明", "420-118-2301", "DP01", 1150)
	d.must(d.store.Quarantine(ctx, "DP01", dp.head.Epoch, "fork: entry 7 has two versions"))
}

func (d *desk) expiry() ledger.Day { return ledger.DayOf(d.now()) + 1000 }

func (d *desk) volunteer(n byte, name, number, home string, points ledger.Points) ledger.ID {
	d.Helper()
	id := ledger.ID{n, 7}
	d.must(d.store.PutPerson(d.Context(), store.Person{Volunteer: civic.Volunteer{ID: id, Name: name, Number: number, Tail: "4412"}, Town: "qingxi", Home: home}))
	e := civic.Earning{On: ledger.DayOf(d.now()), Expires: d.expiry(), What: "路口文明劝导", Minutes: int64(points) * 6, Rate: 10, Points: points}
	d.must(d.store.Earn(d.Context(), id, ledger.Key{n, 1}, e))
	return id
}

// station is a box with its chain, of which a test is both ends.
type station struct {
	*desk
	key  ed25519.PrivateKey
	head ledger.Head
	raw  [][]byte
}

// enrolled is a kiosk's box that was approved and has said that all is well.
func (d *desk) enrolled(kiosk string) *station {
	d.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	d.must(err)
	code, _, err := d.store.MakeCode(d.Context(), kiosk, "lin")
	d.must(err)
	e, err := d.store.Enrol(d.Context(), code, key.Public().(ed25519.PublicKey), 1)
	d.must(err)
	e, err = d.store.Approve(d.Context(), e.ID, "lin")
	d.must(err)
	s := &station{desk: d, key: key, head: ledger.Head{Kiosk: kiosk, Epoch: e.Epoch}}
	s.says("ok", "ok", 0)
	return s
}

// says sends how the box is.
func (s *station) says(printer, paper string, skew time.Duration) {
	s.Helper()
	status := fmt.Sprintf(`{"printer":%q,"paper":%q,"disk_free_bytes":3221225472,"wall_ms":%d,"clock":2,"unsent":3,"unsent_ms":7200000,"program":"3.2.1"}`, printer, paper, s.now().Add(skew).UnixMilli())
	s.must(s.store.Seen(s.Context(), s.head.Kiosk, []byte(status)))
}

// does appends to the chain, sends it up and has it folded.
func (s *station) does(bodies ...ledger.Body) {
	s.Helper()
	first := s.head.Seq + 1
	for _, body := range bodies {
		e := ledger.Entry{Kiosk: s.head.Kiosk, Epoch: s.head.Epoch, Seq: s.head.Seq + 1, Prev: s.head.Hash, WallMS: s.now().UnixMilli(), Body: body}
		raw, err := e.Encode()
		s.must(err)
		s.head, _, err = s.head.Next(raw)
		s.must(err)
		s.raw = append(s.raw, raw)
	}
	_, err := s.store.Append(s.Context(), store.Batch{Kiosk: s.head.Kiosk, Epoch: s.head.Epoch, First: first, Entries: s.raw[first-1:], Head: s.head, Signature: s.head.Sign(s.key)})
	s.must(err)
	_, err = s.store.Fold(s.Context(), s.head.Kiosk, s.head.Epoch)
	s.must(err)
}

// asks is a box that uses a code over the network, and what it would show.
func (d *desk) asks(i link.Invitation) (answer func() link.EnrolAnswer, fingerprint string) {
	d.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	d.must(err)
	pin, err := link.SeePin(d.Context(), i.Address)
	d.must(err)
	r := link.EnrolRequest{Code: i.Code, Least: 1, Program: "3.2.1"}
	r.Sign(pin, key)
	answer = func() link.EnrolAnswer {
		a, err := link.Enrol(d.Context(), i.Address, pin, r)
		d.must(err)
		return a
	}
	return answer, link.Fingerprint(key.Public().(ed25519.PublicKey), pin)
}

const password = "一只白鹭飞过六月的稻田"

// welcomed is an officer who has used the link, with the app that it filled.
func (d *desk) welcomed(v *tab, name string, role store.Role) *tab {
	d.Helper()
	d.must(d.store.AddOfficer(d.Context(), name, role, cmp.Or(d.scope, "center"), "terminal"))
	path, _, err := center.InviteOfficer(d.Context(), d.store, d.keys, rand.Reader, name, "terminal")
	d.must(err)
	v.visit(path).sees(name)
	d.auditOnce(v, "welcome")
	v.secret = eval[string](v, `return document.querySelector(".secret").innerText`)
	return v.typing("password", password, "again", password, "code", v.code()).press("=设好了").on("/signin").sees("密码设好了")
}

// signedIn signs an officer in who was welcomed, with the next code.
func (v *tab) signedIn(name string) *tab {
	v.Helper()
	v.ahead.Add(int64(30 * time.Second))
	return v.typing("name", name, "password", password, "code", v.code()).press("=登录").on("/").sees("要办的事")
}

// code is what the authenticator app shows now: RFC 6238, in a second hand.
func (v *tab) code() string {
	v.Helper()
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(v.secret, " ", ""))
	v.must(err)
	mac := hmac.New(sha1.New, secret)
	v.must(binary.Write(mac, binary.BigEndian, v.now().Unix()/30))
	sum := mac.Sum(nil)
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[sum[19]&15:])&0x7fffffff%1_000_000)
}
