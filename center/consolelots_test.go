package center

import (
	"html"
	"strings"
	"testing"

	"yizhan/center/store"
)

func TestEachNumberOfTheBooksOpens(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	for n := range byte(lotRows + 3) {
		o.volunteer(n+1, "张建伟", "Q"+itoa(int64(n)), "", 500)
	}
	b.get("/")
	for _, path := range []string{"/lots?show=earned", "/lots?show=free", "/lots?show=expired", "/redemptions?state=settled", "/redemptions?state=reserved", "/fleet?sort=points"} {
		if !strings.Contains(b.body, `href="`+path+`"`) {
			t.Errorf("nothing leads to %s", path)
		}
	}
	b.get("/lots?show=free").shows(200, "张建伟 500 500 0", "下一页")
	_, next, _ := strings.Cut(b.body, `href="/lots?show=free&amp;after=`)
	next, _, _ = strings.Cut(next, `"`)
	b.get("/lots?show=free&after="+html.UnescapeString(next)).shows(200, "张建伟 500 500 0", "回到第一页").hides("下一页")
	if n := strings.Count(b.body, `href="/account/`); n != 3 {
		t.Errorf("%d lots on the last page", n)
	}
	b.get("/lots?show=expired&after=nonsense").shows(200, "没有")
	o.bound("chen", store.RoleOfficer, "qingxi").get("/lots").shows(403)
}
