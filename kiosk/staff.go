package kiosk

import (
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"

	"yizhan/assets"
	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// deskPage is the first page of clerks and leaders, boxPage that of technicians.
const (
	deskPage = "/staff"
	boxPage  = "/staff/box"
)

// office is the staff side of the screen. What it keeps beside the Server is not
// about volunteers: whose PIN was found locked, how the loading of a bundle goes, and
// what a slip that is being changed looks like.
type office struct {
	*Server

	mu      sync.Mutex
	locked  []ledger.ID // members of staff, the latest last
	load    loading
	carried carrying

	pictures pictures // of slips, for the page that changes them
}

// duty is a page or an act of a member of staff.
type duty func(a *ask, me civic.Staff) error

// staffRoutes adds every page below /staff. The box is for all of staff; the rest
// shows volunteers or moves points and stock, and is closed to technicians.
func (s *Server) staffRoutes(mux *http.ServeMux) {
	o := &office{Server: s}
	mux.Handle("GET "+staffPINPage, s.open(o.pinPage))
	mux.Handle("POST "+staffPINPage, s.open(o.pinPage))

	mux.Handle("GET "+deskPage, o.clerk(o.desk))
	mux.Handle("GET /staff/handover", o.clerk(o.handover))
	mux.Handle("POST /staff/settle", o.clerk(o.settle))
	mux.Handle("GET /staff/withhold/{redemption}", o.clerk(o.withhold))
	mux.Handle("POST /staff/withhold/{redemption}", o.clerk(o.withholdNow))
	mux.Handle("GET /staff/claim", o.clerk(o.claim))
	mux.Handle("POST /staff/claim", o.clerk(o.claim))
	mux.Handle("GET /staff/more", o.clerk(o.more))

	mux.Handle("GET "+rostersPage, o.clerk(o.rosters))
	mux.Handle("GET /staff/roster/{shift}", o.clerk(o.leading(o.roster)))
	mux.Handle("POST /staff/roster/{shift}", o.clerk(o.leading(o.rosterNow)))
	mux.Handle("GET /staff/roster/{shift}/{person}", o.clerk(o.leading(o.one)))
	mux.Handle("POST /staff/roster/{shift}/{person}", o.clerk(o.leading(o.one)))
	mux.Handle("POST /staff/roster/{shift}/{person}/now", o.clerk(o.leading(o.oneNow)))

	mux.Handle("GET /staff/find", o.clerk(o.find))
	mux.Handle("GET /staff/found", o.clerk(o.found))
	mux.Handle("GET /staff/person/{person}", o.clerk(o.person))
	mux.Handle("GET /staff/exchange/{redemption}", o.clerk(o.exchange))
	mux.Handle("POST /staff/reprint", o.clerk(o.reprint))
	mux.Handle("GET /staff/refund/{redemption}", o.clerk(o.refund))
	mux.Handle("POST /staff/refund/{redemption}", o.clerk(o.refundNow))

	mux.Handle("GET /staff/stock", o.clerk(o.stock))
	mux.Handle("GET "+deliveriesPage, o.clerk(o.deliveries))
	mux.Handle("GET /staff/delivery/{delivery}", o.clerk(o.delivery))
	mux.Handle("POST /staff/delivery/{delivery}", o.clerk(o.deliveryNow))
	mux.Handle("GET /staff/delivery/{delivery}/{line}", o.clerk(o.deliveryFound))
	mux.Handle("POST /staff/delivery/{delivery}/{line}", o.clerk(o.deliveryFound))
	mux.Handle("GET /staff/moves", o.clerk(o.moves))
	mux.Handle("GET /staff/shelf/{good}", o.clerk(o.shelf))
	mux.Handle("GET /staff/move/{move}/{good}", o.clerk(o.move))
	mux.Handle("POST /staff/move/{move}/{good}", o.clerk(o.move))
	mux.Handle("POST /staff/moved/{move}/{good}", o.clerk(o.moveNow))
	mux.Handle("GET /staff/stockslip/{seq}", o.clerk(o.stockSlip))
	mux.Handle("POST /staff/stockslip/{seq}", o.clerk(o.stockSlipNow))

	mux.Handle("GET /staff/close", o.clerk(o.close))
	mux.Handle("POST /staff/close", o.clerk(o.closeNow))
	mux.Handle("GET /staff/closed/{seq}", o.clerk(o.closed))

	mux.Handle("GET "+slipsPage, o.editor(o.slipList))
	mux.Handle("GET "+slipsPage+"/{name}", o.editor(o.slipPage))
	mux.Handle("POST "+slipsPage+"/{name}", o.editor(o.slipAct))
	mux.Handle("POST "+slipsPage+"/{name}/draft", o.editor(o.slipDraft))
	mux.Handle("GET /staff/slip-picture/{picture}", o.editor(o.showPicture))

	mux.Handle("GET "+boxPage, o.crew(o.box))
	mux.Handle("GET "+paperPage, o.crew(o.staffPaper))
	mux.Handle("POST /staff/paper/whole", o.crew(o.slipSeen))
	mux.Handle("POST /staff/paper/test", o.crew(o.testPrint))
	mux.Handle("POST /staff/paper/drawer", o.clerk(o.drawer))
	mux.Handle("GET "+printerPage, o.crew(o.printer))
	mux.Handle("POST "+printerPage, o.crew(o.probeNow))
	mux.Handle("GET /staff/printer/other", o.crew(o.otherPrinter))
	mux.Handle("POST /staff/printer/other", o.crew(o.otherPrinterNow))
	mux.Handle("GET "+probePage, o.crew(o.probe))
	mux.Handle("POST "+probePage, o.crew(o.probeSave))
	mux.Handle("POST /staff/probe/print", o.crew(o.probePrint))
	mux.Handle("GET "+centerPage, o.crew(o.center))
	mux.Handle("GET "+enrolBase, o.enroller(o.enrolHome))
	mux.Handle("GET "+enrolBase+"/address", o.enroller(o.enrolAddress))
	mux.Handle("POST "+enrolBase+"/address", o.enroller(o.enrolAddress))
	mux.Handle("GET "+enrolBase+"/code", o.enroller(o.enrolCode))
	mux.Handle("POST "+enrolBase+"/code", o.enroller(o.enrolCode))
	mux.Handle("POST "+enrolBase+"/again", o.enroller(o.enrolAgain))
	mux.Handle("POST "+enrolBase+"/over", o.enroller(o.enrolOver))
	mux.Handle("GET /staff/bundle", o.crew(o.bundle))
	mux.Handle("POST /staff/bundle", o.crew(o.bundleNow))
	mux.Handle("GET /staff/carry", o.crew(o.carry))
	mux.Handle("POST /staff/carry", o.crew(o.carryNow))
	mux.Handle("GET /staff/unlock/{person}", o.crew(o.unlock))
	mux.Handle("POST /staff/unlock/{person}", o.crew(o.unlockNow))
}

// crew serves a page to any member of staff. One who has left the documents since
// the sign-in is not staff any more.
func (o *office) crew(next duty) http.Handler {
	return o.staff(func(a *ask) error {
		me, err := o.cfg.Store.Staff(a.visit.person)
		if errors.Is(err, store.ErrUnknown) {
			o.end(a.visit)
			a.redirect("/?over")
			return nil
		}
		if err == nil {
			err = next(a, me)
		}
		return o.refused(a, err)
	})
}

// clerk serves a page to clerks and leaders. A technician never sees a volunteer.
func (o *office) clerk(next duty) http.Handler {
	return o.crew(func(a *ask, me civic.Staff) error {
		if me.Role == civic.RoleTechnician {
			a.redirect(boxPage)
			return nil
		}
		return next(a, me)
	})
}

// staffTroubles say to staff what the frame's troubles say to a volunteer.
var staffTroubles = []struct {
	err error
	trouble
}{
	{errDelivery, trouble{word: "delivery", status: http.StatusNotFound, to: deliveriesPage, key: "staff.to_deliveries"}},
	{store.ErrArrived, trouble{word: "arrived", status: http.StatusConflict, to: deliveriesPage, key: "staff.to_deliveries"}},
	{ledger.ErrStock, trouble{word: "staff_stock", status: http.StatusConflict}},
	{ledger.ErrState, trouble{word: "staff_state", status: http.StatusConflict, to: deskPage, key: "staff.to_desk"}},
	{store.ErrUnknown, trouble{word: "staff_unknown", status: http.StatusNotFound, to: deskPage, key: "staff.to_desk"}},
	{store.ErrSelf, troubleSelf},
	{store.ErrNotStaff, trouble{word: "leader", status: http.StatusForbidden}},
	{store.ErrKeyReused, troubleForm},
	{store.ErrInput, troubleForm},
}

// troubleStaffUnsure is for an act of which nobody knows whether it was recorded.
var troubleStaffUnsure = trouble{word: "staff_unsure", status: http.StatusInternalServerError, to: deskPage, key: "staff.to_desk"}

// refused tells staff what went wrong; what it does not know is the frame's.
func (o *office) refused(a *ask, err error) error {
	if err == nil {
		return nil
	}
	for _, known := range staffTroubles {
		if errors.Is(err, known.err) {
			o.cfg.Log.Info("refused", "path", a.URL.Path, "why", err)
			o.trouble(a, known.trouble)
			return nil
		}
	}
	for _, known := range troubles {
		if errors.Is(err, known.err) {
			return err
		}
	}
	if a.Method == http.MethodPost {
		o.cfg.Log.Error("act of staff failed", "path", a.URL.Path, "error", err)
		o.trouble(a, troubleStaffUnsure)
		return nil
	}
	return err
}

// sequence reads the number of an entry, from the path or a form.
func sequence(text string) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n == 0 {
		return 0, store.ErrUnknown
	}
	return n, nil
}

// textOf writes the number of an entry into a path.
func textOf(seq uint64) string { return strconv.FormatUint(seq, 10) }

// volunteerName is a volunteer's masked name; somebody whose document is gone has
// none.
func (o *office) volunteerName(id ledger.ID) string {
	v, err := o.cfg.Store.Volunteer(id)
	if err != nil {
		return ""
	}
	return civic.MaskName(v.Name)
}

// staffName is a colleague's masked name.
func (o *office) staffName(id ledger.ID) string {
	p, err := o.cfg.Store.Staff(id)
	if err != nil {
		return ""
	}
	return civic.MaskName(p.Name)
}

// momentText writes a moment of the wall clock: its time alone when it was today.
func (o *office) momentText(a *ask, wallMS int64) string {
	t := time.UnixMilli(wallMS).In(o.cfg.Zone)
	if ledger.DayOf(t) == o.today() {
		return t.Format("15:04")
	}
	return o.whenText(o.texts[o.lang(a)], wallMS)
}

// agoText says how long ago a moment of the wall clock was, in the coarsest unit
// that still helps. A clock that was set back makes it no less than now.
func (o *office) agoText(a *ask, wallMS int64) string {
	ago := time.Duration(o.cfg.Clock.Now().WallMS-wallMS) * time.Millisecond
	switch {
	case ago < time.Minute:
		return o.text(a, "staff.ago.now")
	case ago < time.Hour:
		return o.text(a, "staff.ago.minutes", "n", int64(ago/time.Minute))
	case ago < 48*time.Hour:
		return o.text(a, "staff.ago.hours", "n", int64(ago/time.Hour))
	}
	return o.text(a, "staff.ago.days", "n", int64(ago/(24*time.Hour)))
}

// typing marks the page of a keypad that comes back after each key where there is no
// script. Without it what was typed somewhere else is forgotten.
const typing = "typing"

// typed is what was typed so far on this very page.
func typed(a *ask) (digits string) {
	_, going := a.URL.Query()[typing]
	a.visit.set(func(st *visitState) {
		if !going {
			st.digits = ""
		}
		digits = st.digits
	})
	return digits
}

// perPage is how many rows a lying screen has room for, normal or in large print. A
// standing screen has room enough for large print too.
func (o *office) perPage(a *ask, normal, large int) int {
	if a.visit.get().large {
		return large
	}
	return normal
}

// reasonText writes a recorded reason. Those that are chosen on this screen are
// recorded as a word that each language translates; others stand as they are.
func reasonText(texts assets.Catalogue, reason string) string {
	if a, ok := civic.ParseArrival(reason); ok {
		line := texts.Text("staff.arrival", "id", a.Delivery)
		if a.Why != "" {
			line += texts.Text("staff.arrival_why", "why", texts.Text("staff.reason."+a.Why))
		}
		return line
	}
	if key := "staff.reason." + reason; texts.Has(key) {
		return texts.Text(key)
	}
	return reason
}
