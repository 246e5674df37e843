package kiosk

import (
	"io"
	"log/slog"
	"testing"

	"yizhan/assets"
)

// Pages are parsed when they are first shown. That each of them can be is shown here.
func TestEveryPageParses(t *testing.T) {
	p, err := newPane(Screen{}, slog.New(slog.NewTextHandler(io.Discard, nil)), (&Server{}).functions)
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range assets.Langs {
		if err := p.pages[lang].Check(); err != nil {
			t.Errorf("%s: %v", lang, err)
		}
	}
}
