package center

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"yizhan/center/store"
	"yizhan/civic"
)

var seenField = regexp.MustCompile(`name="seen" value="([0-9a-f]+)"`)

// A card is shown once; a lost one opens nothing any more, wherever kiosks hear it.
func TestACardIsMadeReplacedAndVoided(t *testing.T) {
	o := newOffice(t)
	o.kiosk("SQ01", "石桥村益栈")
	b := o.signedIn("lin", store.RoleOfficer)
	id := o.volunteer(1, "张建伟", "420-118", "SQ01", 500)
	does := func(deed string) civic.CardID {
		t.Helper()
		path := "/card/" + id.String() + "/" + deed
		b.get(path).shows(200, "接下来会这样")
		seen := seenField.FindStringSubmatch(b.body)[1]
		b.post(path, "seen", seen)
		r, err := o.store.Record(t.Context(), id)
		o.must(err)
		code, body := b.code, b.body
		b.post(path, "seen", seen).shows(409) // the same form again makes no other card
		if again, err := o.store.Record(t.Context(), id); err != nil || again.Stand != r.Stand {
			t.Errorf("%s: %+v %v", deed, again, err)
		}
		b.code, b.body = code, body
		if len(r.Cards) == 0 {
			return civic.CardID{}
		}
		return r.Cards[0]
	}
	first := does("issue")
	b.shows(200, "张建伟的新卡", "离开就看不到了", "编号 420-118")
	if p, err := o.store.Identify(t.Context(), first); err != nil || p.ID != id {
		t.Errorf("%+v %v", p, err)
	}
	if strings.Contains(b.body, "YZC1:") {
		t.Error("what the card says stands on the page in letters")
	}
	second := does("replace")
	if _, err := o.store.Identify(t.Context(), first); !errors.Is(err, store.ErrUnknown) {
		t.Errorf("the old card still opens the account: %v", err)
	}
	if p, err := o.store.Identify(t.Context(), second); err != nil || p.ID != id {
		t.Errorf("%+v %v", p, err)
	}
	does("revoke")
	b.shows(200, "卡已作废，积分不变", "现在能用", "500")
	if _, err := o.store.Identify(t.Context(), second); !errors.Is(err, store.ErrUnknown) {
		t.Errorf("the void card still opens the account: %v", err)
	}
	b.get("/card/" + id.String() + "/replace").shows(409)
	b.get("/card/" + id.String() + "/nonsense").shows(404)
	if acts := o.personActs(id); len(acts) != 3 || acts[0].Kind != "card.revoke" {
		t.Errorf("%+v", acts)
	}
}
