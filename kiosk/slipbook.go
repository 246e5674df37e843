package kiosk

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"sync"

	"yizhan/assets"
	"yizhan/printer"
	"yizhan/printer/template"
)

// SlipStore keeps the templates that staff changed, by name. Its methods are called
// one at a time.
type SlipStore interface {
	// Load returns a template, or an error that is fs.ErrNotExist for one that
	// nobody changed.
	Load(name string) (text string, err error)
	// Save keeps a template. It is durable when Save returns.
	Save(name, text string) error
	// Remove forgets a template, and does nothing when there is none.
	Remove(name string) error
}

// slipBook is the templates that slips are printed with, in the language of paper. A
// stored one that cannot be used is left where it is, and the built-in one prints.
type slipBook struct {
	store SlipStore
	lang  assets.Lang
	log   *slog.Logger

	mu    sync.Mutex
	slips map[string]slipKind
}

// slipKind is one kind of slip.
type slipKind struct {
	form    template.Form
	builtIn string
	stored  string // as staff changed it; "": they did not
	printed *template.Template
	broken  error // why stored is not what is printed
}

// text is what the page to edit begins with.
func (k slipKind) text() string { return or(k.stored, k.builtIn) }

// turn is which case of a slip is shown when one of that name is asked for, and which
// comes after it. After the last one comes the usual slip, "".
func (k slipKind) turn(name string) (shown, next string) {
	at := slices.IndexFunc(k.form.Cases, func(c template.Case) bool { return c.Name == name })
	if at >= 0 {
		shown = name
	}
	if at+1 < len(k.form.Cases) {
		next = k.form.Cases[at+1].Name
	}
	return shown, next
}

// state is how the template is: builtin, changed or broken.
func (k slipKind) state() string {
	switch {
	case k.broken != nil:
		return "broken"
	case k.stored != "":
		return "changed"
	}
	return "builtin"
}

// newSlipBook reads the built-in templates, in which a mistake is ours, and those that
// staff changed.
func newSlipBook(cfg Config) (*slipBook, error) {
	b := &slipBook{store: cfg.Slips, lang: cfg.Lang, log: cfg.Log, slips: make(map[string]slipKind)}
	for _, name := range assets.Slips {
		kind, err := builtInSlip(name, cfg.Lang)
		if err != nil {
			return nil, fmt.Errorf("slip %s: %w", name, err)
		}
		b.slips[name] = b.load(name, kind)
	}
	return b, nil
}

func builtInSlip(name string, lang assets.Lang) (k slipKind, err error) {
	form, err := assets.SlipForm(name)
	if err != nil {
		return k, err
	}
	if k.form, err = template.ReadForm(form); err != nil {
		return k, err
	}
	if k.builtIn, err = assets.Slip(name, lang); err != nil {
		return k, err
	}
	k.printed, err = template.Parse(k.builtIn, k.form.Fields)
	return k, err
}

// load adds what is stored of a slip.
func (b *slipBook) load(name string, k slipKind) slipKind {
	if b.store == nil {
		return k
	}
	text, err := b.store.Load(b.file(name))
	if errors.Is(err, fs.ErrNotExist) {
		return k
	}
	var printed *template.Template
	if err == nil {
		k.stored = text
		printed, err = template.Parse(text, k.form.Fields)
	}
	if err != nil {
		b.log.Error("a changed slip cannot be used, the built-in one is", "slip", name, "error", err)
		k.broken = err
		return k
	}
	k.printed = printed
	return k
}

// file is what a slip is called in the store: each language has its own.
func (b *slipBook) file(name string) string { return name + "." + string(b.lang) }

// kind returns a kind of slip as it is now.
func (b *slipBook) kind(name string) (slipKind, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	k, ok := b.slips[name]
	return k, ok
}

// render returns the slip of that name with values.
func (b *slipBook) render(name string, v template.Values) (printer.Slip, error) {
	k, _ := b.kind(name)
	slip, err := k.printed.Render(v)
	if err != nil {
		return nil, fmt.Errorf("slip %s: %w", name, err)
	}
	return slip, nil
}

// save makes a text the template of a slip, once it is durable. The error is
// template.Errors when the text is no template. The built-in text removes the
// stored one.
func (b *slipBook) save(name, text string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	k := b.slips[name]
	printed, err := template.Parse(text, k.form.Fields)
	if err != nil {
		return err
	}
	stored := text
	if text == k.builtIn {
		stored, err = "", b.store.Remove(b.file(name))
	} else {
		err = b.store.Save(b.file(name), text)
	}
	if err != nil {
		return fmt.Errorf("keeping slip %s: %w", name, err)
	}
	k.stored, k.printed, k.broken = stored, printed, nil
	b.slips[name] = k
	return nil
}
