package issuer

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // a picture may be in any of these formats
	_ "image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	_ "golang.org/x/image/webp"

	"yizhan/civic"
	"yizhan/civic/sheet"
)

// picture is a picture of the folder that goes into the next bundle. It is read
// again when the bundle is written.
type picture struct {
	name string // made of the content, so that another picture has another name
	path string
}

// gallery is a folder of pictures, by file name without extension, in lower case.
type gallery struct {
	files map[string]string // path
	bad   map[string]error  // why a file was not taken, by path
}

// ErrPicture means that a file is no picture that a kiosk shows.
var ErrPicture = errors.New("issuer: not a PNG, JPEG or WebP picture of at most 256 KiB and 4 megapixels")

func openGallery(dir string) (*gallery, error) {
	g := &gallery{files: map[string]string{}, bad: map[string]error{}}
	if dir == "" {
		return g, nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("reading the pictures: %w", err)
	}
	defer d.Close()
	entries, err := d.ReadDir(maxPictureFiles + 1)
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("reading the pictures: %w", err)
	}
	if len(entries) > maxPictureFiles {
		return nil, fmt.Errorf("reading the pictures: more than %d files in %s", maxPictureFiles, dir)
	}
	slices.SortFunc(entries, func(a, b os.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	for _, e := range entries {
		if key := pictureKey(e.Name()); e.Type().IsRegular() && g.files[key] == "" {
			g.files[key] = filepath.Join(dir, e.Name())
		}
	}
	return g, nil
}

func pictureKey(name string) string {
	name = filepath.Base(name)
	return strings.ToLower(strings.TrimSuffix(name, filepath.Ext(name)))
}

// choosePicture finds the picture of a good: a file named as the list says, as
// the code or as the name; else one that every kiosk has; else the one before.
func (r *run) choosePicture(i sheet.Item, old civic.Good, g *gallery, file *File) string {
	for _, key := range []string{pictureKey(i.Picture), strings.ToLower(i.Code), strings.ToLower(i.Name)} {
		path := g.files[key]
		if key == "" || key == "." || path == "" {
			continue
		}
		p, err := readPicture(path)
		if err != nil {
			if g.bad[path] == nil {
				g.bad[path] = err
				file.notice(i.Sheet, "picture_bad", "图片“"+filepath.Base(path)+"”不能用：只收 256 KB 以内的 PNG、JPEG 或 WebP，不收 SVG", err.Error())
			}
			continue
		}
		name := pictureName(p.Data)
		if !r.register.pictures[name] && !slices.ContainsFunc(r.pictures, func(q picture) bool { return q.name == name }) {
			r.pictures = append(r.pictures, picture{name: name, path: path})
			slices.SortFunc(r.pictures, func(a, b picture) int { return cmp.Compare(a.name, b.name) })
		}
		return name
	}
	if key := pictureKey(i.Picture); i.Picture != "" {
		if r.BuiltIn != nil && r.BuiltIn(key) {
			return key
		}
		file.notice(i.Sheet, "picture_missing", "“"+i.Name+"”的图片“"+i.Picture+"”没有找到", "picture "+i.Picture+" was not found")
	}
	return old.Picture
}

// readPicture reads one file. An SVG is refused because it can carry script.
func readPicture(path string) (civic.Picture, error) {
	f, err := os.Open(path)
	if err != nil {
		return civic.Picture{}, fmt.Errorf("reading a picture: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, civic.MaxPictureBytes+1))
	if err != nil {
		return civic.Picture{}, fmt.Errorf("reading a picture: %w", err)
	}
	p, err := checkPicture(b)
	if err != nil {
		err = fmt.Errorf("%w: %s", err, filepath.Base(path))
	}
	return p, err
}

// checkPicture tells what picture the bytes say that they are.
func checkPicture(b []byte) (civic.Picture, error) {
	config, format, err := image.DecodeConfig(bytes.NewReader(b))
	pixels := int64(config.Width) * int64(config.Height)
	if err != nil || len(b) > civic.MaxPictureBytes || pixels < 1 || pixels > maxPicturePixels || !slices.Contains([]string{"png", "jpeg", "webp"}, format) {
		return civic.Picture{}, ErrPicture
	}
	return civic.Picture{Type: "image/" + format, Data: b}, nil
}

// Picture is the picture in a file that somebody sends, under its name. It is
// decoded to its end, and answers ErrPicture when kiosks would not show it.
func Picture(b []byte) (civic.Picture, error) {
	p, err := checkPicture(b)
	if err != nil {
		return p, err
	}
	if _, _, err := image.Decode(bytes.NewReader(b)); err != nil {
		return civic.Picture{}, fmt.Errorf("%w: %w", ErrPicture, err)
	}
	p.Name = pictureName(b)
	return p, nil
}

func pictureName(data []byte) string {
	sum := sha256.Sum256(data)
	return "p-" + hex.EncodeToString(sum[:8])
}

// load reads the picture for the bundle. A file that changed meanwhile is an error.
func (p picture) load(serial uint64) (civic.Picture, error) {
	doc, err := readPicture(p.path)
	if err != nil {
		return doc, err
	}
	if doc.Name, doc.Version = pictureName(doc.Data), serial; doc.Name != p.name {
		return doc, fmt.Errorf("reading a picture: %s changed while the bundle was made", p.path)
	}
	return doc, nil
}

func (f *File) notice(where, code, zh, en string) {
	f.Notices = append(f.Notices, sheet.Notice{Sheet: where, Code: code, Text: zh, TextEN: en})
}

// noticeOnce is notice for what would be said of every row.
func (f *File) noticeOnce(where, code, zh, en string) {
	if !slices.ContainsFunc(f.Notices, func(n sheet.Notice) bool { return n.Code == code && n.Sheet == where }) {
		f.notice(where, code, zh, en)
	}
}
