package kiosk

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
	"yizhan/printer/spool"
)

// paperPage is where staff sees how printing goes and says what came out.
const paperPage = "/staff/paper"

// Slips on one page of the list: on a standing screen, on a lying one, and there in
// large print.
const paperTall, paperWide, paperLarge = 4, 2, 1

// paperRow is one slip that is not out yet, or of which nobody knows. It names no
// volunteer: technicians see it, too.
type paperRow struct {
	store.Job
	Word   string // receipt, close, stock, checkin, certificate; or slip: staff.paper.kind_WORD
	Code   string // of a receipt: A037
	Good   string // of a receipt or a change of stock
	Number string // at both ends of the slip
	When   string
	Why    string // see slipWhy
	Unsure bool   // a person must say whether it is whole
}

// slipWords are what the slips are called that staff answers for.
var slipWords = map[store.JobKind]string{store.JobReceipt: "receipt", store.JobClose: "close", store.JobStock: "stock", store.JobCheckIn: "checkin", store.JobCertificate: "certificate"}

// staffPaper shows how the printer is, what has to be done about it, and every slip
// that is not out. Those that need a person's answer stand first, the newest on top.
func (o *office) staffPaper(a *ask, me civic.Staff) error {
	a.follow()
	jobs, err := o.openSlips()
	if err != nil {
		return err
	}
	from := offset(a, len(jobs))
	var rows []paperRow
	for _, job := range jobs[from:min(len(jobs), from+paperTall)] {
		row, err := o.paperRow(a, job)
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	link := func(from int) string { return paperPage + "?from=" + strconv.Itoa(from) }
	back := "/staff/more"
	if me.Role == civic.RoleTechnician {
		back = boxPage
	}
	unsure := unsureOf(jobs)
	return o.show(a, page{word: "staffpaper", back: back, data: struct {
		printerNews
		Rows            []paperRow
		Tall, Wide      pager
		Unsure, Waiting int
		Printer, Drawer bool
		Key             string // of a kick of the drawer
		Note            string // how the last act went: "", sent, failed, drawer
	}{o.printerNews(a), rows, newPager(from, len(jobs), paperTall, link), newPager(from, len(jobs), o.perPage(a, paperWide, paperLarge), link),
		unsure, len(jobs) - unsure, o.cfg.Printer != nil, o.drawerFor(me), o.newKey(), a.FormValue("note")}})
}

// drawerFor tells whether there is a drawer that this member of staff may open.
func (o *office) drawerFor(me civic.Staff) bool {
	return o.cfg.Drawer && o.cfg.Printer != nil && me.Role != civic.RoleTechnician
}

// openSlips are the jobs of which something comes or should have come on paper: first
// those that need an answer.
func (o *office) openSlips() ([]store.Job, error) {
	jobs, err := o.cfg.Store.Jobs(jobBatch)
	jobs = slices.DeleteFunc(jobs, func(j store.Job) bool { return j.Kind.Fleeting() })
	slices.SortStableFunc(jobs, func(a, b store.Job) int {
		if a, b := a.State == spool.Uncertain, b.State == spool.Uncertain; a != b {
			if a {
				return -1
			}
			return 1
		}
		return cmp.Compare(b.Seq, a.Seq)
	})
	return jobs, err
}

// unsureOf counts the jobs that need an answer.
func unsureOf(jobs []store.Job) (n int) {
	for _, j := range jobs {
		if j.State == spool.Uncertain {
			n++
		}
	}
	return n
}

func (o *office) paperRow(a *ask, job store.Job) (paperRow, error) {
	_, entry, err := o.cfg.Store.Entry(job.Seq)
	if err != nil {
		return paperRow{}, err
	}
	row := paperRow{Job: job, Word: or(slipWords[job.Kind], "slip"), Number: slipNumber(entry), When: o.momentText(a, entry.WallMS), Unsure: job.State == spool.Uncertain}
	row.Why = o.slipWhy(a, job)
	var good string
	switch body := entry.Body.(type) {
	case ledger.Reserve:
		row.Code, good = ledger.ClaimText(body.Claim), body.Good
	case ledger.Stock:
		good = body.Good
	}
	if g, err := o.cfg.Store.Good(good); err == nil {
		row.Good = goodName(o.lang(a), g.Good)
	}
	return row, nil
}

// reasonOf is why a job is held or uncertain, in words.
func (s *Server) reasonOf(a *ask, job store.Job) string {
	return s.text(a, "paper.why."+string(spool.ReasonOf(job.Note)))
}

// slipWhy is why staff must look at a slip, or why it waits; "": neither.
func (o *office) slipWhy(a *ask, job store.Job) string {
	switch {
	case job.State == spool.Held:
		return o.reasonOf(a, job)
	case job.State != spool.Uncertain:
		return ""
	case spool.ReasonOf(job.Note) == "":
		return o.text(a, "staff.paper.doubt")
	}
	return o.text(a, "staff.paper.why", "why", o.reasonOf(a, job))
}

// printerNews is what the printer says, in words for staff.
type printerNews struct {
	Chip    chip
	Fault   bool
	Fix     string // what to do; "": nothing
	NearEnd bool
}

func (o *office) printerNews(a *ask) printerNews {
	st := o.paper.Status()
	news := printerNews{Chip: o.paper.chip(o.texts[o.lang(a)]), Fault: st.Fault != nil, NearEnd: st.Fault == nil && st.NearEnd}
	switch {
	case news.Fault:
		news.Fix = o.text(a, "paper.fix."+string(st.Fault.Reason))
	case news.NearEnd: // also while it prints
		news.Chip = chip{"warn", "printer", o.text(a, "chip.printer.near_end")}
		news.Fix = o.text(a, "paper.fix.near_end")
	}
	return news
}

// deskPaper is the notice above the desk, while there is something to do about paper.
type deskPaper struct {
	printerNews
	Unsure int
}

// deskPaper returns nil when all is well, or there is no printer to be well.
func (o *office) deskPaper(a *ask) (*deskPaper, error) {
	jobs, err := o.openSlips()
	notice := deskPaper{o.printerNews(a), unsureOf(jobs)}
	if err != nil || o.cfg.Printer == nil || notice.Unsure == 0 && notice.Fix == "" {
		return nil, err
	}
	return &notice, nil
}

// slipSeen takes staff's answer about a slip, and shows the page again on which it
// was asked.
func (o *office) slipSeen(a *ask, me civic.Staff) error {
	seq, err := sequence(a.FormValue("job"))
	if err != nil {
		return err
	}
	_, err = o.answered(a, seq, me.ID)
	if errors.Is(err, store.ErrLimit) {
		o.trouble(a, trouble{word: "staff_copies", status: http.StatusConflict, to: paperPage, key: "trouble.back"})
		return nil
	}
	if err == nil {
		a.redirect(o.back(a))
	}
	return err
}

// drawer has the printer open the cash drawer, at most once for each page.
func (o *office) drawer(a *ask, me civic.Staff) error {
	key, err := formKey(a)
	if err != nil {
		return err
	}
	if !o.cfg.Drawer {
		return store.ErrUnknown
	}
	if err := o.cfg.Store.OpenDrawer(a.Context(), key, me.ID); err != nil {
		return err
	}
	o.paper.Wake()
	a.redirect(paperPage + "?note=drawer")
	return nil
}

// slipCopy is one copy of a slip and what became of it.
type slipCopy struct {
	Copy int64
	Word string // confirmed, seen, printed, presumed, voided, unsure, held, soon
}

// slipCopies are all copies of a slip, the original first.
func slipCopies(job store.Job) (copies []slipCopy) {
	for n, ended := range job.Past {
		copies = append(copies, slipCopy{int64(n), ended.String()})
	}
	word := map[string]string{"here": "printed", "maybe": "presumed"}[paperWord(job.State)]
	switch {
	case job.State == spool.Printed && job.Last == spool.StepSeen:
		word = "seen"
	case job.State == spool.Printed && (job.Last == spool.StepConfirmed || job.Last == spool.StepFenced):
		word = "confirmed"
	case word == "":
		word = paperWord(job.State)
	}
	return append(copies, slipCopy{job.Copy, word})
}
