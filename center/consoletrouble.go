package center

import (
	"errors"
	"net/http"

	"yizhan/center/store"
	"yizhan/ledger"
)

// errForm is refused, like what a role or an area does not reach; see role.go.
var errForm = errors.New("center: a form that none of our pages sends")

// troubles maps what the store and the rules answer to what a person is told: the
// texts center.trouble.WORD.what and .next.
var troubles = []struct {
	err    error
	word   string
	status int
}{
	{store.ErrLink, "link", http.StatusGone},
	{store.ErrSameOfficer, "same", http.StatusConflict},
	{store.ErrOwn, "own", http.StatusConflict},
	{store.ErrQuota, "quota", http.StatusConflict},
	{store.ErrFull, "full", http.StatusConflict},
	{store.ErrState, "state", http.StatusConflict},
	{store.ErrChanged, "state", http.StatusConflict},
	{store.ErrQuarantine, "state", http.StatusConflict},
	{store.ErrRestored, "restored", http.StatusConflict},
	{errJobs, "jobs", http.StatusServiceUnavailable},
	{store.ErrBusy, "busy", http.StatusServiceUnavailable},
	{store.ErrUnknown, "unknown", http.StatusNotFound},
	{store.ErrInput, "form", http.StatusBadRequest},
	{ledger.ErrEncoding, "form", http.StatusBadRequest},
	{errForm, "form", http.StatusBadRequest},
	{errPasskey, "passkey", http.StatusBadRequest},
}

// failed turns a handler's error into a page. What nobody foresaw leaves open
// whether a change was made, and the page says so.
func (c *console) failed(a *ask, err error) {
	if refused, ok := c.refused(a, err); ok {
		c.Log.Info("console: refused", "path", pathOf(a.Request), "officer", a.officer.Name, "why", err)
		c.trouble(a, refused, http.StatusForbidden)
		return
	}
	for _, known := range troubles {
		if errors.Is(err, known.err) {
			c.Log.Info("console: refused", "path", pathOf(a.Request), "officer", a.officer.Name, "why", err)
			c.trouble(a, troublePage{Word: known.word}, known.status)
			return
		}
	}
	c.Log.Error("console: a page failed", "path", pathOf(a.Request), "officer", a.officer.Name, "error", err)
	word := "broken"
	if a.Method == http.MethodPost {
		word = "unsure"
	}
	c.trouble(a, troublePage{Word: word}, http.StatusInternalServerError)
}

// gone tells whether somebody or something is just not there any more.
func gone(err error) bool { return errors.Is(err, store.ErrUnknown) }

// troublePage is what the page of a trouble shows.
type troublePage struct {
	Word string
	Back string
	// Of a refusal: as what or where the officer may act, what was wanted, and who can.
	Role, What, Who string
}

// refused is what somebody is told whose role or area does not reach.
func (c *console) refused(a *ask, err error) (p troublePage, ok bool) {
	if power, ok := errors.AsType[errPower](err); ok {
		p = troublePage{Word: "power", Role: c.text(a, "center.role."+string(a.officer.Role)), What: c.text(a, "center.power."+string(power.power))}
		for _, role := range having(power.power) {
			if p.Who != "" {
				p.Who += c.text(a, "center.list_comma")
			}
			p.Who += c.text(a, "center.role."+string(role))
		}
		return p, true
	}
	if _, ok := errors.AsType[errArea](err); ok {
		root, err := c.Store.Root(a.Context())
		if err != nil {
			c.Log.Error("console: a refusal lacks a name", "error", err)
		}
		return troublePage{Word: "area", Role: a.area.Name, Who: root.Name}, true
	}
	return p, false
}

func (c *console) trouble(a *ask, p troublePage, status int) {
	back := "/"
	if a.Method == http.MethodPost && a.officer.Name != "" {
		back = ownPath(a.URL.Path) // the page of the form, where there is one
	}
	if a.officer.Name == "" {
		back = "/signin"
	}
	p.Back = back
	err := c.show(a, page{word: "trouble", data: p, code: status})
	if err != nil {
		c.Log.Error("console: the page of a trouble failed", "error", err)
		http.Error(a.w, "中心出了问题，请稍后再试。 Something is wrong at the center. Please try again later.", http.StatusInternalServerError)
	}
}

// nowhere answers paths that are no page.
func (c *console) nowhere(a *ask) error {
	if dest := a.Header.Get("Sec-Fetch-Dest"); dest != "" && dest != "document" && dest != "iframe" {
		http.NotFound(a.w, a.Request)
		return nil
	}
	c.trouble(a, troublePage{Word: "unknown"}, http.StatusNotFound)
	return nil
}
