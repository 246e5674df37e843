package center

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"path"
	"slices"
	"strings"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/civic/issuer"
)

// What becomes of a picture that is named by a good's code: center.pictures.fate.WORD.
const (
	pictureDone    = "done"
	pictureSame    = "same"    // the good shows it already
	pictureUnknown = "unknown" // no good here is called so
	pictureTwice   = "twice"   // another file of the same sending was for that good
	pictureBad     = "bad"     // no picture that kiosks show
	pictureChanged = "changed" // somebody else saved the good at that moment
)

// picturesPage is a form for many pictures of the goods of one place at once, and what
// became of each file.
type picturesPage struct {
	Place place
	Goods int
	Rows  []pictureRow
	Done  int
	Many  bool // more files came than are taken
	Whole bool // something was sent
}

// pictureRow is one file.
type pictureRow struct {
	File, Code, Title, Word string
	Picture                 string // URL
}

// Icon and Class are the shape and the colour of what became of it.
func (r pictureRow) Icon() string {
	return map[bool]string{true: "ok", false: "warn"}[r.Word == pictureDone || r.Word == pictureSame]
}

// Class is the colour of what became of it.
func (r pictureRow) Class() string {
	return map[bool]string{true: "is-ok", false: "is-warn"}[r.Word == pictureDone || r.Word == pictureSame]
}

func (c *console) picturesMany(a *ask) error {
	at, err := c.onePlace(a, a.PathValue("at"))
	if err != nil {
		return err
	}
	goods, err := c.Store.Goods(a.Context(), at.ID)
	if err != nil {
		return err
	}
	return c.show(a, page{word: "pictures", data: picturesPage{Place: at, Goods: len(goods)}})
}

// picturesNow takes each file for the good whose code it is called by. One that is not
// taken keeps none of the others back; the same sending again changes nothing.
func (c *console) picturesNow(a *ask) error {
	at, err := c.onePlace(a, a.PathValue("at"))
	if err != nil {
		return err
	}
	if err := a.ParseMultipartForm(maxFormBytes); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return errors.Join(errForm, err)
	}
	goods, err := c.Store.Goods(a.Context(), at.ID)
	if err != nil {
		return err
	}
	p := picturesPage{Place: at, Goods: len(goods), Whole: true}
	var files []*multipart.FileHeader
	if a.MultipartForm != nil {
		files = a.MultipartForm.File["photos"]
	}
	if p.Many = len(files) > maxPictureFiles; p.Many {
		files = files[:maxPictureFiles]
	}
	taken := make(map[string]bool)
	for _, file := range files {
		row, err := c.takePicture(a, at.ID, goods, taken, file)
		if err != nil {
			return err
		}
		p.Done += count(row.Word == pictureDone)
		p.Rows = append(p.Rows, row)
	}
	return c.show(a, page{word: "pictures", data: p})
}

// takePicture gives one file to its good.
func (c *console) takePicture(a *ask, at string, goods []civic.Good, taken map[string]bool, file *multipart.FileHeader) (pictureRow, error) {
	row := pictureRow{File: plainText(path.Base(strings.ReplaceAll(file.Filename, `\`, "/"))), Word: pictureUnknown}
	i := namedBy(goods, strings.TrimSuffix(row.File, path.Ext(row.File)))
	if i < 0 {
		return row, nil
	}
	g := goods[i]
	row.Code, row.Title = g.Code, goodTitle(a, g)
	if taken[g.Code] {
		row.Word = pictureTwice
		return row, nil
	}
	picture, err := readUpload(file)
	if errors.Is(err, issuer.ErrPicture) {
		row.Word = pictureBad
		return row, nil
	}
	if err != nil {
		return row, err
	}
	taken[g.Code], row.Picture = true, gallery{at: map[string]string{picture.Name: at}}.url(picture.Name)
	if g.Picture == picture.Name {
		row.Word = pictureSame
		return row, nil
	}
	g.Picture = picture.Name
	err = c.Store.PutGood(a.Context(), at, g.Version, g, &picture)
	switch {
	case errors.Is(err, store.ErrChanged):
		row.Word, row.Picture = pictureChanged, ""
		return row, nil
	case err == nil:
		row.Word = pictureDone
	}
	return row, err
}

// namedBy finds the good with a code, capitals or not: cameras and file systems change
// them. It answers -1 when there is none, or when two differ only in that.
func namedBy(goods []civic.Good, code string) int {
	if i := slices.IndexFunc(goods, func(g civic.Good) bool { return g.Code == code }); i >= 0 {
		return i
	}
	found := -1
	for i, g := range goods {
		if strings.EqualFold(g.Code, code) {
			if found >= 0 {
				return -1
			}
			found = i
		}
	}
	return found
}

// readUpload reads a picture that was sent.
func readUpload(header *multipart.FileHeader) (civic.Picture, error) {
	if header.Size > civic.MaxPictureBytes || header.Size == 0 {
		return civic.Picture{}, issuer.ErrPicture
	}
	file, err := header.Open()
	if err != nil {
		return civic.Picture{}, err
	}
	defer file.Close()
	data, err := io.ReadAll(file)
	if err != nil {
		return civic.Picture{}, err
	}
	return issuer.Picture(data)
}
