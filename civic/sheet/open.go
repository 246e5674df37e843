package sheet

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
)

// open finds out what a file is, whatever its name says, and opens it as a book.
func open(ctx context.Context, path string) (book, traits, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, traits{}, refuse(RefusedOpen, err)
	}
	b, t, err := openFile(ctx, f)
	if err != nil {
		f.Close()
		return nil, traits{}, err
	}
	return b, t, nil
}

func openFile(ctx context.Context, f *os.File) (book, traits, error) {
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, traits{}, refuse(RefusedOpen, err)
	case !info.Mode().IsRegular():
		return nil, traits{}, refuse(RefusedOpen, errors.New("not a regular file"))
	case info.Size() == 0:
		return nil, traits{}, refuse(RefusedEmpty, nil)
	case info.Size() > maxFileBytes:
		return nil, traits{}, refuse(RefusedTooLarge, nil, "128 MiB")
	}
	start := make([]byte, 4096)
	n, err := f.ReadAt(start, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, traits{}, refuse(RefusedOpen, err)
	}
	switch start = start[:n]; {
	case bytes.HasPrefix(start, []byte("PK\x03\x04")), bytes.HasPrefix(start, []byte("PK\x05\x06")):
		return openWorkbook(ctx, f, info.Size())
	case bytes.HasPrefix(start, []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")):
		return nil, traits{}, refuseCompound(f)
	}
	if err := refuseOther(start); err != nil {
		return nil, traits{}, err
	}
	return openText(ctx, f)
}

// refuseCompound tells apart the files in Microsoft's compound format by the names in their directory, which are in UTF-16.
func refuseCompound(f *os.File) error {
	has := map[string]bool{}
	names := []string{"EncryptedPackage", "WordDocument", "PowerPoint Document"}
	window := make([]byte, 0, 64<<10)
	for {
		n, err := f.Read(window[len(window):cap(window)])
		window = window[:len(window)+n]
		for _, name := range names {
			has[name] = has[name] || bytes.Contains(window, utf16Bytes(name))
		}
		if err != nil {
			break
		}
		keep := min(len(window), 64)
		window = append(window[:0], window[len(window)-keep:]...)
	}
	switch {
	case has["EncryptedPackage"]:
		return refuse(RefusedEncrypted, nil)
	case has["WordDocument"]:
		return refuse(RefusedNotSheet, nil, "Word")
	case has["PowerPoint Document"]:
		return refuse(RefusedNotSheet, nil, "PowerPoint")
	}
	return refuse(RefusedOldExcel, nil)
}

func utf16Bytes(ascii string) []byte {
	b := make([]byte, 0, 2*len(ascii))
	for i := range len(ascii) {
		b = append(b, ascii[i], 0)
	}
	return b
}

// refuseOther knows the beginnings of files that are no tables.
func refuseOther(start []byte) error {
	for magic, name := range map[string]string{
		"%PDF-": "PDF", "{\\rtf": "RTF", "\x89PNG": "PNG", "\xFF\xD8\xFF": "JPEG", "GIF8": "GIF", "Rar!": "RAR",
		"7z\xBC\xAF": "7-Zip", "\x1F\x8B": "gzip", "SQLite format 3": "SQLite", "\x7FELF": "ELF",
	} {
		if bytes.HasPrefix(start, []byte(magic)) {
			return refuse(RefusedNotSheet, nil, name)
		}
	}
	text := strings.ToLower(strings.TrimLeft(string(start), "\uFEFF \t\r\n"))
	switch {
	case strings.HasPrefix(text, "<?xml") && strings.Contains(text, "excel.sheet"),
		strings.HasPrefix(text, "<?xml") && strings.Contains(text, "office:spreadsheet"):
		return refuse(RefusedXMLSheet, nil)
	case strings.HasPrefix(text, "<html"), strings.HasPrefix(text, "<!doctype html"), strings.HasPrefix(text, "<table"),
		strings.HasPrefix(text, "<meta"), strings.HasPrefix(text, "<head"), strings.HasPrefix(text, "<style"),
		strings.HasPrefix(text, "mime-version:"):
		return refuse(RefusedHTML, nil)
	case strings.HasPrefix(text, "<?xml"), strings.HasPrefix(text, "<svg"):
		return refuse(RefusedNotSheet, nil, "XML")
	case strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[{"):
		return refuse(RefusedNotSheet, nil, "JSON")
	}
	return nil
}
