package kiosk

import (
	"html/template"
	"strconv"

	"github.com/skip2/go-qrcode"

	"yizhan/assets"
	"yizhan/kiosk/store"
	"yizhan/ledger"
	"yizhan/printer/spool"
)

// donePage says what happened and what to do next, for as long as the redemption
// exists.
type donePage struct {
	store.Redemption
	Claim   string // A037
	Cost    ledger.Points
	Left    ledger.Points // after it; of somebody who has points elsewhere, with those that can be had
	Counter string
	Phone   string
	Paper   string        // receipt: see paperWord
	QR      template.HTML // the receipt's code, when it is needed on the screen
	Ring    countdown
	Fresh   bool   // shown for the first time: the ticket tears
	Shelf   bool   // self-service shelf: take it at once
	Voided  bool   // a slip that says so comes out before this copy
	Why     string // the printer cannot print
}

// done shows a redemption of the person who is signed in.
func (s *Server) done(a *ask) error {
	r, err := s.ownRedemption(a)
	if err != nil {
		return err
	}
	st := s.station(s.lang(a))
	p := donePage{
		Redemption: r,
		Claim:      ledger.ClaimText(r.Claim),
		Cost:       r.Cost(),
		Left:       r.Balance,
		Counter:    st.Counter,
		Phone:      st.Phone,
		Paper:      paperWord(r.Job.State),
		Ring:       newCountdown(s.cfg.CountdownSeconds, s.cfg.CountdownSeconds),
		Shelf:      r.Shelf,
		Voided:     voided(r.Job),
		Why:        s.reasonOf(a, r.Job),
	}
	if f, _, err := s.fundsNow(a.visit); err == nil && f.Link != linkNone {
		p.Left = f.Now()
	}
	if p.QR, err = s.receiptQR(r.Seq); err != nil {
		return err
	}
	a.visit.set(func(st *visitState) {
		p.Fresh = st.torn != r.Seq
		st.torn = r.Seq
	})
	shown, err := s.donePage(p)
	if err != nil {
		return err
	}
	if err := s.show(a, shown); err != nil {
		return err
	}
	a.visit.set(func(st *visitState) {
		st.slip = r.Seq
		// Without paper there is a code to remember, and that takes longer.
		if shown.word == "done" {
			st.done = r.Seq
		}
	})
	// A slip that came out meanwhile told nobody, because nobody was there yet.
	if now, err := s.cfg.Store.Redemption(r.Seq); err == nil && now.Job.State != r.Job.State {
		s.printed(now.Job)
	}
	return nil
}

// donePage picks the page that the slip needs: one that says where it is, or one that
// does without it, or the question.
func (s *Server) donePage(p donePage) (page, error) {
	switch {
	case p.Paper == "held":
		return page{word: "noslip", back: "/goods", data: p, sound: "attention"}, nil
	case p.Paper == "unsure":
		question, err := s.wholePage(p)
		return page{word: "whole", back: "/goods", data: question, sound: "attention"}, err
	case p.Fresh:
		return page{word: "done", back: "/goods", data: p, sound: "done"}, nil
	}
	return page{word: "done", back: "/goods", data: p}, nil
}

// voided tells whether the copy before was not whole.
func voided(job store.Job) bool {
	n := len(job.Past)
	return n > 0 && job.Past[n-1] == spool.Voided
}

// ownRedemption reads the redemption that the path names. Somebody else's is as
// unknown as one that does not exist.
func (s *Server) ownRedemption(a *ask) (store.Redemption, error) {
	seq, err := strconv.ParseUint(a.PathValue("redemption"), 10, 64)
	if err != nil {
		return store.Redemption{}, store.ErrUnknown
	}
	r, err := s.cfg.Store.Redemption(seq)
	if err == nil && r.Volunteer != a.visit.person {
		err = store.ErrUnknown
	}
	return r, err
}

// paperWord names the state of a receipt as a person needs it.
func paperWord(state spool.State) string {
	switch state {
	case spool.Printed:
		return "here"
	case spool.Presumed:
		return "maybe"
	case spool.Held:
		return "held"
	case spool.Uncertain:
		return "unsure"
	}
	return "soon"
}

// receiptQR draws the receipt's code as inline SVG: one path, four modules of
// quiet zone, black on white.
func (s *Server) receiptQR(seq uint64) (template.HTML, error) {
	text, err := s.cfg.Store.ReceiptText(seq)
	if err != nil {
		return "", err
	}
	return drawQR(text)
}

// drawQR draws a code as inline SVG, as receiptQR does.
func drawQR(text string) (template.HTML, error) {
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return "", err
	}
	return svgQR(code), nil
}

// svgQR is one path with its quiet zone.
func svgQR(code *qrcode.QRCode) template.HTML {
	modules := code.Bitmap() // includes the quiet zone
	size := strconv.Itoa(len(modules))
	return template.HTML(`<svg class="qr" viewBox="0 0 ` + size + ` ` + size + `" shape-rendering="crispEdges" aria-hidden="true"><path fill="#fff" d="M0 0h` + size + `v` + size + `H0z"/><path d="` + assets.QRPath(modules) + `"/></svg>`)
}

// printed is told of every print job whose state has changed. The page of that
// redemption, or one that follows slips, is shown anew when it is on the screen and the slip has
// come as far as it does by itself.
func (s *Server) printed(job store.Job) {
	s.pushChips()
	v := s.current()
	if v == nil || !job.State.Final() && job.State != spool.Held && job.State != spool.Uncertain {
		return
	}
	s.pushSlips()
	if v.get().slip == job.Seq {
		s.live.send(message{Renew: donePath(job.Seq)})
	}
}

// printerChanged is told whenever the printer's state is another. That it is busy
// changes nothing on the page of all slips.
func (s *Server) printerChanged() {
	s.pushChips()
	st := s.paper.Status()
	news := strconv.FormatBool(st.NearEnd)
	if st.Fault != nil {
		news += string(st.Fault.Reason)
	}
	s.mu.Lock()
	same := s.sentNews == news
	s.sentNews = news
	s.mu.Unlock()
	if !same {
		s.pushSlips()
	}
}

// pushSlips shows the page that follows slips anew, when there is one on the screen. A key
// may have led away from it just then, so it leads no other page back.
func (s *Server) pushSlips() {
	if v := s.current(); v != nil && v.get().slips != "" {
		s.live.send(message{Renew: v.get().slips})
	}
}
