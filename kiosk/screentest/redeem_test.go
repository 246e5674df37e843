package screentest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"yizhan/assets"
	"yizhan/ledger"
	"yizhan/printer/sim"
)

// signIns are the ways in which a person comes to the balance.
var signIns = map[string]func(v *tab){
	"card": func(v *tab) { v.scan(card(zhang)) },
	"phone": func(v *tab) {
		v.tap(`a[href="/identify"]`).on("/identify").dial(zhangPhone).tap(".go").on("/identify/pin").dial(zhangPIN).tap(".go")
	},
}

// A volunteer signs in, chooses rice, confirms and leaves, by touch alone. The books,
// the screen and the paper say the same.
func TestRedeem(t *testing.T) {
	eachPanel(t, func(t *testing.T, p panel) {
		for i, lang := range assets.Langs {
			for how, signIn := range signIns {
				// Each way once on each panel and once in each language is enough for every day.
				if !*full && (how == "card") != ((i == 0) == (p == tall)) {
					continue
				}
				t.Run(how+" "+string(lang), func(t *testing.T) { redeem(newBox(t, p).open(), signIn, lang) })
			}
		}
	})
}

func redeem(v *tab, signIn func(*tab), lang assets.Lang) {
	v.Helper()
	v.on("/")
	if lang == assets.English {
		v.tap("=English").sees("中文").on("/")
	}
	signIn(v)
	v.on("/balance").sees(zhangMasked, zhangBalance)
	v.tap(`.main[href="/goods"]`).on("/goods").tap(`a[href="/redeem/G01"]`)
	v.on("/redeem/G01").sees("280", "980").tap("form.foot .main").on("/done/").sees("980", claimOf(v))
	checkBooks(v)
	v.tap("form[action='/leave'] .main").on("/")
	if strings.Contains(v.Words(), zhangMasked) {
		v.Errorf("after leaving the screen says %s", v.Words())
	}
}

var claim = regexp.MustCompile(`^[A-Z][0-9]{3}$`)

// claimOf is the collection code on the screen.
func claimOf(v *tab) string {
	v.Helper()
	code := eval[string](v, `return document.querySelector(".claim .no").innerText`)
	if !claim.MatchString(code) {
		v.Errorf("the screen shows the collection code %q", code)
	}
	return code
}

// checkBooks compares the one redemption of rice on the screen with the books and
// the paper.
func checkBooks(v *tab) {
	v.Helper()
	list := v.redemptions(zhang)
	if len(list) != 1 {
		v.Fatalf("%d redemptions, want 1", len(list))
	}
	r := list[0]
	if code := claimOf(v); code != ledger.ClaimText(r.Claim) {
		v.Errorf("the screen says %s, the books %s", code, ledger.ClaimText(r.Claim))
	}
	if v.balance(zhang) != 980 || r.Balance != 980 || r.Good.Code != "G01" || r.Quantity != 1 || r.State != ledger.Reserved {
		v.Errorf("the books say %+v, balance %d", r, v.balance(zhang))
	}
	checkPaper(v, v.paper(1), r.Seq)
}

// checkPaper compares a receipt with the entry behind it.
func checkPaper(v *tab, paper sim.Paper, seq uint64) {
	v.Helper()
	_, entry, err := v.books.Entry(seq)
	v.must(err)
	body := entry.Body.(ledger.Reserve)
	for _, want := range []string{ledger.ClaimText(body.Claim), "980", "280", zhangMasked, "东北大米", kioskName} {
		if !strings.Contains(paper.Text(), want) {
			v.Errorf("the paper does not say %s:\n%s", want, paper.Text())
		}
	}
	if strings.Contains(paper.Text(), "张小伟") || strings.Contains(paper.Text(), zhangPhone) {
		v.Errorf("the paper names the person:\n%s", paper.Text())
	}
	verified, err := ledger.VerifyReceipt(readCode(v, paper), v.books.PublicKey())
	if err != nil || verified.Seq != seq || verified.Body.(ledger.Reserve).Claim != body.Claim {
		v.Errorf("the code on the paper: %+v, %v", verified, err)
	}
}

// readCode reads the QR code off the picture of a paper, as a phone would.
func readCode(v *tab, paper sim.Paper) string {
	v.Helper()
	var picture bytes.Buffer
	v.must(paper.PNG(&picture))
	file := filepath.Join(v.TempDir(), "paper.png")
	v.must(os.WriteFile(file, picture.Bytes(), 0o644))
	return readPicture(v, file)
}

// readPicture reads the QR code in a picture.
func readPicture(v *tab, file string) string {
	v.Helper()
	out, err := exec.Command("zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", file).Output()
	if err != nil {
		v.Fatalf("reading the QR code in a picture with zbarimg (on Debian: apt-get install zbar-tools): %v", err)
	}
	return strings.TrimSpace(string(out))
}
