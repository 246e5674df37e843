package assets_test

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// What a picture may be made of: shapes and how they are painted. Nothing here
// can run, load or link anything, or show words that no one would translate.
var (
	shapes = []string{"svg", "g", "path", "circle", "ellipse", "rect"}
	paints = []string{
		"xmlns", "viewBox", "preserveAspectRatio", "transform", "opacity", "fill", "stroke", "stroke-width",
		"stroke-linecap", "stroke-linejoin", "stroke-dasharray", "d", "x", "y", "width", "height", "cx", "cy", "r", "rx", "ry",
	}
	plainValue = regexp.MustCompile(`^[-#., \w()]*$`)
	plainName  = regexp.MustCompile(`^[a-z][a-z0-9-]*\.svg$`)
)

// folders are those with pictures: each has one grid and a size that a slow box
// can read at once.
var folders = []struct {
	name     string
	viewBox  string // "" where each picture has its own
	maxBytes int
	count    int
}{
	{"goods", "0 0 120 120", 1600, 60},
	{"icons", "0 0 24 24", 800, 58},
	{"art", "", 20_000, 7},
}

// checkPicture says what is wrong with a picture, and returns its view box.
func checkPicture(picture []byte) (viewBox string, err error) {
	decoder := xml.NewDecoder(bytes.NewReader(picture))
	drawn := 0
	for depth := 0; ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if (depth == 0) != (t.Name.Local == "svg") || depth == 0 && viewBox != "" {
				return "", fmt.Errorf("<%s> at depth %d", t.Name.Local, depth)
			}
			depth++
			if err := checkElement(t); err != nil {
				return "", err
			}
			for _, a := range t.Attr {
				if a.Name.Local == "viewBox" {
					viewBox = a.Value
				}
			}
			if t.Name.Local != "svg" && t.Name.Local != "g" {
				drawn++
			}
		case xml.EndElement:
			depth--
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return "", fmt.Errorf("words: %q", t)
			}
		default:
			return "", fmt.Errorf("unexpected %T", t)
		}
	}
	if viewBox == "" || drawn == 0 {
		return "", errors.New("no view box, or nothing drawn")
	}
	return viewBox, nil
}

func checkElement(element xml.StartElement) error {
	const svg = "http://www.w3.org/2000/svg"
	if element.Name.Space != svg || !slices.Contains(shapes, element.Name.Local) {
		return fmt.Errorf("<%s> is no shape", element.Name.Local)
	}
	for _, a := range element.Attr {
		if a.Name.Space != "" || !slices.Contains(paints, a.Name.Local) {
			return fmt.Errorf("attribute %s of <%s>", a.Name.Local, element.Name.Local)
		}
		if a.Name.Local != "xmlns" && (!plainValue.MatchString(a.Value) || strings.Contains(a.Value, "url(")) {
			return fmt.Errorf("value of %s: %q", a.Name.Local, a.Value)
		}
	}
	return nil
}

func TestPicturesAreTidy(t *testing.T) {
	for _, folder := range folders {
		t.Run(folder.name, func(t *testing.T) {
			entries, err := os.ReadDir(folder.name)
			if err != nil {
				t.Fatal(err)
			}
			if len(entries) < folder.count {
				t.Errorf("%d pictures, want %d or more", len(entries), folder.count)
			}
			sameAs := make(map[string]string)
			for _, entry := range entries {
				picture, err := os.ReadFile(filepath.Join(folder.name, entry.Name()))
				if err != nil {
					t.Fatal(err)
				}
				viewBox, err := checkPicture(picture)
				if err != nil {
					t.Errorf("%s: %v", entry.Name(), err)
				}
				if folder.viewBox != "" && viewBox != folder.viewBox {
					t.Errorf("%s: view box %q, want %q", entry.Name(), viewBox, folder.viewBox)
				}
				if len(picture) > folder.maxBytes {
					t.Errorf("%s: %d bytes, at most %d", entry.Name(), len(picture), folder.maxBytes)
				}
				if !plainName.MatchString(entry.Name()) {
					t.Errorf("%s: not a plain name", entry.Name())
				}
				if other := sameAs[string(picture)]; other != "" {
					t.Errorf("%s is the same picture as %s", entry.Name(), other)
				}
				sameAs[string(picture)] = entry.Name()
			}
		})
	}
}

// The check itself refuses what would be dangerous in a page.
func TestUntidyPicturesAreRefused(t *testing.T) {
	const open, end = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">`, `</svg>`
	if _, err := checkPicture([]byte(open + `<path d="M1 1h2"/>` + end)); err != nil {
		t.Fatalf("a plain path is refused: %v", err)
	}
	for _, bad := range []string{
		open + end,
		open + `<path d="M1 1"/>`,
		open + `<path d="M1 1"/>` + end + open + `<path d="M1 1"/>` + end,
		open + `<script>1</script>` + end,
		open + `<style>*{}</style><path d="M1 1"/>` + end,
		open + `<foreignObject/><path d="M1 1"/>` + end,
		open + `<a href="x"><path d="M1 1"/></a>` + end,
		open + `<path d="M1 1" onclick="x"/>` + end,
		open + `<path d="M1 1" style="fill:red"/>` + end,
		open + `<path d="M1 1" fill="url(#a)"/>` + end,
		open + `<path xmlns:x="http://www.w3.org/1999/xlink" x:href="x"/>` + end,
		open + `<path d="M1 1"/>words` + end,
		`<?xml version="1.0"?>` + open + `<path d="M1 1"/>` + end,
		`<!DOCTYPE svg>` + open + `<path d="M1 1"/>` + end,
	} {
		if _, err := checkPicture([]byte(bad)); err == nil {
			t.Errorf("not refused: %s", bad)
		}
	}
}

// sampleColumns is the header of sample/goods.csv, in the words of an office.
var sampleColumns = []string{"编码", "名称", "英文名", "规格", "单位", "分类", "积分", "库存", "每人限兑", "图片", "捐赠方", "保质期"}

func TestSampleGoods(t *testing.T) {
	file, err := os.Open("sample/goods.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 61 || !slices.Equal(rows[0], sampleColumns) {
		t.Fatalf("%d rows below %q, want 60 below %q", len(rows)-1, rows[0], sampleColumns)
	}
	seen := make(map[string]bool)
	categories := make(map[string]bool)
	soldOut := 0
	for _, row := range rows[1:] {
		code, picture := row[0], row[9]
		if err := checkGood(row); err != nil {
			t.Errorf("%s %s: %v", code, row[1], err)
		}
		for _, unique := range []string{code, row[1], row[2], picture} {
			if seen[unique] {
				t.Errorf("%s: a second %q", code, unique)
			}
			seen[unique] = true
		}
		categories[row[5]] = true
		if row[7] == "0" {
			soldOut++
		}
	}
	// Four tabs fit beside "all"; two goods show what a sold-out card looks like.
	if len(categories) > 4 || soldOut != 2 {
		t.Errorf("%d categories, %d goods sold out", len(categories), soldOut)
	}
}

// checkGood says what is wrong with a row of the sample.
func checkGood(row []string) error {
	if name := utf8.RuneCountInString(row[1]); name < 2 || name > 6 {
		return fmt.Errorf("a card has room for 6 characters, not %d", name)
	}
	if len(row[2]) == 0 || len(row[2]) > 18 {
		return fmt.Errorf("English name %q", row[2])
	}
	if row[3] == "" || utf8.RuneCountInString(row[4]) != 1 || row[5] == "" {
		return fmt.Errorf("size %q, unit %q, category %q", row[3], row[4], row[5])
	}
	for _, number := range []struct{ column, low, high int }{{6, 20, 3800}, {7, 0, 40}, {8, 1, 2}} {
		n, err := strconv.Atoi(row[number.column])
		if err != nil || n < number.low || n > number.high {
			return fmt.Errorf("%s %q", sampleColumns[number.column], row[number.column])
		}
	}
	if _, err := os.Stat(filepath.Join("goods", row[9]+".svg")); err != nil {
		return fmt.Errorf("no picture: %w", err)
	}
	if _, err := time.Parse(time.DateOnly, row[11]); row[11] != "" && err != nil {
		return fmt.Errorf("best before: %w", err)
	}
	return nil
}

// A sound is short and quiet, begins and ends in silence, and says what it should:
// done rises, attention is low.
func TestSounds(t *testing.T) {
	const rate = 22050
	pcm := make(map[string][]int16)
	for _, name := range []string{"tick", "done", "attention"} {
		file, err := os.ReadFile(filepath.Join("sounds", name+".wav"))
		if err != nil {
			t.Fatal(err)
		}
		if len(file) > 12<<10 {
			t.Errorf("%s: %d bytes", name, len(file))
		}
		want := "RIFF....WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x22\x56\x00\x00\x44\xac\x00\x00\x02\x00\x10\x00data"
		for i := range len(want) {
			if want[i] != '.' && file[i] != want[i] {
				t.Fatalf("%s: byte %d of the header is %#x, want %#x", name, i, file[i], want[i])
			}
		}
		if size := int(binary.LittleEndian.Uint32(file[40:])); size != len(file)-44 {
			t.Fatalf("%s: %d bytes of sound in the header, %d in the file", name, size, len(file)-44)
		}
		samples := make([]int16, (len(file)-44)/2)
		if err := binary.Read(bytes.NewReader(file[44:]), binary.LittleEndian, samples); err != nil {
			t.Fatal(err)
		}
		pcm[name] = samples
		loudest := max(slices.Max(samples), -slices.Min(samples))
		if loudest < 1000 || loudest > 12000 {
			t.Errorf("%s: loudest sample %d", name, loudest)
		}
		if first, last := samples[0], samples[len(samples)-1]; max(first, -first, last, -last) > 50 {
			t.Errorf("%s clicks: begins with %d, ends with %d", name, first, last)
		}
	}
	done := pcm["done"]
	first, second := pitch(done[:rate/10], rate), pitch(done[rate*3/20:], rate)
	if attention := pitch(pcm["attention"], rate); second <= first || attention >= first {
		t.Errorf("done goes from %d to %d Hz, attention is at %d Hz", first, second, attention)
	}
}

// pitch counts how often a sound swings through zero upwards, in Hz.
func pitch(samples []int16, rate int) int {
	swings := 0
	for i := 1; i < len(samples); i++ {
		if samples[i-1] < 0 && samples[i] >= 0 {
			swings++
		}
	}
	return swings * rate / len(samples)
}
