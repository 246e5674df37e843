package printer_test

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"yizhan/printer"
	"yizhan/printer/sim"
)

var update = flag.Bool("update", false, "write the golden files anew")

// payload is as long as a signed entry is on a real receipt.
var payload = "YZ1:" + strings.Repeat("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 9) + "AB"

var profiles = []printer.Profile{printer.Profile58, printer.Profile80, printer.Profile80Narrow}

// receipt is the receipt of a redemption, as a kiosk would compose it.
func receipt() printer.Slip {
	return printer.Slip{
		printer.Text("石桥村益栈").Centre().Big(),
		printer.Text("清溪镇文明实践站").Centre(),
		printer.Rule().Bold(),
		printer.Pair("单号", "SQ01-1-000123"),
		printer.Pair("时间", "2026-11-23 09:41"),
		printer.Pair("志愿者", "张*伟"),
		printer.Rule(),
		printer.Pair("东北大米 5公斤 ×1", "280 分").Bold(),
		printer.Pair("  2026-12-31 到期", "200"),
		printer.Pair("  2027-12-31 到期", "80"),
		printer.Rule(),
		printer.Pair("换后积分", "980 分"),
		printer.Feed(1),
		printer.Text("领货号").Centre(),
		printer.Text("A037").Centre().Big().Bold(),
		printer.Text("凭此号到柜台领取").Centre(),
		printer.QR(payload),
		printer.Text("扫码可核验本单真伪").Centre(),
		printer.Rule(),
		printer.Text("未开封商品24小时内可退").Centre(),
		printer.Text("谢谢您的志愿服务").Centre(),
		printer.Text("SQ01-1-000123").Centre(),
		printer.Cut(),
	}
}

// onPaper prints bytes on a strict printer and returns the one piece of paper that
// must come out of it, without mistakes.
func onPaper(t *testing.T, p printer.Profile, stream []byte) sim.Paper {
	t.Helper()
	var papers []sim.Paper
	s := sim.New(sim.Options{Profile: p, OnPaper: func(paper sim.Paper) { papers = append(papers, paper) }})
	if _, err := s.Write(stream); err != nil {
		t.Fatal(err)
	}
	if s.Pending() {
		t.Errorf("the stream ends inside a command or a line")
	}
	if p.Cutter != (len(papers) == 1) {
		t.Fatalf("%d pieces of paper", len(papers))
	}
	if !p.Cutter {
		papers = []sim.Paper{s.Paper()}
	}
	for _, m := range papers[0].Mistakes {
		t.Error(m)
	}
	return papers[0]
}

func encode(t *testing.T, s printer.Slip, p printer.Profile) []byte {
	t.Helper()
	stream, err := printer.Encode(s, p)
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

// rare is a receipt for somebody whose name is not in GBK.
func rare() printer.Slip {
	slip := receipt()
	slip[5] = printer.Pair("志愿者", "张㛃")
	return slip
}

func TestRareNameGolden(t *testing.T) {
	type wanted struct {
		name    string
		slip    printer.Slip
		profile printer.Profile
		bytes   int // at most
	}
	cases := []wanted{{"rare-58mm", rare(), printer.Profile58, 2500}, {"rare-58mm-user-chars", rare(), taught(), 1200}}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			stream := encode(t, c.slip, c.profile)
			paper := onPaper(t, c.profile, stream)
			golden(t, c.name+".escpos", stream)
			golden(t, c.name+".txt", []byte(paper.Text()+"\n"))
			t.Logf("%d bytes", len(stream))
			if len(stream) > c.bytes {
				t.Errorf("the receipt has %d bytes, want at most %d", len(stream), c.bytes)
			}
			if *update {
				writePNG(t, filepath.Join("testdata", c.name+".png"), paper)
			}
		})
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; see what changed, then run the test with -update\n%q", path, got)
	}
}

func writePNG(t *testing.T, path string, paper sim.Paper) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := paper.PNG(f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// readQR reads the QR codes off a paper with a program that is not ours.
func readQR(t *testing.T, paper sim.Paper) string {
	t.Helper()
	zbarimg, err := exec.LookPath("zbarimg")
	if err != nil {
		t.Log("SKIPPED: zbarimg (Debian: zbar-tools) is not installed, so no QR code was read off the paper")
		t.Skip()
	}
	path := filepath.Join(t.TempDir(), "paper.png")
	writePNG(t, path, paper)
	out, err := exec.Command(zbarimg, "--quiet", "--raw", "--set", "*.enable=0", "--set", "qrcode.enable=1", path).Output()
	if err != nil {
		t.Fatalf("reading the QR code off the paper: %v\n%s", err, out)
	}
	return strings.TrimSuffix(string(out), "\n")
}

func TestQRReadsOffThePaper(t *testing.T) {
	long := strings.Repeat("YZ1:7Q", 66)[:393] // 400 bytes with the prefix below
	for _, p := range profiles {
		for _, native := range []bool{true, false} {
			for _, text := range []string{"YZ1:A", payload, "YZ1:MAX" + long} {
				p.NativeQR = native
				slip := printer.Slip{printer.Text("上面"), printer.QR(text), printer.Text("下面"), printer.Cut()}
				if got := readQR(t, onPaper(t, p, encode(t, slip, p))); got != text {
					t.Errorf("%s, native %v: read %q, want %q", p.Name, native, got, text)
				}
			}
		}
	}
}
