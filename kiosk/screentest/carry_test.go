package screentest

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"yizhan/civic"
	"yizhan/kiosk"
	"yizhan/ledger"
	"yizhan/link"
)

// away is a center that no network leads to.
type away struct{}

func (away) State() link.State { return link.State{} }

func (away) Identify(context.Context, civic.CardID) (link.Answer, error) {
	return link.Answer{}, link.ErrOffline
}

func (away) TopUp(context.Context, ledger.ID, ledger.Points, ledger.Points) (link.Answer, error) {
	return link.Answer{}, link.ErrOffline
}

func (away) Find(context.Context, string) (link.Answer, error) { return link.Answer{}, link.ErrOffline }

func (away) Reserve(context.Context, link.Wish, string) (link.Answer, error) {
	return link.Answer{}, link.ErrOffline
}

func (away) Certify(context.Context, ledger.ID) (link.Answer, error) {
	return link.Answer{}, link.ErrOffline
}

// The journal of a kiosk that no network reaches is copied to a stick, and nobody has
// anything against the pages about it.
func TestCarryPages(t *testing.T) {
	eachPanel(t, func(t *testing.T, p panel) {
		sound, gone := filepath.Join(t.TempDir(), "KINGSTON-32G"), filepath.Join(t.TempDir(), "SANDISK")
		if err := os.Mkdir(sound, 0o700); err != nil {
			t.Fatal(err)
		}
		var sticks []string
		b := newBox(t, p, func(c *kiosk.Config) {
			c.Center, c.Bundles = away{}, stick(t)
			c.Sticks = func() []string { return sticks }
		})
		a := newAuditor(b.open())
		a.words = append(a.words, filepath.Base(sound), filepath.Base(gone))
		defer a.report()
		a.duty(technician, "/staff/box")
		a.goTo("carry-bundles", "/staff/bundle")
		a.goTo("carry-no-stick", "/staff/carry")
		sticks = []string{gone, sound}
		a.goTo("carry-sticks", "/staff/carry")
		for _, to := range []struct{ path, name string }{{sound, "carry-done"}, {gone, "carry-pulled"}} {
			a.visit("/staff/carry").on("/staff/carry")
			a.post("/staff/carry", "path", to.path).on("/staff/carry")
			for range 50 {
				if a.visit("/staff/carry").on("/staff/carry"); !eval[bool](a.tab, `return !!document.querySelector(".loading")`) {
					break
				}
			}
			a.page(to.name)
		}
	})
}
