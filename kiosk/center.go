package kiosk

import (
	"slices"
	"time"

	"yizhan/assets"
	"yizhan/civic"
	"yizhan/kiosk/enrol"
	"yizhan/link"
)

// Pages about the center that the kiosk belongs to.
const (
	centerPage = "/staff/center"
	enrolBase  = "/staff/enrol"
)

// dismissals are the refusals that do not end by waiting: somebody has to do
// something, at the center or here.
var dismissals = []link.Reason{link.ReasonUnknown, link.ReasonRevoked, link.ReasonReplaced, link.ReasonProtocol, link.ReasonProof, link.ReasonForgot}

// mended are the refusals that an enrolment mends. A quarantine it always does.
var mended = []link.Reason{link.ReasonUnknown, link.ReasonRevoked, link.ReasonReplaced, link.ReasonProof}

// wrong is what the center has against this kiosk, in the word of its reason, and
// whether the books stand still for it. "": nothing.
func wrong(st link.State) (reason link.Reason, still bool) {
	switch {
	case st.Quarantine.Reason != "":
		return st.Quarantine.Reason, true
	case !st.Online && slices.Contains(dismissals, st.Refused.Reason):
		return st.Refused.Reason, false
	}
	return "", false
}

// wrongText is a text about a reason. A center that is younger than this
// program may have reasons that nobody here has words for.
func wrongText(texts assets.Catalogue, reason link.Reason, of string) string {
	key := "center." + string(reason) + "." + of
	if !texts.Has(key) {
		key = "center.other." + of
	}
	return texts.Text(key)
}

// linkChip says in the top bar how the link is.
func (s *Server) linkChip(texts assets.Catalogue) chip {
	st := s.cfg.Center.State()
	reason, _ := wrong(st)
	switch {
	case reason != "":
		return chip{"warn", "warn", texts.Text("chip.link.refused")}
	case st.Online:
		return chip{"ok", "online", texts.Text("chip.link.online")}
	}
	return chip{"off", "offline", s.offlineText(texts, st.Since)}
}

// offlineText says since when the link is gone; the zero time: nobody knows.
func (s *Server) offlineText(texts assets.Catalogue, since time.Time) string {
	if since.IsZero() {
		return texts.Text("chip.link.offline")
	}
	return texts.Text("chip.link.offline_since", "since", s.sinceText(texts, since))
}

// sinceText is the time of a moment today, or its day.
func (s *Server) sinceText(texts assets.Catalogue, t time.Time) string {
	t = t.In(s.cfg.Zone)
	now := time.UnixMilli(s.cfg.Clock.Now().WallMS).In(s.cfg.Zone)
	if t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return texts.Text("date.short", "month", monthText(texts.Lang, t), "day", t.Day())
}

// serving is false while the center does not trust this kiosk's books: they stand
// still, and the first page says so.
func (s *Server) serving() bool {
	if s.cfg.Center == nil {
		return true
	}
	_, still := wrong(s.cfg.Center.State())
	return !still
}

// arriving counts what has come of the station's documents while the first ones are
// on their way; done: they are here, or nothing comes by itself.
func (s *Server) arriving() (volunteers int, online, done bool) {
	health := s.cfg.Store.Health()
	if s.cfg.Center == nil || health.Documents {
		return 0, false, true
	}
	return health.Volunteers, s.online(), false
}

// center tells staff how the kiosk stands with its center.
func (o *office) center(a *ask, me civic.Staff) error {
	if o.cfg.Center == nil {
		a.redirect(boxPage)
		return nil
	}
	a.follow()
	st := o.cfg.Center.State()
	reason, still := wrong(st)
	data := struct {
		Facts []fact
		Still bool   // nothing can be redeemed
		What  string // has the center against it; "": nothing
		Next  string
		Enrol bool // this person may enrol the box anew
		Going bool // and somebody is about to
	}{Facts: o.centerFacts(a, st), Still: still}
	if reason != "" {
		texts := o.texts[o.lang(a)]
		data.What, data.Next = wrongText(texts, reason, "what"), wrongText(texts, reason, "next")
	}
	data.Enrol = o.mayEnrol(me)
	data.Going = data.Enrol && o.cfg.Enrolment.State().Phase != enrol.Nothing
	return o.show(a, page{word: "center", back: boxPage, data: data})
}

// mayEnrol tells whether a person may enrol the box anew: a leader or a technician,
// of a kiosk that the center does not want as it is. What a healthy one holds would
// be locked up in the epoch that ends.
func (o *office) mayEnrol(me civic.Staff) bool {
	if o.cfg.Center == nil || o.cfg.Enrolment == nil || me.Role == civic.RoleClerk {
		return false
	}
	reason, still := wrong(o.cfg.Center.State())
	return still || slices.Contains(mended, reason)
}

// centerFact is the line of the box page.
func (o *office) centerFact(a *ask) fact {
	st := o.cfg.Center.State()
	chip := o.linkChip(o.texts[o.lang(a)])
	f := fact{Icon: chip.Icon, State: chip.State, Key: "staff.box.center", Value: chip.Word, Note: o.cfg.CenterAddress}
	if reason, _ := wrong(st); reason != "" {
		f.Value = wrongText(o.texts[o.lang(a)], reason, "what")
	}
	return f
}

func (o *office) centerFacts(a *ask, st link.State) []fact {
	texts := o.texts[o.lang(a)]
	state := o.linkChip(texts)
	facts := []fact{{Icon: state.Icon, Key: "staff.center.state", Value: state.Word, Note: o.cfg.CenterAddress, State: state.State}}
	if st.Online {
		facts[0].Value = o.text(a, "staff.center.online", "since", o.sinceText(texts, st.Since))
	}
	unsent := fact{Icon: "book", Key: "staff.center.unsent", Value: o.text(a, "staff.center.entries", "n", number(int64(st.Unsent))), Note: o.text(a, "staff.center.unsent_note"), State: "ok"}
	if st.Unsent > 0 && !st.Online {
		unsent.State = "off"
	}
	facts = append(facts, unsent, o.documentsFact(a, st))
	if skew := st.SkewMS / 1000; skew > maxSkewSeconds || skew < -maxSkewSeconds {
		facts = append(facts, fact{Icon: "clock", Key: "staff.center.clock", Value: o.text(a, "staff.center.skew", "n", number(max(skew, -skew))), Note: o.text(a, "staff.center.skew_note"), State: "warn"})
	} else {
		facts = append(facts, fact{Icon: "clock", Key: "staff.center.clock", Value: o.text(a, "staff.center.no_skew"), State: "ok"})
	}
	if o.cfg.Addresses != nil {
		facts = append(facts, o.networkFact(a))
	}
	return facts
}

// documentsFact says whether the center's documents are taken in.
func (o *office) documentsFact(a *ask, st link.State) fact {
	health := o.cfg.Store.Health()
	f := fact{Icon: "people", Key: "staff.box.bundle", Value: o.text(a, "staff.box.people", "n", number(int64(health.Volunteers))), State: "ok"}
	switch {
	case st.Trouble != nil:
		f.Icon, f.State, f.Value, f.Note = "warn", "warn", o.text(a, "staff.center.stuck"), o.text(a, "staff.center.stuck_note")
	case !health.Documents:
		f.Icon, f.State, f.Note = "clock", "off", o.text(a, "staff.center.coming")
	}
	return f
}
