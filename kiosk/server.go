package kiosk

import (
	"context"
	"net/http"
	"sync"
	"time"

	"yizhan/assets"
	"yizhan/ledger"
)

// Server is a kiosk's screen: its pages, its scanner's other end and its printer.
type Server struct {
	*pane
	cfg   Config
	paper *paper
	slips *slipBook

	mu      sync.Mutex
	visit   *visit            // who is in front of the screen; nil: nobody
	tickets map[string]ticket // scans whose page has not come yet
	scans   uint64            // so far
	awaited *awaited          // where the last of them leads; nil: that page is there
	errand  *errand           // what the center is asked for; nil: nothing yet

	sentChips []chip     // as the screen shows them; nil: some page may show others
	sentFirst first      // the same, of the center
	sentNews  string     // what the page of all slips says of the printer
	pin       sync.Mutex // one PIN is compared at a time: each takes its share of memory
	strangers *strangers
	inquiries *inquiries
	parcels   *parcels

	gate     *gate      // the check-in page on the screen; nil: another one
	rest     ledger.ID  // the shift to whose page the screen comes back when nobody is there; zero: the first page
	greeting *greeting  // on it
	heardOf  uint64     // of what the center says of check-ins
	walkIns  []int64    // when people checked in without a card, on the monotonic clock
	phones   phoneCards // by which somebody has signed in
	stranger sync.Mutex // one strange card is asked about at a time
}

// New makes a server.
func New(cfg Config) (*Server, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, tickets: make(map[string]ticket), strangers: newStrangers(), inquiries: newInquiries(), parcels: newParcels()}
	var err error
	if s.pane, err = newPane(cfg.Screen, cfg.Log, s.functions); err != nil {
		return nil, err
	}
	if s.slips, err = newSlipBook(cfg); err != nil {
		return nil, err
	}
	if cfg.Enrolment != nil {
		cfg.Enrolment.Changed = s.pushSlips // its page follows them
	}
	s.paper, err = newPaper(cfg, s.texts[cfg.Lang], s.slips, s.printed, s.printerChanged)
	return s, err
}

// Run keeps what happens by itself going until ctx ends: it prints what waits,
// counts the seconds of a visit, and then closes the live connections.
func (s *Server) Run(ctx context.Context) {
	var work sync.WaitGroup
	work.Go(func() { s.paper.Run(ctx) })
	work.Go(func() { s.runExpiry(ctx) })
	work.Go(func() { s.runLapse(ctx) })
	work.Go(func() { s.runHearing(ctx) })
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			s.live.close()
			work.Wait()
			return
		case <-tick.C:
			s.tick()
		}
	}
}

// Handler serves every page.
func (s *Server) Handler() http.Handler { return s.Guard(s.routes()) }

// routes is the list of all pages. open needs nobody, member a volunteer; see
// access.go for what a person without the right gets.
func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("GET "+assets.StaticPrefix, s.static)
	mux.Handle("GET /picture/{name}", http.HandlerFunc(s.picture))
	mux.Handle("GET /live", http.HandlerFunc(s.serveLive))

	mux.Handle("GET /{$}", s.open(s.home))
	mux.Handle("GET /help", s.open(s.help))
	mux.Handle("GET /trouble", s.open(s.showTrouble))
	mux.Handle("POST /language", s.open(s.language))
	mux.Handle("POST /print-size", s.open(s.printSize))
	mux.Handle("POST /leave", s.open(s.leave))
	mux.Handle("POST /awake", s.open(s.awake))
	mux.Handle("POST /scan", s.open(s.scanned))
	mux.Handle("GET /ticket/{ticket}", s.open(s.ticket))
	mux.Handle("GET /code/{what}", s.open(s.code))
	mux.Handle("GET /asking/{errand}", s.open(s.asking))

	mux.Handle("GET /identify", s.open(s.identify))
	mux.Handle("POST /identify", s.open(s.identify))
	mux.Handle("GET /identify/pin", s.open(s.identifyPIN))
	mux.Handle("POST /identify/pin", s.open(s.identifyPIN))
	mux.Handle("GET /identify/who", s.open(s.identifyWho))
	mux.Handle("POST /identify/who", s.open(s.identifyWho))

	mux.Handle("GET /checkin", s.open(s.checkinPick))
	mux.Handle("GET /checkin/{shift}", s.open(s.checkin))
	mux.Handle("GET /checkin/{shift}/{way}", s.open(s.checkinWay))
	mux.Handle("POST /checkin/{shift}/answer", s.open(s.checkAnswer))
	mux.Handle("POST /checkin/{shift}/me", s.member(s.checkMe))
	mux.Handle("GET /checkin/{shift}/walkin", s.open(s.walkIn))
	mux.Handle("POST /checkin/{shift}/walkin", s.open(s.walkIn))

	mux.Handle("GET /balance", s.member(s.balance))
	mux.Handle("GET /goods", s.member(s.goods))
	mux.Handle("GET /redeem/{good}", s.member(s.redeem))
	mux.Handle("POST /redeem", s.member(s.confirm))
	mux.Handle("POST /nearby/{good}", s.member(s.seek))
	mux.Handle("GET /nearby/{good}", s.member(s.nearby))
	mux.Handle("GET /nearby/{good}/{kiosk}", s.member(s.keep))
	mux.Handle("POST /keep", s.member(s.keepNow))
	mux.Handle("GET /kept", s.member(s.kept))
	mux.Handle("GET /done/{redemption}", s.member(s.done))
	mux.Handle("POST /done/{redemption}/whole", s.member(s.whole))
	mux.Handle("POST /done/{redemption}/doubt", s.member(s.doubt))
	s.staffRoutes(mux)
	mux.Handle("GET /points", s.member(s.points))
	mux.Handle("GET /why/{line}", s.member(s.why))
	mux.Handle("GET /why/elsewhere", s.member(s.elsewhere))
	mux.Handle("GET /orders", s.member(s.orders))
	mux.Handle("GET /orders/{redemption}", s.member(s.order))
	mux.Handle("POST /orders/{redemption}/again", s.member(s.again))
	mux.Handle("GET /giveback/{redemption}", s.member(s.giveback))
	mux.Handle("POST /giveback/{redemption}", s.member(s.givebackNow))
	mux.Handle("GET "+shiftsPage, s.open(s.shifts))
	mux.Handle("GET "+shiftsPage+"/{shift}", s.open(s.shift))
	mux.Handle("POST "+shiftsPage+"/{shift}", s.member(s.shiftNow))
	mux.Handle("GET "+hoursPage, s.member(s.hours))
	mux.Handle("GET "+hoursPage+"/{shift}", s.member(s.attendance))
	for _, record := range []string{"/object/shift/{shift}", "/object/line/{line}"} {
		mux.Handle("GET "+record, s.member(s.object))
		mux.Handle("POST "+record, s.member(s.object))
		mux.Handle("POST "+record+"/now", s.member(s.objectNow))
	}
	mux.Handle("GET /lead/{shift}", s.member(s.volunteering(s.roster)))
	mux.Handle("POST /lead/{shift}", s.member(s.volunteering(s.rosterNow)))
	mux.Handle("GET /lead/{shift}/{person}", s.member(s.volunteering(s.one)))
	mux.Handle("POST /lead/{shift}/{person}", s.member(s.volunteering(s.one)))
	mux.Handle("POST /lead/{shift}/{person}/now", s.member(s.volunteering(s.oneNow)))
	mux.Handle("GET "+handsetBase, s.member(s.handset))
	mux.Handle("POST "+handsetBase, s.member(s.handsetNow))
	mux.Handle("GET "+handsetBase+"/{ticket}", s.member(s.handsetCode))
	mux.Handle("GET "+certificateBase, s.member(s.certificate))
	mux.Handle("POST "+certificateBase, s.member(s.certificateNow))
	mux.Handle("GET "+certificateBase+"/{certificate}", s.member(s.certificateShown))
	mux.Handle("POST "+certificateBase+"/{certificate}/again", s.member(s.certificateAgain))
	mux.Handle("POST "+certificateBase+"/{certificate}/whole", s.member(s.certificateWhole))
	mux.Handle("GET /pin", s.member(s.pinSet))
	mux.Handle("POST /pin", s.member(s.pinSet))

	mux.Handle("/", s.open(s.nowhere))
	return mux
}
