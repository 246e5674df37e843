package center

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// What each route needs: the roles that are let in, "all" who are signed in, or
// "open" to everybody. A new route needs a line here.
var letIn = map[string]string{
	"GET /static/":                      "open",
	"GET /signin":                       "open",
	"POST /signin":                      "open",
	"POST /signout":                     "open",
	"GET /unlock":                       "open",
	"POST /unlock":                      "open",
	"GET /alive":                        "open",
	"GET /passkey/challenge":            "open",
	"POST /passkey/signin":              "open",
	"POST /me/passkey":                  "all",
	"POST /me/passkey/drop":             "all",
	"POST /keep":                        "open",
	"POST /lock":                        "all",
	"POST /language":                    "open",
	"GET /welcome/{token}":              "open",
	"POST /welcome/{token}":             "open",
	"/":                                 "open",
	"GET /{$}":                          "all",
	"GET /owed":                         "all",
	"GET /fleet":                        "all",
	"GET /station/{kiosk}":              "all",
	"GET /boxes":                        "all",
	"GET /me":                           "all",
	"POST /export":                      "officer clerk leader auditor",
	"GET /import":                       "officer clerk",
	"POST /import":                      "officer clerk",
	"GET /import/{job}":                 "officer clerk",
	"POST /import/{job}":                "officer clerk",
	"GET /import/{job}/undo":            "officer clerk",
	"POST /import/{job}/undo":           "officer clerk",
	"GET /jobs":                         "all",
	"GET /job/{job}":                    "all",
	"GET /job/{job}/cancel":             "all",
	"POST /job/{job}/cancel":            "all",
	"GET /job/{job}/file/{file}":        "all",
	"POST /me/end":                      "all",
	"GET /volunteers":                   "officer clerk leader auditor",
	"GET /account/{volunteer}":          "officer clerk leader auditor",
	"GET /volunteer":                    "officer clerk",
	"GET /volunteer/{volunteer}":        "officer clerk",
	"POST /volunteer/{volunteer}":       "officer clerk",
	"GET /twins":                        "officer",
	"GET /merge/{volunteer}":            "officer",
	"GET /merge/{volunteer}/{other}":    "officer",
	"POST /merge/{volunteer}/{other}":   "officer",
	"GET /unmerge/{volunteer}":          "officer",
	"POST /unmerge/{volunteer}":         "officer",
	"GET /move/{volunteer}":             "officer clerk",
	"POST /move/{volunteer}":            "officer clerk",
	"GET /phones/{volunteer}":           "officer clerk",
	"POST /phones/{volunteer}":          "officer clerk",
	"GET /card/{volunteer}/{deed}":      "officer clerk",
	"POST /card/{volunteer}/{deed}":     "officer clerk",
	"POST /boxes/{box}/{verdict}":       "officer technician",
	"GET /goods":                        "all",
	"GET /good/{at}/{code}":             "all",
	"GET /picture/{at}/{name}":          "all",
	"GET /stock":                        "all",
	"GET /pieces/{kiosk}/{good}/{what}": "all",
	"GET /pictures/{at}":                "officer clerk",
	"POST /pictures/{at}":               "officer clerk",
	"GET /moves/{kiosk}":                "all",
	"GET /best":                         "all",
	"GET /merchants":                    "officer clerk leader auditor",
	"GET /merchant/{at}":                "officer clerk",
	"POST /merchant/{at}":               "officer clerk",
	"GET /merchant/{at}/{id}":           "officer clerk leader auditor",
	"POST /merchant/{at}/{id}":          "officer clerk",
	"GET /merchant/{at}/{id}/{verb}":    "officer clerk",
	"POST /merchant/{at}/{id}/{verb}":   "officer clerk",
	"POST /price/{at}/{code}":           "officer clerk",
	"POST /price/{at}/{code}/drop":      "officer clerk",
	"GET /deliveries":                   "all",
	"GET /delivery/{kiosk}/{id}":        "all",
	"GET /senddelivery":                 "officer clerk",
	"POST /senddelivery":                "officer clerk",
	"GET /delivery/{kiosk}/{id}/call":   "officer clerk",
	"POST /delivery/{kiosk}/{id}/call":  "officer clerk",
	"GET /good/{at}":                    "officer clerk",
	"POST /good/{at}":                   "officer clerk",
	"POST /good/{at}/{code}":            "officer clerk",
	"GET /good/{at}/{code}/{verb}":      "officer clerk",
	"POST /good/{at}/{code}/{verb}":     "officer clerk",
	"GET /redemptions":                  "officer clerk leader auditor",
	"GET /redemptions.csv":              "officer clerk leader auditor",
	"GET /redemptions.xlsx":             "officer clerk leader auditor",
	"GET /redemption/{number}":          "officer clerk leader auditor",
	"GET /receipt/{number}":             "officer clerk leader auditor",
	"GET /verify":                       "officer clerk leader auditor",
	"GET /policy":                       "all",
	"GET /version/{at}/{n}":             "all",
	"GET /draft/{at}":                   "officer",
	"POST /draft/{at}":                  "officer",
	"POST /draft/{at}/preview":          "officer",
	"GET /draft/{at}/{verb}":            "officer",
	"POST /draft/{at}/{verb}":           "officer",
	"GET /preview/{job}":                "officer clerk leader auditor",
	"GET /audit":                        "officer leader auditor",
	"GET /audit.csv":                    "officer leader auditor",
	"GET /audit.xlsx":                   "officer leader auditor",
	"GET /addkiosk":                     "officer",
	"POST /addkiosk":                    "officer",
	"GET /goodlist/{at}":                "officer clerk",
	"POST /goodlist/{at}":               "officer clerk",
	"GET /journal/{kiosk}":              "all",
	"POST /journal/{kiosk}":             "officer technician",
	"POST /bundle/{kiosk}":              "officer technician",
	"GET /describe/{kiosk}":             "officer",
	"POST /describe/{kiosk}":            "officer",
	"GET /staff":                        "all",
	"GET /member/{at}":                  "officer",
	"GET /member/{at}/{staff}":          "officer",
	"POST /member/{at}/{staff}":         "officer",
	"GET /member/{at}/{staff}/{deed}":   "officer",
	"POST /member/{at}/{staff}/{deed}":  "officer",
	"GET /lots":                         "officer clerk leader auditor",
	"GET /places":                       "all",
	"GET /places.xlsx":                  "all",
	"GET /placelist":                    "officer",
	"POST /placelist":                   "officer",
	"GET /place":                        "officer",
	"POST /place":                       "officer",
	"GET /place/{place}":                "all",
	"POST /place/{place}":               "officer",

	"GET /adjust/{volunteer}":                       "officer",
	"POST /adjust/{volunteer}":                      "officer",
	"GET /enter/{volunteer}":                        "officer clerk",
	"POST /enter/{volunteer}":                       "officer clerk",
	"GET /entered":                                  "open",
	"GET /hours":                                    "officer clerk leader auditor",
	"GET /hours/{shift}":                            "officer clerk leader auditor",
	"GET /hours/{shift}/all":                        "officer leader",
	"POST /hours/{shift}/all":                       "officer leader",
	"GET /hours/{shift}/{volunteer}":                "officer clerk leader auditor",
	"POST /hours/{shift}/{volunteer}":               "officer leader",
	"GET /objections":                               "officer clerk leader auditor",
	"GET /objection/{volunteer}/{objection}":        "officer clerk leader auditor",
	"POST /objection/{volunteer}/{objection}":       "officer leader",
	"GET /signs":                                    "officer clerk leader auditor",
	"GET /sign/{scope}/{sign}":                      "officer clerk leader auditor",
	"POST /sign/{scope}/{sign}":                     "officer leader",
	"GET /walkins":                                  "officer clerk leader auditor",
	"GET /walkin/{guest}":                           "officer clerk leader auditor",
	"GET /walkin/{guest}/{volunteer}":               "officer leader",
	"POST /walkin/{guest}/{volunteer}":              "officer leader",
	"GET /groups":                                   "officer clerk leader auditor",
	"POST /groups":                                  "officer clerk leader auditor",
	"GET /national":                                 "officer clerk leader auditor",
	"POST /national":                                "officer clerk leader auditor",
	"GET /stars":                                    "open",
	"GET /star/{volunteer}/{stars}":                 "officer leader",
	"POST /star/{volunteer}/{stars}":                "officer leader",
	"GET /certificate/{volunteer}":                  "officer clerk leader auditor",
	"POST /certificate/{volunteer}":                 "officer clerk",
	"GET /certificate/{volunteer}/{serial}":         "officer clerk leader auditor",
	"GET /certificate/{volunteer}/{serial}/revoke":  "officer clerk",
	"POST /certificate/{volunteer}/{serial}/revoke": "officer clerk",
	"GET /proof":                                    "open",
	"GET /proof/{serial}":                           "open",
	"GET /numbers":                                  "officer",
	"POST /numbers":                                 "officer",
	"POST /second/{place}/{request}/file":           "officer",
	"GET /second":                                   "officer clerk leader auditor",
	"GET /second/{place}/{request}":                 "officer clerk leader auditor",
	"POST /second/{place}/{request}/confirm":        "officer leader",
	"POST /second/{place}/{request}/refuse":         "officer leader",
	"POST /second/{place}/{request}/withdraw":       "officer clerk leader auditor",

	"GET /rights/{volunteer}/{kiosk}/{epoch}": "officer clerk leader auditor",

	"GET /station/{kiosk}/code":     "officer technician",
	"POST /station/{kiosk}/code":    "officer technician",
	"GET /station/{kiosk}/stop":     "officer technician",
	"POST /station/{kiosk}/stop":    "officer technician",
	"GET /station/{kiosk}/cap":      "officer",
	"POST /station/{kiosk}/cap":     "officer",
	"GET /station/{kiosk}/lift":     "officer",
	"POST /station/{kiosk}/lift":    "officer",
	"GET /station/{kiosk}/revoke":   "officer",
	"POST /station/{kiosk}/revoke":  "officer",
	"GET /station/{kiosk}/lose":     "officer",
	"POST /station/{kiosk}/lose":    "officer",
	"GET /station/{kiosk}/drop":     "officer",
	"POST /station/{kiosk}/drop":    "officer",
	"GET /station/{kiosk}/confirm":  "officer leader",
	"POST /station/{kiosk}/confirm": "officer leader",

	"GET /reports":                              "officer clerk leader auditor",
	"GET /report/{at}/{span}/{day}":             "officer clerk leader auditor",
	"GET /report/{at}/{span}/{day}/report.xlsx": "officer clerk leader auditor",
	"GET /report/{at}/{span}/{day}/sign":        "officer leader",
	"POST /report/{at}/{span}/{day}/sign":       "officer leader",
	"GET /statistics":                           "officer clerk leader auditor",
	"GET /statistics.xlsx":                      "officer clerk leader auditor",
	"GET /residents/{at}":                       "officer leader",
	"POST /residents/{at}":                      "officer leader",

	"GET /activities":                        "all",
	"GET /activities.xlsx":                   "all",
	"GET /activitylist":                      "officer clerk",
	"POST /activitylist":                     "officer clerk",
	"GET /activity/{at}":                     "officer clerk",
	"POST /activity/{at}":                    "officer clerk",
	"GET /activity/{at}/{activity}":          "all",
	"POST /activity/{at}/{activity}":         "officer clerk",
	"GET /activity/{at}/{activity}/{verb}":   "all",
	"POST /activity/{at}/{activity}/{verb}":  "all",
	"GET /calendar":                          "all",
	"GET /shift/{shift}":                     "all",
	"GET /shift/{shift}/{verb}":              "officer clerk",
	"POST /shift/{shift}/{verb}":             "officer clerk",
	"POST /shift/{shift}/enlist":             "officer clerk",
	"GET /shift/{shift}/strike/{volunteer}":  "officer clerk",
	"POST /shift/{shift}/strike/{volunteer}": "officer clerk",

	"GET /settlement":                        "officer clerk leader auditor",
	"GET /sheet/{merchant}/{n}":              "officer clerk leader auditor",
	"GET /sheet/{merchant}/{n}/xlsx":         "officer clerk leader auditor",
	"GET /sheet/{merchant}/{n}/lines/{code}": "officer clerk leader auditor",
	"GET /closesheet/{merchant}":             "officer",
	"POST /closesheet/{merchant}":            "officer",
	"GET /withdrawsheet/{merchant}/{n}":      "officer",
	"POST /withdrawsheet/{merchant}/{n}":     "officer",
}

// routeList hears which routes there are.
type routeList []string

func (l *routeList) Handle(pattern string, _ http.Handler) { *l = append(*l, pattern) }

// Every route lets in the roles that the table says, and no other.
func TestEveryRouteKnowsItsRoles(t *testing.T) {
	o := newOffice(t)
	o.kiosk("SQ01", "石桥村益栈")
	o.box("SQ01")
	zhang := o.volunteer(1, "张建伟", "1", "SQ01", 500)
	var patterns routeList
	o.server.desk.routes(&patterns)
	at := slices.IndexFunc(patterns, func(p string) bool { return strings.HasSuffix(p, "/{act}") })
	if at < 0 {
		t.Fatal("no acts")
	}
	var all []string
	for _, p := range patterns {
		if method, act := strings.CutSuffix(p, "/{act}"); act {
			for word := range deeds {
				all = append(all, method+"/"+word)
			}
			continue
		}
		all = append(all, p)
	}
	fill := strings.NewReplacer("{span}", "week", "{day}", "2026-11-16",
		"{kiosk}", "SQ01", "{volunteer}", zhang.String(), "{box}", "none", "{verdict}", "approve", "{token}", "x", "{$}", "",
		"{at}", "shiqiao", "{code}", "rice", "{verb}", "withdraw", "{name}", "rice", "{good}", "rice", "{what}", "sold", "{job}", "none", "{file}", "x.csv", "{place}", "shiqiao", "{staff}", zhang.String(), "{deed}", "issue",
		"{request}", "00000000000000a1", "{activity}", ledger.ID{9}.String(), "{shift}", ledger.ID{9}.String(),
		"{request}", "00000000000000a1", "{shift}", zhang.String(), "{guest}", zhang.String(), "{scope}", "shiqiao", "{sign}", "none", "{objection}", "none", "{stars}", "1", "{serial}", "0000000000000000",
		"{number}", "SQ01-1-000001", "{n}", "1", "{epoch}", "1", "{id}", "AAAA2222")
	for _, role := range store.Roles {
		b := o.signedIn("x"+string(role), role)
		for _, pattern := range all {
			want, known := letIn[pattern]
			if !known {
				t.Fatalf("%q stands in no line of letIn: say which roles it is for", pattern)
			}
			method, path, _ := strings.Cut(pattern, " ")
			if want == "open" || pattern == "POST /lock" { // which would end the walk
				continue
			}
			if method == http.MethodPost {
				b.post(fill.Replace(path), "x", "y")
			} else {
				b.get(fill.Replace(path))
			}
			may := want == "all" || slices.Contains(strings.Fields(want), string(role))
			if refused := b.code == http.StatusForbidden; refused == may {
				t.Errorf("%s: %s answers %d", role, pattern, b.code)
			}
			if b.code == http.StatusForbidden {
				b.shows(403, "什么都没有改", "可以办的角色：工作人员")
			}
		}
	}
	for pattern, want := range letIn {
		if !slices.Contains(all, pattern) {
			t.Errorf("letIn has %q, which is no route", pattern)
		}
		if method, path, _ := strings.Cut(pattern, " "); want != "open" {
			o.browser().send(method, fill.Replace(path), nil).shows(200, "登录名")
		}
	}
}

// bound is an officer of a place.
func (o *office) bound(name string, role store.Role, scope string) *browser {
	o.Helper()
	o.scope = scope
	defer func() { o.scope = "center" }()
	return o.signedIn(name, role)
}

// Somebody of a town sees and changes that town alone.
func TestATownSeesItsTown(t *testing.T) {
	o := newOffice(t)
	for _, s := range []store.Scope{{ID: "liuhe", Parent: "center", Name: "柳河镇"}, {ID: "liushu", Parent: "liuhe", Name: "柳树村"}} {
		o.must(o.store.PutScope(t.Context(), s))
	}
	o.kiosk("SQ01", "石桥村益栈")
	o.box("SQ01")
	o.must(o.store.PutKiosk(t.Context(), store.Kiosk{ID: "LS01", Name: "柳树村益栈", Parent: "liushu"}))
	other := o.box("LS01")
	zhang := o.volunteer(1, "张建伟", "100", "SQ01", 500)
	li := ledger.ID{2, 7}
	o.must(o.store.PutPerson(t.Context(), store.Person{Volunteer: civic.Volunteer{ID: li, Name: "张红芳", Number: "101", Tail: "4412"}, Town: "liuhe", Home: "LS01"}))
	code, _, err := o.store.MakeCode(t.Context(), "LS01", "lin")
	o.must(err)
	waiting, err := o.store.Enrol(t.Context(), code, make([]byte, 32), 1)
	o.must(err)
	o.must(o.store.Quarantine(store.As(t.Context(), "lin"), "LS01", 1, "officer: x"))
	o.must(o.store.Revoke(t.Context(), "LS01"))
	other.says(`"printer":"ok"`, 0)

	b := o.bound("chen", store.RoleOfficer, "qingxi")
	b.get("/").shows(200, "青禾县中心 · 清溪镇", "全县的账由县中心的工作人员看", "现在没有等人办的事").hides("账平", "对不上", "等批准的机器 1")
	b.get("/fleet").shows(200, "石桥村益栈").hides("柳树村益栈")
	b.get("/boxes").shows(200, "现在没有机器在等")
	b.get("/volunteers?q=张").shows(200, "张建伟").hides("张红芳")
	b.get("/volunteers?q=101").hides("张红芳")
	b.get("/account/"+zhang.String()).shows(200, "张建伟")
	b.get("/addkiosk").shows(200, "石桥村").hides("柳树村")
	for _, scope := range []string{"center", "liushu", "shiqiao"} {
		o.must(o.store.PutDocument(t.Context(), scope, civic.Document{Good: &civic.Good{Code: "G-" + scope, Name: scope + "的物品", Unit: "件", Price: 10, Delivered: 3}}))
	}
	b.get("/goods").shows(200, "shiqiao的物品", "青禾县中心").hides("liushu的物品", "柳树村")
	b.get("/stock").shows(200, "石桥村益栈", "center的物品").hides("柳树村益栈")
	for _, path := range []string{"/goods?at=liushu", "/good/center", "/good/center/G-center", "/good/liushu/G-liushu", "/good/liushu/G-liushu/withdraw", "/stock?at=LS01", "/pieces/LS01/G-liushu/sold"} {
		b.get(path).shows(403, "你的账号只管清溪镇").hides("柳树村")
	}
	b.post("/good/center", riceForm...).shows(403)
	b.post("/good/liushu/G-liushu/withdraw").shows(403)
	b.post("/good/shiqiao", with(riceForm, "code", "G-center")...).shows(422, "“青禾县中心”已经有这个编码")
	b.get("/volunteers").shows(200, "张建伟").hides("张红芳", "柳河镇", "柳树村益栈")
	b.get("/volunteers?in=liuhe").shows(200).hides("张红芳")
	b.get("/volunteer").shows(200, "清溪镇", "石桥村益栈").hides("柳河镇", "柳树村益栈")
	b.get("/volunteer").fills("name", "王五", "number", "7", "town", "liuhe").shows(422, "请选一个乡镇")
	b.get("/volunteer/"+zhang.String()).fills("home", "LS01").shows(422, "没有这台机器")
	b.get("/volunteer/"+zhang.String()).fills("number", "102").shows(200, "改好了", "编号 102")
	b.post("/volunteer/"+li.String(), "name", "x", "number", "9", "town", "qingxi", "seen", "x").shows(403)
	for _, path := range []string{"/station/LS01", "/station/LS01/cap", "/account/" + li.String(), "/volunteer/" + li.String(), "/card/" + li.String() + "/issue"} {
		b.get(path).shows(403, "你的账号只管清溪镇", "请青禾县中心或当地的工作人员来办").hides("张红芳", "柳树村")
	}
	b.post("/station/LS01/lift").shows(403)
	b.post("/station/LS01/revoke").shows(403)
	b.post("/boxes/"+waiting.ID+"/approve", "compared", "yes").shows(403)
	b.post("/boxes/" + waiting.ID + "/refuse").shows(403)
	b.post("/boxes/none/refuse").shows(404)
	b.post("/addkiosk", "id", "LS02", "name", "x", "parent", "liushu").shows(403)
	b.post("/place", "id", "liushu2", "name", "x", "parent", "center").shows(403)
	b.post("/place", "id", "top", "name", "x", "parent", "").shows(403)
	b.post("/station/SQ01/cap", "cap", "700").shows(200, "限额改好了")
	b.post("/place", "id", "dongping", "name", "东坪村", "parent", "qingxi").shows(200, "添加好了", "东坪村")

	station := o.bound("wu", store.RoleLeader, "SQ01") // bound to one kiosk
	station.get("/fleet").shows(200, "石桥村益栈").hides("柳树村益栈")
	station.get("/account/"+zhang.String()).shows(200, "张建伟") // at home there
	o.bound("lost", store.RoleOfficer, "nowhere").get("/fleet").shows(200).hides("石桥村益栈")
	o.bound("all", store.RoleOfficer, "").get("/fleet").shows(200, "石桥村益栈", "柳树村益栈")
}

func TestBelow(t *testing.T) {
	tree := []store.Scope{{ID: "c"}, {ID: "a", Parent: "c"}, {ID: "b", Parent: "c"}, {ID: "a1", Parent: "a"}, {ID: "A1", Parent: "a1"}, {ID: "x", Parent: "y"}, {ID: "y", Parent: "x"}}
	for scope, want := range map[string]string{"a": "A1 a a1", "a1": "A1 a1", "A1": "A1", "c": "A1 a a1 b c", "b": "b", "none": "", "x": "x y"} {
		if got := strings.Join(below(scope, tree).places(), " "); got != want {
			t.Errorf("below %s is %q, want %q", scope, got, want)
		}
	}
	if (area{whole: true}).places() != nil || !(area{whole: true}).has("anything") || (area{}).has("") || (area{}).holds("", "") {
		t.Error("an area is not what it says")
	}
}
