package sheet

import (
	"archive/zip"
	"errors"
	"io"
	"path"
	"strings"
)

// container is the zip file of a workbook. What its directory promises is checked before, what really comes out while reading.
type container struct {
	parts map[string]*zip.File
	left  int64 // bytes that may still be unpacked, of all parts together
}

var errBudget = errors.New("read budget spent")

// meteredReader lets a zip directory be read, but no monstrous one: the standard library keeps all of it.
type meteredReader struct {
	io.ReaderAt
	left int64
	free bool
}

func (m *meteredReader) ReadAt(p []byte, off int64) (int, error) {
	if !m.free {
		if m.left -= int64(len(p)); m.left < 0 {
			return 0, errBudget
		}
	}
	return m.ReaderAt.ReadAt(p, off)
}

func openContainer(f io.ReaderAt, size int64) (*container, error) {
	const searchForEnd = 1<<10 + 65<<10 // the standard library looks twice for the end record
	metered := &meteredReader{ReaderAt: f, left: searchForEnd + maxZipDirectoryBytes}
	z, err := zip.NewReader(metered, size)
	switch {
	case errors.Is(err, errBudget):
		return nil, refuse(RefusedBomb, err)
	case err != nil:
		return nil, refuse(RefusedDamaged, err)
	case len(z.File) > maxZipEntries:
		return nil, refuse(RefusedBomb, nil)
	}
	metered.free = true
	c := &container{parts: map[string]*zip.File{}, left: maxUnpackedBytes}
	for _, e := range z.File {
		name := partName(e.Name)
		if _, twice := c.parts[name]; twice {
			return nil, refuse(RefusedDamaged, errors.New("two parts of one name"))
		}
		c.parts[name] = e
	}
	return c, nil
}

// partName makes part names comparable: some programs write other capitals, back slashes or a leading slash.
func partName(name string) string {
	return strings.ToLower(strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(name, `\`, "/")), "/"))
}

func (c *container) has(name string) bool { return c.parts[partName(name)] != nil }

// part opens one part for reading within the limits.
func (c *container) part(name string) (io.ReadCloser, error) {
	e := c.parts[partName(name)]
	switch {
	case e == nil:
		return nil, refuse(RefusedDamaged, errors.New("missing part "+partName(name)))
	case e.UncompressedSize64 > uint64(c.left),
		e.UncompressedSize64 > freeRatioBytes && e.UncompressedSize64/maxRatio > e.CompressedSize64:
		return nil, refuse(RefusedBomb, nil)
	case e.Flags&1 != 0:
		return nil, refuse(RefusedEncrypted, nil)
	}
	r, err := e.Open()
	if err != nil {
		return nil, refuse(RefusedDamaged, err)
	}
	return &partReader{in: r, container: c, promised: int64(e.UncompressedSize64)}, nil
}

// partReader holds a part to the size that its directory entry promised, and all parts to their common limit.
type partReader struct {
	in        io.ReadCloser
	container *container
	promised  int64
}

func (r *partReader) Read(p []byte) (int, error) {
	n, err := r.in.Read(p)
	r.promised -= int64(n)
	r.container.left -= int64(n)
	if r.promised < 0 || r.container.left < 0 {
		return 0, refuse(RefusedBomb, nil)
	}
	return n, err
}

func (r *partReader) Close() error { return r.in.Close() }
