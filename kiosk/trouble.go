package kiosk

import (
	"errors"
	"net/http"

	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// trouble is one thing that can go wrong in front of a person. Its three answers
// are the texts trouble.WORD.what, .safe and .next; what they say must be true of
// every case that leads here.
type trouble struct {
	word   string
	status int
	to     string // where its main key leads; "": back to the page before
	key    string // text on that key

	wish *store.Reserve // of a redemption that points did not come for; see shortFacts
}

// Troubles. Those of a redemption all mean that nothing was taken.
var (
	troubleHalted     = trouble{word: "halted", status: http.StatusServiceUnavailable}
	troubleFull       = trouble{word: "full", status: http.StatusServiceUnavailable}
	troublePoints     = trouble{word: "points", status: http.StatusConflict, to: "/goods", key: "trouble.goods"}
	troubleStock      = trouble{word: "stock", status: http.StatusConflict, to: "/goods", key: "trouble.goods"}
	troubleGone       = trouble{word: "gone", status: http.StatusConflict, to: "/goods", key: "trouble.goods"}
	troubleLimit      = trouble{word: "limit", status: http.StatusConflict, to: "/goods", key: "trouble.goods"}
	troublePrice      = trouble{word: "price", status: http.StatusConflict}
	troubleEmpty      = trouble{word: "empty", status: http.StatusServiceUnavailable, to: "/", key: "trouble.home"}
	troubleUnknown    = trouble{word: "unknown", status: http.StatusNotFound}
	troubleState      = trouble{word: "state", status: http.StatusConflict, to: "/orders", key: "trouble.orders"}
	troubleLate       = trouble{word: "late", status: http.StatusConflict}
	troubleLeader     = trouble{word: "leader", status: http.StatusForbidden}
	troubleBegun      = trouble{word: "begun", status: http.StatusConflict, to: shiftsPage, key: "trouble.shifts"}
	troubleSelf       = trouble{word: "self", status: http.StatusForbidden}
	troubleShut       = trouble{word: "shut", status: http.StatusConflict}
	troubleObjections = trouble{word: "objections", status: http.StatusConflict, to: hoursPage, key: "trouble.back"}
	troublePhones     = trouble{word: "nophones", status: http.StatusNotFound, to: hoursPage, key: "trouble.back"}
	troubleForm       = trouble{word: "form", status: http.StatusBadRequest}
	troubleUnsure     = trouble{word: "unsure", status: http.StatusInternalServerError, to: "/orders", key: "trouble.orders"}
	troubleBroken     = trouble{word: "broken", status: http.StatusInternalServerError, to: "/", key: "trouble.home"}
)

// troubleShort is the trouble of a redemption that points did not come for.
func troubleShort(e shortOf) trouble {
	return trouble{word: "short_" + e.why, status: http.StatusConflict, to: "/goods", key: "trouble.short_goods", wish: &e.wish}
}

// troubleFar is the trouble of goods at another kiosk that were not put aside.
func troubleFar(e farOff) trouble {
	return trouble{word: "far_" + e.why, status: http.StatusConflict, to: "/goods", key: "trouble.goods"}
}

// errForm means that a form did not hold what our own pages put into it.
var errForm = errors.New("kiosk: a form that none of our pages sends")

// troubles maps what the store and the rules answer to what a person is told.
var troubles = []struct {
	err error
	trouble
}{
	{store.ErrQuarantine, troubleHalted},
	{store.ErrReadOnly, troubleFull},
	{store.ErrNoDocuments, troubleEmpty},
	{ledger.ErrNotEnough, troublePoints},
	{ledger.ErrStock, troubleStock},
	{store.ErrNotOffered, troubleGone},
	{store.ErrLimit, troubleLimit},
	{store.ErrPriceChanged, troublePrice},
	{store.ErrTooLate, troubleLate},
	{store.ErrNeedsLeader, troubleLeader},
	{ledger.ErrState, troubleState},
	{store.ErrUnknown, troubleUnknown},
	{store.ErrKeyReused, troubleForm},
	{store.ErrInput, troubleForm},
	{errForm, troubleForm},
	{store.ErrSelf, troubleSelf},
	{errNoPhones, troublePhones},
}

// failed turns a handler's error into the page of three answers. An error that
// nobody foresaw leaves open whether a change was made, and the page says so.
func (s *Server) failed(a *ask, err error) {
	if e, ok := errors.AsType[shortOf](err); ok {
		s.cfg.Log.Info("refused", "path", a.URL.Path, "why", err)
		s.trouble(a, troubleShort(e))
		return
	}
	if e, ok := errors.AsType[farOff](err); ok {
		s.cfg.Log.Info("refused", "path", a.URL.Path, "why", err)
		s.trouble(a, troubleFar(e))
		return
	}
	if e, ok := errors.AsType[noCertificate](err); ok {
		s.cfg.Log.Info("refused", "path", a.URL.Path, "why", err)
		s.trouble(a, trouble{word: "certificate_" + e.why, status: http.StatusConflict, to: hoursPage, key: "trouble.back"})
		return
	}
	for _, known := range troubles {
		if errors.Is(err, known.err) {
			s.cfg.Log.Info("refused", "path", a.URL.Path, "why", err)
			s.trouble(a, known.trouble)
			return
		}
	}
	s.cfg.Log.Error("page failed", "path", a.URL.Path, "error", err)
	if (a.Method == http.MethodPost || a.acted) && a.visit.signedIn() {
		s.trouble(a, troubleUnsure)
		return
	}
	s.trouble(a, troubleBroken)
}

// trouble shows t: after a POST by way of a page of its own, so that it can be
// loaded again.
func (s *Server) trouble(a *ask, t trouble) {
	if a.Method == http.MethodPost && a.visit != nil {
		a.visit.set(func(st *visitState) { st.trouble = &t })
		a.redirect("/trouble")
		return
	}
	s.showAnswers(a, t)
}

// showTrouble is the page /trouble: the last thing that went wrong in this visit.
func (s *Server) showTrouble(a *ask) error {
	if a.visit == nil || a.visit.get().trouble == nil {
		a.redirect("/")
		return nil
	}
	s.showAnswers(a, *a.visit.get().trouble)
	return nil
}

// answers is what the page of three answers shows.
type answers struct {
	Word             string // of the page of a code: code.WORD
	What, Safe, Next string
	Long             bool // sums and names stand in the answers
	Phone            string
	To               string
	Key              string // text of the main key
}

func (s *Server) showAnswers(a *ask, t trouble) {
	data := answers{To: t.to, Key: t.key, Phone: s.station(s.lang(a)).Phone}
	if data.To == "" {
		data.To, data.Key = s.back(a), "trouble.back"
	}
	var facts []any
	var err error
	if data.Long = t.wish != nil; data.Long {
		facts, err = s.shortFacts(a, *t.wish)
	}
	say := func(answer string) string { return s.text(a, "trouble."+t.word+"."+answer, facts...) }
	data.What, data.Safe, data.Next = say("what"), say("safe"), say("next")
	if err == nil {
		err = s.show(a, page{word: "trouble", data: data, code: t.status, sound: "attention"})
	}
	if err != nil {
		s.cfg.Log.Error("the page of three answers failed", "error", err)
		http.Error(a.w, "出了问题，请找工作人员。 Something is wrong. Please ask the staff.", http.StatusInternalServerError)
	}
}

// back is the last page shown in this visit that was not a message.
func (s *Server) back(a *ask) string {
	if a.visit != nil {
		if last := a.visit.get().last; last != "" {
			return last
		}
	}
	return s.resting()
}

// nowhere answers paths that are no page: a person only gets here through our own
// mistake, and is taken home. A browser also asks by itself, for an icon of the
// page: that is no page, and must not be taken for the one on the screen.
func (s *Server) nowhere(a *ask) error {
	if dest := a.Header.Get("Sec-Fetch-Dest"); dest != "" && dest != "document" && dest != "iframe" {
		http.NotFound(a.w, a.Request)
		return nil
	}
	s.trouble(a, trouble{word: "unknown", status: http.StatusNotFound, to: "/", key: "trouble.home"})
	return nil
}
