package center

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/civic/issuer"
)

// gallery knows where the pictures of the goods of one place are shown.
type gallery struct {
	static *assets.Static
	at     map[string]string // the scope that a picture stands in, by name
}

// url finds a picture as kiosks do: one that came with the documents, one of those
// built in, or a parcel.
func (g gallery) url(name string) string {
	if scope := g.at[name]; scope != "" {
		return "/picture/" + url.PathEscape(scope) + "/" + url.PathEscape(name)
	}
	if drawn := g.static.URL("goods/" + name + ".svg"); drawn != "" {
		return drawn
	}
	return g.static.URL("icons/gift.svg")
}

// pictures is the gallery of a place, and the places above it.
func (c *console) pictures(a *ask, id string) (g gallery, above []string, err error) {
	chain, err := c.Store.Scopes(a.Context(), id)
	g = gallery{c.static, make(map[string]string)}
	for i := len(chain) - 1; i >= 0 && err == nil; i-- {
		var names []string
		names, err = c.Store.DocumentIDs(a.Context(), chain[i].ID, store.KindPicture)
		for _, name := range names {
			g.at[name] = chain[i].ID
		}
		if i > 0 {
			above = append(above, chain[i].ID)
		}
	}
	return g, above, err
}

// picture serves a picture of a good. Its name says what it contains, or comes from
// a list, so the browser asks each time whether it is the same.
func (c *console) picture(a *ask) error {
	name := a.PathValue("name")
	list, err := c.Store.Documents(a.Context(), a.PathValue("at"), store.KindPicture, []string{name})
	if err != nil {
		return err
	}
	if len(list) == 0 || list[0].Picture == nil {
		a.redirect(gallery{static: c.static}.url(name))
		return nil
	}
	p := list[0].Picture
	a.w.Header().Set("Content-Type", p.Type)
	a.w.Header().Set("Cache-Control", "private, no-cache")
	a.w.Header().Set("ETag", `"`+name+"-"+strconv.FormatUint(p.Version, 10)+`"`)
	http.ServeContent(a.w, a.Request, "", time.Time{}, bytes.NewReader(p.Data))
	return nil
}

// drawings are the pictures of goods that are built in, by name.
func drawings() []string {
	files, err := fs.Glob(assets.Files(), "goods/*.svg")
	if err != nil {
		return nil // the pattern is well formed
	}
	for i, file := range files {
		files[i] = strings.TrimSuffix(path.Base(file), ".svg")
	}
	slices.Sort(files)
	return files
}

// uploaded reads the picture that a form sends; nil when it sends none.
func uploaded(a *ask) (*civic.Picture, error) {
	file, header, err := a.FormFile("photo")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return nil, nil
	}
	if err != nil {
		return nil, errors.Join(issuer.ErrPicture, err)
	}
	defer file.Close()
	if header.Size == 0 {
		return nil, nil
	}
	if header.Size > civic.MaxPictureBytes {
		return nil, issuer.ErrPicture
	}
	data, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	p, err := issuer.Picture(data)
	return &p, err
}
