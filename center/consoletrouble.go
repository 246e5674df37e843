package center

import (
	"errors"
	"net/http"

	"yizhan/center/store"
	"yizhan/ledger"
)

// What the console itself refuses.
var (
	errAuditor = errors.New("center: who only reads wants to change something")
	errForm    = errors.New("center: a form that none of our pages sends")
)

// troubles maps what the store and the rules answer to what a person is told: the
// texts center.trouble.WORD.what and .next.
var troubles = []struct {
	err    error
	word   string
	status int
}{
	{errAuditor, "auditor", http.StatusForbidden},
	{store.ErrLink, "link", http.StatusGone},
	{store.ErrSameOfficer, "same", http.StatusConflict},
	{store.ErrState, "state", http.StatusConflict},
	{store.ErrQuarantine, "state", http.StatusConflict},
	{store.ErrRestored, "restored", http.StatusConflict},
	{store.ErrBusy, "busy", http.StatusServiceUnavailable},
	{store.ErrUnknown, "unknown", http.StatusNotFound},
	{store.ErrInput, "form", http.StatusBadRequest},
	{ledger.ErrEncoding, "form", http.StatusBadRequest},
	{errForm, "form", http.StatusBadRequest},
}

// failed turns a handler's error into a page. What nobody foresaw leaves open
// whether a change was made, and the page says so.
func (c *console) failed(a *ask, err error) {
	for _, known := range troubles {
		if errors.Is(err, known.err) {
			c.Log.Info("console: refused", "path", pathOf(a.Request), "officer", a.officer.Name, "why", err)
			c.trouble(a, known.word, known.status)
			return
		}
	}
	c.Log.Error("console: a page failed", "path", pathOf(a.Request), "officer", a.officer.Name, "error", err)
	word := "broken"
	if a.Method == http.MethodPost {
		word = "unsure"
	}
	c.trouble(a, word, http.StatusInternalServerError)
}

// troublePage is what the page of a trouble shows.
type troublePage struct {
	Word string
	Back string
}

func (c *console) trouble(a *ask, word string, status int) {
	back := "/"
	if a.Method == http.MethodPost && a.officer.Name != "" {
		back = ownPath(a.URL.Path) // the page of the form, where there is one
	}
	if a.officer.Name == "" {
		back = "/signin"
	}
	err := c.show(a, page{word: "trouble", data: troublePage{word, back}, code: status})
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
	c.trouble(a, "unknown", http.StatusNotFound)
	return nil
}
