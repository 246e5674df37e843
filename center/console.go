package center

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/ledger"
	"yizhan/link"
	"yizhan/printer/template"
)

// consoleConfig is the world of the console.
type consoleConfig struct {
	Store     *store.Store
	jobs      *jobs
	Keys      *Keys
	Connected func(kiosk string) bool                              // to this process, now
	Cursors   func(kiosk string) map[string]uint64                 // what a kiosk has of each scope's documents; nil: it is not connected here
	Fetch     func(ctx context.Context, volunteer ledger.ID) error // what of somebody's points is to leave a kiosk
	Address   string                                               // host:port where boxes find the center; "": where the browser found it
	Phones    string                                               // host or host:port where phones find it; "": Address
	Zone      *time.Location
	Now       func() time.Time
	Random    io.Reader
	Log       *slog.Logger
}

// console is the pages that the center's staff work with. It keeps nothing that
// another process would miss: who is signed in stands in the database.
//
// Every page answers GET and can be loaded again at any time; every change is a
// plain form whose POST redirects to a page, so all of it works without a script.
// What follows from an act is said on a page of its own before it is done, and
// each act leaves a trace, see [store.Act].
//
// A page has one word everywhere, as at the kiosk: the page "fleet" is
// consolefleet.go, assets/center/fleet/fleet.tmpl and the path /fleet; its texts are
// "center.fleet....".
type console struct {
	consoleConfig
	static     *assets.Static
	texts      map[assets.Lang]assets.Catalogue
	pages      map[assets.Lang]assets.Pages
	vault      vault  // of the secrets of one-time codes
	forms      vault  // of what was typed and could not be taken
	challenges []byte // key of those that passkeys sign
	safe       safe   // of volunteers' numbers
	seconds    second
	coded      bool               // of the goroutine that says where phones find the center: it is said
	starry     starFinder         // of the goroutine that looks for stars
	slip       *template.Template // of receipts

	tries     *limiter      // so that nobody keeps the others from the places to compare
	proofs    *limiter      // so that nobody tries serials of certificates
	passwords chan struct{} // of those that are compared at a time: each takes its share of memory
	exports   chan struct{} // files that are written at a time
	books     *kept[store.Books]
	owed      *kept[owedOf]
	acts      *kept[[]store.Shift]                 // of today, everywhere
	waiters   *kept[map[string]store.HoursWaiting] // what waits about hours, by place
}

// newConsole reads the texts and finds the pages.
func newConsole(cfg consoleConfig) (*console, error) {
	cfg.Zone = zoneOr(cfg.Zone)
	static, err := assets.NewStatic(nil)
	if err != nil {
		return nil, err
	}
	c := &console{consoleConfig: cfg, static: static, texts: make(map[assets.Lang]assets.Catalogue),
		pages: make(map[assets.Lang]assets.Pages), tries: newLimiter(cfg.Now), proofs: newLimiter(cfg.Now), passwords: make(chan struct{}, maxPasswords), exports: make(chan struct{}, maxExports)}
	if c.vault, err = openVault(cfg.Keys, vaultCodes); err != nil {
		return nil, err
	}
	if c.forms, err = openVault(cfg.Keys, vaultForms); err != nil {
		return nil, err
	}
	if c.challenges, err = challengeKey(cfg.Keys); err != nil {
		return nil, err
	}
	failed := func(err error) { c.Log.Error("console: adding up failed", "error", err) }
	c.books = &kept[store.Books]{fresh: booksKept, old: figuresOld, work: c.Store.Books, now: c.Now, failed: failed}
	c.owed = &kept[owedOf]{fresh: figuresKept, old: figuresOld, work: c.owing, now: c.Now, failed: failed}
	c.waiters = &kept[map[string]store.HoursWaiting]{fresh: booksKept, old: figuresOld, work: c.Store.HoursWaiting, now: c.Now, failed: failed}
	c.acts = &kept[[]store.Shift]{fresh: booksKept, old: figuresOld, work: c.shiftsToday, now: c.Now, failed: failed}
	c.seconds = newSecond(c)
	c.starry = starFinder{c: c}
	if c.safe, err = openSafe(cfg.Keys); err != nil {
		return nil, err
	}
	if c.slip, err = receiptTemplate(); err != nil {
		return nil, err
	}
	for _, lang := range assets.Langs {
		texts, err := assets.Texts(lang)
		if err != nil {
			return nil, err
		}
		pages, err := assets.FindPages("center", texts, static, c.functions(texts))
		if err != nil {
			return nil, fmt.Errorf("pages in %s: %w", lang, err)
		}
		c.texts[lang], c.pages[lang] = texts, pages
	}
	c.rosterJobs()
	c.jobs.register(jobService, jobKind{power: powerPeople, run: c.exportService})
	c.jobs.register(jobGroups, jobKind{power: powerReport, run: c.addGroups})
	return c, nil
}

// welcomePath is where the one-time links of officers lead.
const welcomePath = "/welcome/"

// routes is the list of all pages, for an [http.ServeMux]. open needs nobody, reader
// anybody who is signed in, officer somebody who manages, may the power that it
// names; see role.go. What a kiosk's acts need stands in deeds.
func (c *console) routes(mux interface{ Handle(string, http.Handler) }) {
	mux.Handle("GET "+assets.StaticPrefix, c.static)
	mux.Handle("GET /signin", c.open(c.signin))
	mux.Handle("POST /signin", c.open(c.signinNow))
	mux.Handle("POST /signout", c.open(c.signout))
	mux.Handle("GET /unlock", c.open(c.unlock))
	mux.Handle("POST /unlock", c.open(c.unlockNow))
	mux.Handle("GET /alive", c.open(c.alive))
	mux.Handle("POST /keep", c.open(c.keepNow))
	mux.Handle("GET /passkey/challenge", c.open(c.offerPasskey))
	mux.Handle("POST /passkey/signin", c.open(c.passkeyIn))
	mux.Handle("POST /me/passkey", c.reader(c.passkeyNew))
	mux.Handle("POST /me/passkey/drop", c.reader(c.passkeyDrop))
	mux.Handle("POST /lock", c.reader(c.lockNow))
	mux.Handle("POST /language", c.open(c.language))
	mux.Handle("GET "+welcomePath+"{token}", c.open(c.welcome))
	mux.Handle("POST "+welcomePath+"{token}", c.open(c.welcomeNow))

	mux.Handle("GET /{$}", c.reader(c.today))
	mux.Handle("GET /owed", c.reader(c.owes))
	mux.Handle("GET /lots", c.may(powerPeople, c.lots))
	mux.Handle("GET /fleet", c.reader(c.fleet))
	mux.Handle("GET /station/{kiosk}", c.reader(c.station))
	mux.Handle("GET /station/{kiosk}/{act}", c.reader(c.act))
	mux.Handle("POST /station/{kiosk}/{act}", c.reader(c.actNow))
	mux.Handle("GET /boxes", c.reader(c.boxes))
	mux.Handle("POST /boxes/{box}/{verdict}", c.may(powerEquip, c.boxNow))
	mux.Handle("GET /addkiosk", c.officer(c.addkiosk))
	mux.Handle("POST /addkiosk", c.officer(c.addkioskNow))
	mux.Handle("GET /places", c.reader(c.placesList))
	mux.Handle("GET /places.xlsx", c.reader(c.placesXLSX))
	mux.Handle("GET "+placelistPath, c.officer(c.placelist))
	mux.Handle("POST "+placelistPath, c.officer(c.placelistNow))
	mux.Handle("GET /goodlist/{at}", c.may(powerGoods, c.goodlist))
	mux.Handle("POST /goodlist/{at}", c.may(powerGoods, c.goodlistNow))
	mux.Handle("GET /journal/{kiosk}", c.reader(c.journal))
	mux.Handle("POST /journal/{kiosk}", c.may(powerEquip, c.takeJournal))
	mux.Handle("POST /bundle/{kiosk}", c.may(powerEquip, c.bundleFile))
	mux.Handle("GET /describe/{kiosk}", c.officer(c.describe))
	mux.Handle("POST /describe/{kiosk}", c.officer(c.describeNow))
	mux.Handle("GET /staff", c.reader(c.staff))
	mux.Handle("GET /member/{at}", c.officer(c.member))
	mux.Handle("GET /member/{at}/{staff}", c.officer(c.member))
	mux.Handle("POST /member/{at}/{staff}", c.officer(c.memberNow))
	mux.Handle("GET /member/{at}/{staff}/{deed}", c.officer(c.memberDeed))
	mux.Handle("POST /member/{at}/{staff}/{deed}", c.officer(c.memberDeedNow))
	mux.Handle("GET /place", c.officer(c.addplace))
	mux.Handle("POST /place", c.officer(c.placeNow))
	mux.Handle("GET /place/{place}", c.reader(c.placeCard))
	mux.Handle("POST /place/{place}", c.officer(c.placeNow))
	mux.Handle("GET /volunteers", c.may(powerPeople, c.volunteers))
	mux.Handle("GET /account/{volunteer}", c.may(powerPeople, c.account))
	mux.Handle("GET /volunteer", c.may(powerRegister, c.volunteer))
	mux.Handle("GET /volunteer/{volunteer}", c.may(powerRegister, c.volunteer))
	mux.Handle("POST /volunteer/{volunteer}", c.may(powerRegister, c.volunteerNow))
	mux.Handle("GET /twins", c.may(powerMerge, c.twins))
	mux.Handle("GET /merge/{volunteer}", c.may(powerMerge, c.twinsOf))
	mux.Handle("GET /merge/{volunteer}/{other}", c.may(powerMerge, c.merge))
	mux.Handle("POST /merge/{volunteer}/{other}", c.may(powerMerge, c.mergeNow))
	mux.Handle("GET /unmerge/{volunteer}", c.may(powerMerge, c.unmerge))
	mux.Handle("POST /unmerge/{volunteer}", c.may(powerMerge, c.unmergeNow))
	mux.Handle("GET /move/{volunteer}", c.may(powerRegister, c.move))
	mux.Handle("POST /move/{volunteer}", c.may(powerRegister, c.moveNow))
	mux.Handle("GET /card/{volunteer}/{deed}", c.may(powerRegister, c.card))
	mux.Handle("POST /card/{volunteer}/{deed}", c.may(powerRegister, c.cardNow))
	mux.Handle("GET /phones/{volunteer}", c.may(powerRegister, c.phones))
	mux.Handle("POST /phones/{volunteer}", c.may(powerRegister, c.phonesNow))
	mux.Handle("GET /adjust/{volunteer}", c.may(powerAdjust, c.adjust))
	mux.Handle("POST /adjust/{volunteer}", c.may(powerAdjust, c.adjustNow))
	mux.Handle("GET /enter/{volunteer}", c.may(powerEnter, c.enter))
	mux.Handle("POST /enter/{volunteer}", c.may(powerEnter, c.enterNow))
	mux.Handle("GET /entered", c.open(c.enteredList))
	mux.Handle("GET /hours", c.may(powerPeople, c.hours))
	mux.Handle("GET /hours/{shift}", c.may(powerPeople, c.turnout))
	mux.Handle("GET /hours/{shift}/all", c.may(powerHours, c.turnoutAll))
	mux.Handle("POST /hours/{shift}/all", c.may(powerHours, c.turnoutAllNow))
	mux.Handle("GET /hours/{shift}/{volunteer}", c.may(powerPeople, c.attendance))
	mux.Handle("POST /hours/{shift}/{volunteer}", c.may(powerHours, c.attendanceNow))
	mux.Handle("GET /objections", c.may(powerPeople, c.objections))
	mux.Handle("GET /objection/{volunteer}/{objection}", c.may(powerPeople, c.objection))
	mux.Handle("POST /objection/{volunteer}/{objection}", c.may(powerHours, c.objectionNow))
	mux.Handle("GET /signs", c.may(powerPeople, c.signs))
	mux.Handle("GET /sign/{scope}/{sign}", c.may(powerPeople, c.sign))
	mux.Handle("POST /sign/{scope}/{sign}", c.may(powerHours, c.signNow))
	mux.Handle("GET /walkins", c.may(powerPeople, c.walkins))
	mux.Handle("GET /walkin/{guest}", c.may(powerPeople, c.walkin))
	mux.Handle("GET /walkin/{guest}/{volunteer}", c.may(powerHours, c.walkinIs))
	mux.Handle("POST /walkin/{guest}/{volunteer}", c.may(powerHours, c.walkinIsNow))
	mux.Handle("GET /national", c.may(powerPeople, c.national))
	mux.Handle("POST /national", c.may(powerPeople, c.nationalNow))
	mux.Handle("GET /stars", c.open(c.stars))
	mux.Handle("GET /star/{volunteer}/{stars}", c.may(powerHours, c.star))
	mux.Handle("POST /star/{volunteer}/{stars}", c.may(powerHours, c.starNow))
	mux.Handle("GET /certificate/{volunteer}", c.may(powerPeople, c.certificate))
	mux.Handle("POST /certificate/{volunteer}", c.may(powerRegister, c.certificateNow))
	mux.Handle("GET /certificate/{volunteer}/{serial}", c.may(powerPeople, c.certificatePaper))
	mux.Handle("GET /certificate/{volunteer}/{serial}/revoke", c.may(powerRegister, c.certificateRevoke))
	mux.Handle("POST /certificate/{volunteer}/{serial}/revoke", c.may(powerRegister, c.certificateRevokeNow))
	mux.Handle("GET /proof", c.open(c.proof))
	mux.Handle("GET "+link.ProofPath+"{serial}", c.open(c.proof))
	mux.Handle("GET /numbers", c.may(powerNumbers, c.numbersForm))
	mux.Handle("POST /numbers", c.may(powerNumbers, c.numbersNow))
	mux.Handle("POST /second/{place}/{request}/file", c.may(powerNumbers, c.numbersFile))
	mux.Handle("GET /second", c.may(powerPeople, c.second))
	mux.Handle("GET /second/{place}/{request}", c.may(powerPeople, c.oneRequest))
	mux.Handle("POST /second/{place}/{request}/confirm", c.may(powerConfirm, c.confirmNow))
	mux.Handle("POST /second/{place}/{request}/refuse", c.may(powerConfirm, c.refuseNow))
	mux.Handle("POST /second/{place}/{request}/withdraw", c.may(powerPeople, c.withdrawRequest))
	mux.Handle("GET /activities", c.reader(c.activities))
	mux.Handle("GET /activities.xlsx", c.reader(c.activitiesXLSX))
	mux.Handle("GET "+activitylistPath, c.may(powerPlan, c.activitylist))
	mux.Handle("POST "+activitylistPath, c.may(powerPlan, c.activitylistNow))
	mux.Handle("GET /activity/{at}", c.may(powerPlan, c.addactivity))
	mux.Handle("POST /activity/{at}", c.may(powerPlan, c.activityNow))
	mux.Handle("GET /activity/{at}/{activity}", c.reader(c.activity))
	mux.Handle("POST /activity/{at}/{activity}", c.may(powerPlan, c.activityNow))
	mux.Handle("GET /activity/{at}/{activity}/{verb}", c.reader(c.moveactivity))
	mux.Handle("POST /activity/{at}/{activity}/{verb}", c.reader(c.moveactivityNow))
	mux.Handle("GET /calendar", c.reader(c.calendar))
	mux.Handle("GET /shift/{shift}", c.reader(c.shift))
	mux.Handle("GET /shift/{shift}/{verb}", c.may(powerPlan, c.calloff))
	mux.Handle("POST /shift/{shift}/{verb}", c.may(powerPlan, c.calloffNow))
	mux.Handle("POST /shift/{shift}/enlist", c.may(powerPlan, c.enlistNow))
	mux.Handle("GET /shift/{shift}/strike/{volunteer}", c.may(powerPlan, c.strike))
	mux.Handle("POST /shift/{shift}/strike/{volunteer}", c.may(powerPlan, c.strikeNow))
	mux.Handle("GET /goods", c.reader(c.goods))
	mux.Handle("GET /good/{at}", c.may(powerGoods, c.addgood))
	mux.Handle("POST /good/{at}", c.may(powerGoods, c.goodNow))
	mux.Handle("GET /good/{at}/{code}", c.reader(c.good))
	mux.Handle("POST /good/{at}/{code}", c.may(powerGoods, c.goodNow))
	mux.Handle("GET /good/{at}/{code}/{verb}", c.may(powerGoods, c.withdraw))
	mux.Handle("POST /good/{at}/{code}/{verb}", c.may(powerGoods, c.withdrawNow))
	mux.Handle("POST /price/{at}/{code}", c.may(powerGoods, c.priceNow))
	mux.Handle("POST /price/{at}/{code}/drop", c.may(powerGoods, c.dropPriceNow))
	mux.Handle("GET /picture/{at}/{name}", c.reader(c.picture))
	mux.Handle("GET /stock", c.reader(c.stock))
	mux.Handle("GET /merchants", c.may(powerRedeem, c.merchants))
	mux.Handle("GET /merchant/{at}", c.may(powerGoods, c.addmerchant))
	mux.Handle("POST /merchant/{at}", c.may(powerGoods, c.merchantNow))
	mux.Handle("GET /merchant/{at}/{id}", c.may(powerRedeem, c.merchant))
	mux.Handle("POST /merchant/{at}/{id}", c.may(powerGoods, c.merchantNow))
	mux.Handle("GET /merchant/{at}/{id}/{verb}", c.may(powerGoods, c.closemerchant))
	mux.Handle("POST /merchant/{at}/{id}/{verb}", c.may(powerGoods, c.closemerchantNow))
	mux.Handle("GET /pictures/{at}", c.may(powerGoods, c.picturesMany))
	mux.Handle("POST /pictures/{at}", c.may(powerGoods, c.picturesNow))
	mux.Handle("GET /moves/{kiosk}", c.reader(c.moves))
	mux.Handle("GET /best", c.reader(c.best))
	mux.Handle("GET /deliveries", c.reader(c.deliveries))
	mux.Handle("GET /senddelivery", c.may(powerGoods, c.senddelivery))
	mux.Handle("POST /senddelivery", c.may(powerGoods, c.senddeliveryNow))
	mux.Handle("GET /delivery/{kiosk}/{id}", c.reader(c.delivery))
	mux.Handle("GET /delivery/{kiosk}/{id}/call", c.may(powerGoods, c.calldelivery))
	mux.Handle("POST /delivery/{kiosk}/{id}/call", c.may(powerGoods, c.calldeliveryNow))
	mux.Handle("GET /pieces/{kiosk}/{good}/{what}", c.reader(c.pieces))
	mux.Handle("GET /redemptions", c.may(powerRedeem, c.redemptions))
	mux.Handle("GET /redemptions.csv", c.may(powerRedeem, c.redemptionsCSV))
	mux.Handle("GET /redemptions.xlsx", c.may(powerRedeem, c.redemptionsXLSX))
	mux.Handle("GET /redemption/{number}", c.may(powerRedeem, c.redemption))
	mux.Handle("GET /receipt/{number}", c.may(powerRedeem, c.receipt))
	mux.Handle("GET /verify", c.may(powerRedeem, c.verify))
	mux.Handle("GET /settlement", c.may(powerRedeem, c.settlement))
	mux.Handle("GET /sheet/{merchant}/{n}", c.may(powerRedeem, c.sheet))
	mux.Handle("GET /sheet/{merchant}/{n}/xlsx", c.may(powerRedeem, c.sheetXLSX))
	mux.Handle("GET /sheet/{merchant}/{n}/lines/{code}", c.may(powerRedeem, c.sheetlines))
	mux.Handle("GET /closesheet/{merchant}", c.may(powerSettle, c.closesheet))
	mux.Handle("POST /closesheet/{merchant}", c.may(powerSettle, c.closesheetNow))
	mux.Handle("GET /withdrawsheet/{merchant}/{n}", c.may(powerSettle, c.withdrawsheet))
	mux.Handle("POST /withdrawsheet/{merchant}/{n}", c.may(powerSettle, c.withdrawsheetNow))
	mux.Handle("GET /rights/{volunteer}/{kiosk}/{epoch}", c.may(powerPeople, c.rights))
	mux.Handle("GET /policy", c.reader(c.policy))
	mux.Handle("GET /version/{at}/{n}", c.reader(c.version))
	mux.Handle("GET /draft/{at}", c.may(powerPolicy, c.draft))
	mux.Handle("POST /draft/{at}", c.may(powerPolicy, c.draftNow))
	mux.Handle("POST /draft/{at}/preview", c.may(powerPolicy, c.previewNow))
	mux.Handle("GET /draft/{at}/{verb}", c.may(powerPolicy, c.decide))
	mux.Handle("POST /draft/{at}/{verb}", c.may(powerPolicy, c.decideNow))
	mux.Handle("GET /preview/{job}", c.may(powerPeople, c.preview))
	mux.Handle("GET /audit", c.may(powerAudit, c.audit))
	mux.Handle("GET /audit.csv", c.may(powerAudit, c.auditCSV))
	mux.Handle("GET /audit.xlsx", c.may(powerAudit, c.auditXLSX))
	mux.Handle("POST /export", c.may(powerPeople, c.exportNow))
	mux.Handle("GET /import", c.may(powerRegister, c.importForm))
	mux.Handle("POST /import", c.may(powerRegister, c.importNow))
	mux.Handle("GET /import/{job}", c.may(powerRegister, c.importPage))
	mux.Handle("POST /import/{job}", c.may(powerRegister, c.importGo))
	mux.Handle("GET /import/{job}/undo", c.may(powerRegister, c.importUndo))
	mux.Handle("POST /import/{job}/undo", c.may(powerRegister, c.importUndoNow))
	mux.Handle("GET /jobs", c.reader(c.jobsList))
	mux.Handle("GET /job/{job}", c.reader(c.job))
	mux.Handle("GET /job/{job}/cancel", c.reader(c.jobCancel))
	mux.Handle("POST /job/{job}/cancel", c.reader(c.jobCancelNow))
	mux.Handle("GET /job/{job}/file/{file}", c.reader(c.jobFile))
	mux.Handle("GET /statistics", c.may(powerReport, c.statistics))
	mux.Handle("GET /statistics.xlsx", c.may(powerReport, c.statisticsXLSX))
	mux.Handle("GET /groups", c.may(powerReport, c.groups))
	mux.Handle("POST /groups", c.may(powerReport, c.groupsNow))
	mux.Handle("GET /residents/{at}", c.may(powerSign, c.residents))
	mux.Handle("POST /residents/{at}", c.may(powerSign, c.residentsNow))
	mux.Handle("GET /reports", c.may(powerReport, c.reports))
	mux.Handle("GET /report/{at}/{span}/{day}", c.may(powerReport, c.report))
	mux.Handle("GET /report/{at}/{span}/{day}/report.xlsx", c.may(powerReport, c.reportXLSX))
	mux.Handle("GET /report/{at}/{span}/{day}/sign", c.may(powerSign, c.reportSign))
	mux.Handle("POST /report/{at}/{span}/{day}/sign", c.may(powerSign, c.reportSignNow))
	mux.Handle("GET /me", c.reader(c.me))
	mux.Handle("POST /me/end", c.reader(c.meEnd))

	mux.Handle("/", c.open(c.nowhere))
}

// InviteOfficer makes the one-time link of an officer whom the store knows. By says
// who did it. It returns the path of the link at the console, and when it ends.
func InviteOfficer(ctx context.Context, s *store.Store, keys *Keys, random io.Reader, name, by string) (path string, ends time.Time, err error) {
	v, err := openVault(keys, vaultCodes)
	if err != nil {
		return "", ends, err
	}
	secret, err := v.draw(name, random)
	if err != nil {
		return "", ends, err
	}
	token, ends, err := s.MakeLink(ctx, name, secret, by)
	if err != nil {
		return "", ends, err
	}
	return welcomePath + token, ends, nil
}

// pin is the key that boxes remember of the center.
func (c *console) pin() link.Digest { return c.Keys.Pin() }
