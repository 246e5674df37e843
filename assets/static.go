package assets

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

// StaticPrefix is the path under which a server mounts [Static].
const StaticPrefix = "/static/"

// types are the kinds of files that are served, and nothing else is.
var types = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
	".mp3": "audio/mpeg",
	".wav": "audio/wav",
	".ogg": "audio/ogg",
}

// Static serves files under /static/HASH/NAME, where HASH comes from the content.
// A page that names a file by URL therefore always gets the file it was written
// for, and the browser never has to ask again.
type Static struct {
	hashes map[string]string // name -> hash
	bodies map[string][]byte
}

// NewStatic takes in the embedded files that can be served, and extra ones made
// at the start, by name.
func NewStatic(extra map[string][]byte) (*Static, error) {
	s := &Static{hashes: make(map[string]string), bodies: make(map[string][]byte)}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || types[path.Ext(name)] == "" {
			return err
		}
		body, err := files.ReadFile(name)
		s.add(name, body)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading static files: %w", err)
	}
	for name, body := range extra {
		s.add(name, body)
	}
	return s, nil
}

func (s *Static) add(name string, body []byte) {
	sum := sha256.Sum256(body)
	s.hashes[name] = hex.EncodeToString(sum[:6])
	s.bodies[name] = body
}

// Has tells whether there is a file of that name.
func (s *Static) Has(name string) bool { return s.hashes[name] != "" }

// URL returns the path of a file, or "" when there is none of that name.
func (s *Static) URL(name string) string {
	hash := s.hashes[name]
	if hash == "" {
		return ""
	}
	return StaticPrefix + hash + "/" + name
}

// ServeHTTP serves the file that the request's path names, below StaticPrefix.
func (s *Static) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	hash, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, StaticPrefix), "/")
	if hash == "" || s.hashes[name] != hash {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", types[path.Ext(name)])
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(s.bodies[name]))
}
