package screentest

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"yizhan/center/store"
)

// chooses puts a file into the field of a form.
func (v *tab) chooses(field, name string, body []byte) *tab {
	v.Helper()
	eval[bool](v, `const [field, name, text] = args, list = new DataTransfer();
		list.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name));
		document.getElementById(field).files = list.files;
		return true`, field, name, base64.StdEncoding.EncodeToString(body))
	return v
}

// A list is sent, looked at, mended, brought in while a page says how far it is, and
// undone as a whole.
func TestAListOfVolunteers(t *testing.T) {
	defer func(was []string) { words = was }(words)
	words = append(words, "证件号码", "手机", "职业", "教师", "农民")
	d := newDesk(t)
	d.county()
	v := d.welcomed(d.open(screens[0]), "lin", store.RoleOfficer).signedIn("lin")
	v.press("=志愿者").on("/volunteers").press("=导入名单").on("/import").sees("先选文件看一看")
	d.audit(v, "import")
	v.visit("/import")
	eval[bool](v, `document.getElementById("town").value = "qingxi"; document.getElementById("home").value = "SQ01"; return true`)
	v.chooses("file", "名单.csv", []byte("姓名,电话\n张三,1\n")).press("=看一看").on("/import/").sees("这个文件不能当名单读")

	var list strings.Builder
	list.WriteString("姓名,志愿者编号,手机,性别,民族,职业,积分\n张建伟,420-118-2207,13900002207,男,汉族,教师,1200\n王五,C-1,1380013,女,汉族,农民,10\n")
	for n := range 1500 {
		fmt.Fprintf(&list, "志愿者%s,C%05d,138%08d,%s,汉族,农民,%d\n", string(rune('一'+n%900)), n, n, []string{"男", "女"}[n%2], n%90)
	}
	v.visit("/import")
	eval[bool](v, `document.getElementById("town").value = "qingxi"; document.getElementById("home").value = "SQ01"; return true`)
	v.chooses("file", "清溪镇志愿者.csv", []byte(list.String())).press("=看一看").on("/import/").sees("导入以后会这样", "1,501", "没收下 1", "教师")
	d.auditOnce(v, "roster-look")
	if at := eval[string](v, `const a = document.querySelector("a[download]"), r = await fetch(a.href);
		return r.status + " " + r.headers.get("content-type")`); !strings.HasPrefix(at, "200 application/vnd.openxml") {
		t.Errorf("the rows that were left out: %s", at)
	}
	v.press("main button").on("/import/").sees("导入志愿者名单")
	v.within(stepLimit, "the progress", func() bool { w := v.Words(); return strings.Contains(w, "%") || strings.Contains(w, "做完了") })
	d.auditOnce(v, "roster-progress")
	v.sees("做完了", "新登记", "1,501", "撤销这次导入")
	d.audit(v, "roster")
	v.visit("/volunteers?q=C00001").on("/account/").sees("C00001", "石桥村益栈")
	v.press("=改资料").on("/volunteer/").press(".national > summary").sees("汉族", "医疗急救")
	d.auditOnce(v, "volunteer-national")
	v.visit("/jobs").sees("导入志愿者名单", "看一份志愿者名单", "做完了")
	d.audit(v, "jobs")
	v.visit("/volunteers?in=SQ01").press("=导出（Excel）").on("/job/").sees("做完了", "志愿者（Excel）")
	v.visit("/jobs").press("=导入志愿者名单").on("/import/").press("=撤销这次导入").on("/import/").sees("接下来会这样")
	d.audit(v, "undo")
	v.press("main button").on("/job/").sees("做完了", "注销的人", "1,501", "要收回的积分")
	d.audit(v, "job")
	v.visit("/volunteers?q=C00001").sees("没有")
}
