package center

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"strings"
	"testing"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
	"yizhan/link"
)

// Head and Since make the box a journal that can be carried.
func (b *testBox) Head() (ledger.Head, uint64) { return b.head, 0 }

func (b *testBox) Since(_ context.Context, seq uint64, _, _ int) ([][]byte, error) {
	return b.raw[seq:], nil
}

func (b *testBox) Acknowledged(context.Context, uint64) error { return nil }

func (b *testBox) journal(key ed25519.PrivateKey, after uint64) []byte {
	b.Helper()
	var out bytes.Buffer
	_, err := link.WriteJournal(b.Context(), &out, b, key, "test", after)
	b.must(err)
	return out.Bytes()
}

func TestAJournalIsReadAndCarried(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	o.kiosk("SQ01", "石桥村益栈")
	o.kiosk("LH02", "柳树村益栈")
	b.get("/journal/SQ01").shows(200, "还没有这台机器的流水")
	b.post("/bundle/SQ01").shows(422, "还没有装机")
	box := o.box("SQ01")
	b.post("/bundle/SQ01").shows(422, "还没有写机器上显示的站点")
	zhang := o.volunteer(1, "张建伟", "1", "SQ01", 500)
	reserve := ledger.Reserve{Volunteer: zhang, Good: "rice", Quantity: 1, Parts: []ledger.Part{{Expires: ledger.DayOf(o.now) + 1000, Points: 280}}}
	box.does(reserve)
	box.keeps(ledger.Settle{Redemption: 1}, ledger.Device{Event: ledger.DeviceStart, Text: "x"})
	b.get("/journal/SQ01").shows(200, "第 1 期，到第 1 条", "兑换", "rice", "−280", "已入账")
	if !strings.Contains(b.body, `href="/redemption/`) {
		t.Error("the redemption is not linked")
	}

	whole := box.journal(box.key, 0)
	for name, c := range map[string]struct {
		path string
		file []byte
		says string
	}{
		"of another kiosk": {"/journal/LH02", whole, "这是另一台机器的流水"},
		"of another box":   {"/journal/SQ01", box.journal(ed25519.NewKeyFromSeed(make([]byte, 32)), 0), "签名的不是登记过的那台机器"},
		"with a gap":       {"/journal/SQ01", box.journal(box.key, 2), "前面还缺几条"},
		"newer than this":  {"/journal/SQ01", bytes.Replace(whole, []byte(civic.FormatOf("yizhan-journal")), fmt.Appendf(nil, "yizhan-journal-%d", civic.Version+1), 1), "先升级中心"},
		"something else":   {"/journal/SQ01", []byte("dear center, all is well here"), "文件坏了"},
	} {
		if b.sendFileAs(c.path, "journal", c.file).shows(422, c.says); b.code != 422 {
			t.Error(name)
		}
	}
	b.sendFileAs("/journal/SQ01", "journal", whole[:len(whole)-5]).shows(422, "文件不全")
	b.sendFileAs("/journal/SQ01", "journal", whole).shows(200, "中心现在有到第 3 条", "交货 对第 1 条", "机器")
	b.sendFileAs("/journal/SQ01", "journal", whole).shows(200, "新收 0 条")
	b.post("/journal/SQ01").shows(400)

	o.must(o.server.desk.office().PutStation(t.Context(), "SQ01", civic.Station{Name: "石桥村益栈"}))
	b.post("/bundle/SQ01")
	if b.code != 200 || !strings.Contains(b.header.Get("Content-Disposition"), "SQ01.yzb") {
		t.Fatalf("%d %v", b.code, b.header)
	}
	if bundle, err := civic.OpenBundle(strings.NewReader(b.body), int64(len(b.body)), civic.Trust{Issuer: o.keys.Issuer(), Kiosk: "SQ01"}); err != nil || bundle.Header.Epoch != 1 {
		t.Errorf("%+v, %v", bundle, err)
	}
	b.get("/audit?place=SQ01").shows(200, "做资料包", "收流水")
	o.bound("chen", store.RoleOfficer, "qingxi").get("/journal/SQ01").shows(200)
	o.signedIn("zhao", store.RoleAuditor).get("/journal/SQ01").shows(200, "交货").hides("做资料包")
	b.get("/journal/SQ01?epoch=7").shows(404)
}

// Every kind of entry that a journal can hold has a name in both languages.
func TestEveryEntryHasAName(t *testing.T) {
	for _, lang := range assets.Langs {
		texts, err := assets.Texts(lang)
		if err != nil {
			t.Fatal(err)
		}
		for kind := ledger.KindReserve; kind <= ledger.KindCertificate; kind++ {
			if kind == 10 || kind == 11 { // which have no body yet
				continue
			}
			if word := entryWords[kind]; !texts.Has("center.entry." + word) {
				t.Errorf("kind %d, %q, has no name in %s", kind, word, lang)
			}
		}
	}
}
