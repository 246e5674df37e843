package center

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"yizhan/center/store"
	"yizhan/civic"
)

// sendPictures posts a folder of files, and shows the answer.
func (b *browser) sendPictures(path string, files ...any) *browser {
	b.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i < len(files); i += 2 {
		file, err := form.CreateFormFile("photos", files[i].(string))
		b.must(err)
		_, err = file.Write(files[i+1].([]byte))
		b.must(err)
	}
	b.must(form.Close())
	r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "http://127.0.0.1:8400"+path, &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.console().ServeHTTP(w, r)
	b.code, b.at, b.body, b.header = w.Code, path, w.Body.String(), w.Header()
	return b
}

func TestAFolderOfPicturesFindsItsGoods(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	b.get("/pictures/shiqiao").shows(200, "这里还没有物品")
	for _, code := range []string{"G001", "G002", "oil", "Tea", "tea"} {
		o.must(o.store.PutDocument(t.Context(), "shiqiao", civic.Document{Good: &civic.Good{Code: code, Name: "物品" + code, Unit: "件", Price: 10}}))
	}
	b.get("/pictures/shiqiao").shows(200, "G001.jpg", "一次最多 200 张")
	rice, oil, other := pngOf(t, 60), pngOf(t, 61), pngOf(t, 62)
	b.sendPictures("/pictures/shiqiao", "g001.PNG", rice, "oil.png", oil, "G001.png", other, "G002.jpg", []byte("not a picture"), "nobody.png", other, "TEA.png", other).
		shows(200, "6 个文件，换上 2 张", "换上了", "这个物品前面已经有一张", "不是能用的图片", "这里没有这个编码的物品")
	if strings.Count(b.body, "这里没有这个编码") != 2 {
		t.Error("a code that two goods have but for capitals finds one of them")
	}
	first, second := o.goodAt("shiqiao", "G001"), o.goodAt("shiqiao", "oil")
	if !strings.HasPrefix(first.Picture, "p-") || first.Price != 10 || second.Picture == first.Picture || o.goodAt("shiqiao", "G002").Picture != "" {
		t.Errorf("%+v, %+v", first, second)
	}
	if b.get("/picture/shiqiao/" + first.Picture); b.body != string(rice) {
		t.Error("another picture is shown")
	}
	b.sendPictures("/pictures/shiqiao", "G001.png", rice, `C:\pictures\oil.png`, other).shows(200, "2 个文件，换上 1 张", "本来就是这张")
	b.sendPictures("/pictures/shiqiao").shows(200, "没有选文件")
	b.get("/good/shiqiao/G001").shows(200, "修改物品 lin")
	b.sendPictures("/pictures/nowhere", "G001.png", rice).shows(404)
	o.bound("wang", store.RoleClerk, "qingxi").sendPictures("/pictures/center", "G001.png", rice).shows(403)
	many := make([]any, 0, 2*maxPictureFiles+2)
	for i := range maxPictureFiles + 1 {
		many = append(many, fmt.Sprintf("x%d.png", i), []byte{1})
	}
	b.sendPictures("/pictures/shiqiao", many...).shows(200, "后面的没有收", "200 个文件")
}
