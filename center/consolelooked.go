package center

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"

	"yizhan/assets"
	"yizhan/civic/sheet"
)

// listed is what becomes of one row of a list that is looked at before it is written.
type listed struct {
	Row  int
	Word string // new, changed, same, or why it is refused
}

// What becomes of a row that is not refused.
const (
	listedNew     = "new"
	listedChanged = "changed"
	listedSame    = "same"
)

func (l listed) fate() string { return l.Word }

// Refused tells whether the row is not taken.
func (l listed) Refused() bool {
	return l.Word != listedNew && l.Word != listedChanged && l.Word != listedSame
}

// listedRow is a row of such a list.
type listedRow interface {
	fate() string
	Refused() bool
}

// lookedList is a list that somebody has sent, and what it would do before it does.
type lookedList[R listedRow] struct {
	Word     string       // the page's
	Here     string       // its address
	Up       string       // where it leads back to
	Error    *sheet.Error // the file is no list
	Large    bool         // it has more rows than a list of its kind may have
	File     string
	Rows     []R               // every row that could be read
	Rejected []sheet.Rejection // the first ones
	List     string            // those of Rows that would be written, for the form that confirms
	Done     bool              // it was done: what Rows says is what became of them
	English  bool
}

// of tells whether a row has a fate; refused is that of all that are not taken.
func (l lookedList[R]) of(r R, word string) bool {
	return r.fate() == word || word == "refused" && r.Refused()
}

// Count is how many rows have a fate.
func (l lookedList[R]) Count(word string) (n int) {
	for _, r := range l.Rows {
		n += count(l.of(r, word))
	}
	if word == "refused" {
		n += len(l.Rejected)
	}
	return n
}

// ToWrite is how many rows would be written.
func (l lookedList[R]) ToWrite() int { return l.Count(listedNew) + l.Count(listedChanged) }

// Shown are the first rows of a fate.
func (l lookedList[R]) Shown(word string) (rows []R) {
	for _, r := range l.Rows {
		if l.of(r, word) && len(rows) < shownRows {
			rows = append(rows, r)
		}
	}
	return rows
}

// Fates are those whose rows are shown before they are written.
func (l lookedList[R]) Fates() []string {
	if l.Done {
		return nil
	}
	return []string{listedNew, listedChanged}
}

// Why is what is wrong with a row of the file.
func (l lookedList[R]) Why(r sheet.Rejection) string {
	if l.English {
		return r.ReasonEN
	}
	return r.Reason
}

// carry puts the rows that would be written into List.
func (l *lookedList[R]) carry() error {
	text, err := json.Marshal(slices.DeleteFunc(slices.Clone(l.Rows), func(r R) bool { return r.fate() != listedNew && r.fate() != listedChanged }))
	l.List = string(text)
	return err
}

// listKind is what one kind of list does with its rows.
type listKind[R listedRow] struct {
	most int    // rows that one may have
	done string // where it leads once all of it is taken
	// read reads the rows of a file that can be read, and tells of those that cannot.
	read func(ctx context.Context, path string, row func(R) error, rejected func(sheet.Rejection) error) error
	plan func() error         // finds what each of the page's rows would do
	take func(rows []R) error // writes rows that were looked at; one that cannot be written says why
}

// takeList looks at the list that somebody sends, and takes one that was looked at. The
// page p holds the list l.
func takeList[R listedRow](c *console, a *ask, p any, l *lookedList[R], kind listKind[R]) error {
	if err := a.ParseMultipartForm(maxFormBytes); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return errors.Join(errForm, err)
	}
	l.English = a.lang == assets.English
	shown := page{word: l.Word, data: p}
	if text := a.PostFormValue("list"); text != "" {
		if err := json.Unmarshal([]byte(text), &l.Rows); err != nil || len(l.Rows) > kind.most {
			return errForm
		}
		if err := kind.take(l.Rows); err != nil {
			return err
		}
		if l.Done = true; l.Count("refused") == 0 {
			a.redirect(kind.done)
			return nil
		}
		return c.show(a, shown)
	}
	var err error
	l.File, l.Error, err = c.listFile(a, func(path string) error { return l.read(a.Context(), path, kind) })
	switch {
	case l.Error != nil || l.Large:
		l.Rows, l.Rejected, shown.code = nil, nil, http.StatusUnprocessableEntity
	case err == nil:
		if err = kind.plan(); err == nil {
			err = l.carry()
		}
	}
	if err != nil {
		return err
	}
	return c.show(a, shown)
}

// read reads a file up to the most rows that a list of its kind may have.
func (l *lookedList[R]) read(ctx context.Context, path string, kind listKind[R]) error {
	errFull := errors.New("full")
	err := kind.read(ctx, path, func(r R) error {
		if len(l.Rows) == kind.most {
			return errFull
		}
		l.Rows = append(l.Rows, r)
		return nil
	}, func(r sheet.Rejection) error {
		if len(l.Rejected) < shownRows {
			l.Rejected = append(l.Rejected, r)
		}
		return nil
	})
	if errors.Is(err, errFull) {
		l.Large, err = true, nil
	}
	return err
}

// listFile keeps the list that was sent for as long as it is read. A file that is no
// list is told, and is no error of ours.
func (c *console) listFile(a *ask, read func(path string) error) (name string, refused *sheet.Error, err error) {
	file, header, err := a.FormFile("file")
	if err != nil {
		missing := c.text(a, "center.placelist.no_file")
		return "", &sheet.Error{Code: sheet.RefusedEmpty, Message: missing, MessageEN: missing}, nil
	}
	defer file.Close()
	folder, err := os.MkdirTemp("", "yizhan-list-")
	if err != nil {
		return "", nil, err
	}
	defer os.RemoveAll(folder)
	name = plainText(filepath.Base(header.Filename))
	path := filepath.Join(folder, "list"+filepath.Ext(filepath.Base(header.Filename)))
	if err = keepFile(path, file); err == nil {
		err = read(path)
	}
	if refused, ok := errors.AsType[*sheet.Error](err); ok {
		return name, refused, nil
	}
	return name, nil, err
}

// keepFile writes what was sent to a new file.
func keepFile(path string, from io.Reader) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, from)
	return errors.Join(err, file.Close())
}
