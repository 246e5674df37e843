package issuer

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yizhan/civic"
)

func TestStockIsATotal(t *testing.T) {
	f := newOffice(t)
	f.goods("编码,物品名称,所需积分,库存", "G1,大米,280,12", "G2,盐,30,5", "G3,油,420,")
	f.make()
	f.goods("编码,物品名称,所需积分,库存", "G1,大米,280,20", "G2,盐,30,4", "G3,油,420,")
	result := f.make()
	want(t, result.Files[0], 0, 1, 1, 1)
	if codes(result.Files[0]) != CodeStockLess || result.Files[0].Left != 0 {
		t.Errorf("rejected %+v", result.Files[0])
	}
	b := f.bundle()
	if b.goods["G1"].Delivered != 20 || b.goods["G1"].Version != 2 || b.goods["G2"].Delivered != 5 || b.goods["G2"].Withdrawn || b.goods["G3"].Delivered != 0 {
		t.Errorf("goods %+v", b.goods)
	}
	f.goods("编码,物品名称,所需积分", "G1,大米,290") // no column of stock, a new price, and the others are gone
	result = f.make()
	want(t, result.Files[0], 0, 1, 0, 0)
	b = f.bundle()
	if b.goods["G1"].Delivered != 20 || b.goods["G1"].Price != 290 || !b.goods["G2"].Withdrawn || b.goods["G2"].Delivered != 5 || result.Files[0].Left != 2 {
		t.Errorf("goods %+v", b.goods)
	}
	f.goods("编码,物品名称,所需积分,库存", "G1,大米,290,20", "G2,盐,30,9") // offered again
	f.make()
	if g := f.bundle().goods["G2"]; g.Withdrawn || g.Delivered != 9 {
		t.Errorf("good %+v", g)
	}
}

func TestGoodsWithoutCodesKeepTheirs(t *testing.T) {
	f := newOffice(t)
	f.goods("物品名称,规格,所需积分,编码", "大米,5公斤,280,", "大米,10公斤,500,", "盐,,30,粮/01", "油,,400,A/1", "米线,,10,"+strings.Repeat("X", 30))
	f.make()
	first := f.bundle().goods
	if len(first) != 5 {
		t.Fatalf("goods %+v", first)
	}
	f.goods("物品名称,规格,所需积分,编码", "米线,,10,"+strings.Repeat("X", 30), "油,,400,A/1", "盐,,30,粮/01", "大米,10公斤,510,", "大米,5公斤,280,")
	want(t, f.make().Files[0], 0, 1, 4, 0)
	for code := range f.bundle().goods {
		if _, ok := first[code]; !ok {
			t.Errorf("code %s is new", code)
		}
	}
	f.goods("物品名称,规格,所需积分,编码", "大米,5公斤,280,R5", "大米,10公斤,510,") // one got a code of its own
	f.make()
	f.goods("物品名称,规格,所需积分,编码", "大米,5公斤,280,R5", "大米,5公斤,290,")
	if result := f.make(); codes(result.Files[0]) != CodeSameGood {
		t.Errorf("the same good with and without its code: %+v", result.Files[0])
	}
}

func draw(t testing.TB, width, height int) image.Image {
	t.Helper()
	m := image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.White, color.RGBA{200, 120, 30, 255}})
	for x := range width {
		m.SetColorIndex(x, x%height, 1)
	}
	return m
}

func (f *office) picture(name string, data []byte) {
	f.t.Helper()
	f.o.Pictures = filepath.Join(f.dir, "pictures")
	if err := os.MkdirAll(f.o.Pictures, 0o700); err != nil {
		f.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(f.o.Pictures, name), data, 0o600); err != nil {
		f.t.Fatal(err)
	}
}

func pngOf(t testing.TB, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, draw(t, width, height)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPictures(t *testing.T) {
	f := newOffice(t)
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, draw(t, 60, 40), nil); err != nil {
		t.Fatal(err)
	}
	f.picture("G1.png", pngOf(t, 30, 30))
	f.picture("食盐.jpg", photo.Bytes())
	f.picture("bottle.PNG", pngOf(t, 20, 20))
	f.o.BuiltIn = func(name string) bool { return name == "soap" }
	f.goods("编码,物品名称,所需积分,图片", "G1,大米,280,", "G2,食盐,30,", "G3,油,400,bottle.png", "G4,肥皂,40,soap", "G5,茶,60,nothing.png", "G6,伞,60,")
	result := f.make()
	want(t, result.Files[0], 6, 0, 0, 0)
	b := f.bundle()
	for code, wantType := range map[string]string{"G1": "image/png", "G2": "image/jpeg", "G3": "image/png"} {
		if p := b.pictures[b.goods[code].Picture]; p.Type != wantType || len(p.Data) == 0 {
			t.Errorf("picture of %s: %q %s", code, b.goods[code].Picture, p.Type)
		}
	}
	if b.goods["G4"].Picture != "soap" || b.goods["G5"].Picture != "" || len(b.pictures) != 3 {
		t.Errorf("goods %+v", b.goods)
	}
	if n := result.Files[0].Notices; len(n) == 0 || !strings.Contains(n[0].Text, "nothing.png") {
		t.Errorf("notices %+v", n)
	}
	want(t, f.make().Files[0], 0, 0, 6, 0)

	old := b.goods["G1"].Picture
	f.picture("G1.png", pngOf(t, 31, 30)) // a better photograph
	want(t, f.make().Files[0], 0, 1, 5, 0)
	b = f.bundle()
	if now := b.goods["G1"].Picture; now == old || b.pictures[now].Version != 2 || len(b.pictures) != 3 {
		t.Errorf("pictures %v", b.goods)
	}
	f.o.Pictures = "" // the folder is not at hand: the pictures stay
	f.goods("编码,物品名称,所需积分", "G1,大米,280", "G2,食盐,30", "G3,油,400", "G4,肥皂,40", "G5,茶,60", "G6,伞,60")
	want(t, f.make().Files[0], 0, 0, 6, 0)
}

func TestPicturesThatAreRefused(t *testing.T) {
	svg := `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`
	for name, data := range map[string][]byte{
		"svg":         []byte(svg),
		"too large":   append(pngOf(t, 10, 10), make([]byte, civic.MaxPictureBytes)...),
		"pixel bomb":  pngOf(t, 2100, 2100),
		"cut":         pngOf(t, 10, 10)[:20],
		"empty":       {},
		"a text file": []byte("hello"),
	} {
		if p, err := Picture(data); !errors.Is(err, ErrPicture) {
			t.Errorf("%s, sent by itself: %+v, %v", name, p, err)
		}
		f := newOffice(t)
		f.picture("G1.png", data)
		f.goods("编码,物品名称,所需积分", "G1,大米,280")
		result := f.make()
		want(t, result.Files[0], 1, 0, 0, 0)
		if b := f.bundle(); b.goods["G1"].Picture != "" || len(b.pictures) != 0 {
			t.Errorf("%s: was taken", name)
		}
		if n := result.Files[0].Notices; len(n) != 1 || n[0].Code != "picture_bad" {
			t.Errorf("%s: notices %+v", name, n)
		}
	}
}

// A picture that is sent by itself is decoded to its end, and called as one of a
// folder is.
func TestPictureByItself(t *testing.T) {
	whole := pngOf(t, 40, 40)
	p, err := Picture(whole)
	if err != nil || p.Type != "image/png" || !strings.HasPrefix(p.Name, "p-") || !bytes.Equal(p.Data, whole) {
		t.Errorf("%+v, %v", p, err)
	}
	if other, err := Picture(pngOf(t, 41, 40)); err != nil || other.Name == p.Name {
		t.Errorf("another picture is called %q: %v", other.Name, err)
	}
	if _, err := Picture(whole[:len(whole)-30]); !errors.Is(err, ErrPicture) {
		t.Errorf("its end is missing: %v", err)
	}
}

func TestPictureThatChangesMeanwhile(t *testing.T) {
	f := newOffice(t)
	f.picture("G1.png", pngOf(t, 10, 10))
	p := picture{name: "p-0000000000000000", path: filepath.Join(f.o.Pictures, "G1.png")}
	if _, err := p.load(1); err == nil {
		t.Error("another picture was taken for the one that was looked at")
	}
}
