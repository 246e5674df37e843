package kiosk

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"yizhan/civic"
	"yizhan/printer/sim"
	"yizhan/printer/template"
)

// slipPicture draws a template with the values of a case of its kind, and returns the
// path of the picture.
func (o *office) slipPicture(kind slipKind, t *template.Template, name string) (string, error) {
	slip, err := t.Render(kind.form.Show(string(o.cfg.Lang), name))
	if err != nil {
		return "", err
	}
	paper, err := sim.Draw(slip, o.paper.profile())
	if err != nil {
		return "", fmt.Errorf("drawing a slip: %w", err)
	}
	var png bytes.Buffer
	if err := paper.PNG(&png); err != nil {
		return "", err
	}
	return picturePath(o.pictures.keep(png.Bytes())), nil
}

func picturePath(name string) string { return "/staff/slip-picture/" + name }

// showPicture serves what slipPicture drew.
func (o *office) showPicture(a *ask, _ civic.Staff) error {
	png := o.pictures.get(a.PathValue("picture"))
	if png == nil {
		http.NotFound(a.w, a.Request)
		return nil
	}
	a.w.Header().Set("Content-Type", "image/png")
	_, err := a.w.Write(png)
	if err != nil {
		o.cfg.Log.Debug("picture not taken", "error", err)
	}
	return nil
}

// pictures are the latest drawn slips, by what is in them. One page needs one.
type pictures struct {
	mu   sync.Mutex
	list []picture // the latest last
}

type picture struct {
	name string
	png  []byte
}

// keep takes in a picture and names it.
func (p *pictures) keep(png []byte) string {
	sum := sha256.Sum256(png)
	one := picture{hex.EncodeToString(sum[:8]), png}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.list = slices.DeleteFunc(p.list, func(old picture) bool { return old.name == one.name })
	p.list = append(p.list[max(0, len(p.list)-maxPictures+1):], one)
	return one.name
}

// get returns a picture; nil when it is gone.
func (p *pictures) get(name string) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, one := range p.list {
		if one.name == name {
			return one.png
		}
	}
	return nil
}

func (p *pictures) has(name string) bool { return p.get(name) != nil }
