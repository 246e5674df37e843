package center

import (
	"strings"
	"testing"

	"yizhan/center/store"
)

func TestJobsAtTheConsole(t *testing.T) {
	o := newOffice(t)
	o.must(o.store.PutScope(t.Context(), store.Scope{ID: "liuhe", Parent: "center", Name: "柳河镇"}))
	k := o.server.counting().jobs
	lin := o.signedIn("lin", store.RoleOfficer)
	lin.get("/jobs").shows(200, "还没有。开始一次导入或导出").get("/job/none").shows(404)
	id, err := k.start(t.Context(), "import", "lin", "qingxi", countJob{To: 3})
	o.must(err)
	elsewhere, err := k.start(t.Context(), "import", "chen", "liuhe", countJob{To: -2})
	o.must(err)
	lin.get("/jobs").shows(200, "导入志愿者名单", "清溪镇", "柳河镇", "排队")
	lin.get("/jobs?show=mine").shows(200, "清溪镇").hides("柳河镇")
	lin.get("/job/"+id).shows(200, "轮到它就开始", "lin 在", "取消").hides("下载")
	lin.get("/job/" + id + "/file/rejected.csv").shows(404)
	o.work()
	lin.get("/job/"+id).shows(200, "做完了", "读到的行 0 读到的行 3", "没收下的行", "自动删除").hides("取消")
	lin.get("/job/" + id + "/file/rejected.csv").shows(200)
	if lin.body != "xxx" || !strings.Contains(lin.header.Get("Content-Disposition"), "rejected-20261123-1430.csv") || lin.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%q, %v", lin.body, lin.header)
	}
	lin.get("/job/" + id + "/file/input").shows(404)
	lin.get("/job/"+elsewhere).shows(200, "没做成", "文件太大了")

	// Cancelled, with what follows said before; by somebody who manages, too.
	id, err = k.start(t.Context(), "import", "chen", "qingxi", countJob{To: 3})
	o.must(err)
	lin.get("/job/"+id+"/cancel").shows(200, "取消这项工作", "同一份名单再导一次")
	clerk := o.bound("wu", store.RoleClerk, "qingxi")
	clerk.get("/job/"+id).shows(200, "轮到它就开始").hides("取消")
	clerk.get("/job/" + id + "/cancel").shows(403)
	clerk.post("/job/" + id + "/cancel").shows(403)
	lin.post("/job/"+id+"/cancel").shows(200, "取消了")
	lin.post("/job/"+id+"/cancel").shows(200, "取消了") // once more
	lin.get("/job/"+id+"/cancel").shows(200, "取消了").hides("取消这项工作")

	// A town sees its own; who may not see volunteers, none of it.
	clerk.get("/jobs").shows(200, "清溪镇", "取消了").hides("柳河镇")
	clerk.get("/job/" + elsewhere).shows(403)
	tech := o.signedIn("tech", store.RoleTechnician)
	tech.get("/jobs").shows(200, "还没有").get("/job/" + id).shows(403).get("/job/" + id + "/file/rejected.csv").shows(403)

	o.now = o.now.Add(store.JobFilesKept + 1e9)
	_, err = o.store.Sweep(t.Context())
	o.must(err)
	o.signedIn("lin2", store.RoleOfficer).get("/job/"+elsewhere).shows(200, "过期删除")
}

func TestAListOfJobsGoesOn(t *testing.T) {
	o := newOffice(t)
	k := o.server.counting().jobs
	for range listRows + 2 {
		id, err := k.start(t.Context(), "import", "lin", "center", countJob{})
		o.must(err)
		o.must(k.cancel(t.Context(), id))
		o.now = o.now.Add(1e9)
	}
	b := o.signedIn("lin", store.RoleOfficer).get("/jobs").shows(200, "更早的")
	if n := strings.Count(b.body, `href="/job/`); n != listRows {
		t.Errorf("%d jobs on the page", n)
	}
	_, rest, _ := strings.Cut(b.body, `href="/jobs?before=`)
	before, _, _ := strings.Cut(rest, `"`)
	b.get("/jobs?before=" + before).shows(200).hides("更早的")
	if n := strings.Count(b.body, `href="/job/`); n != 2 {
		t.Errorf("%d jobs on the second page", n)
	}
}
