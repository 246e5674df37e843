package sheet

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"yizhan/civic/sheet/sheettest"
)

// zipFile makes a zip file of parts.
func zipFile(t testing.TB, parts map[string]string) string {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for name, content := range parts {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return write(t, "parts.xlsx", buf.String())
}

// bookParts are the parts of the smallest workbook, with one sheet.
func bookParts(sheet string) map[string]string {
	return map[string]string{
		"_rels/.rels":                `<Relationships><Relationship Id="a" Type="x/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<workbook><sheets><sheet name="S" r:id="s"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="s" Type="x/worksheet" Target="s.xml"/><Relationship Id="t" Type="x/sharedStrings" Target="t.xml"/></Relationships>`,
		"xl/s.xml":                   sheet,
	}
}

func inlineRows(rows ...string) string {
	return `<worksheet><sheetData>` + strings.Join(rows, "") + `</sheetData></worksheet>`
}

const headerXML = `<row r="1"><c t="inlineStr"><is><t>姓名</t></is></c><c t="inlineStr"><is><t>编号</t></is></c></row>`

// refusalOf reads a file and gives the code of its refusal.
func refusalOf(t *testing.T, path string) *Error {
	t.Helper()
	_, _, _, err := roster(t, path)
	var refused *Error
	if !errors.As(err, &refused) {
		t.Fatalf("error = %v, want a refusal", err)
	}
	if refused.Message == "" || refused.Hint == "" || refused.MessageEN == "" || refused.HintEN == "" ||
		strings.Contains(refused.Message+refused.Hint+refused.MessageEN+refused.HintEN, "%!") {
		t.Errorf("texts of %+v", refused)
	}
	return refused
}

// TestRefusedFiles has the files that people hand in for spreadsheets.
func TestRefusedFiles(t *testing.T) {
	ole := "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + strings.Repeat("\x00", 1016)
	for _, tt := range []struct{ name, content, code string }{
		{"empty.csv", "", RefusedEmpty},
		{"blank.csv", "\xEF\xBB\xBF\r\n , ,\r\n", RefusedEmpty},
		{"a.pdf", "%PDF-1.7\n", RefusedNotSheet},
		{"a.xlsx", "\x89PNG\r\n", RefusedNotSheet},
		{"a.json", `{"name": "张三"}`, RefusedNotSheet},
		{"old.xls", ole + string(utf16Bytes("Workbook")), RefusedOldExcel},
		{"doc.xls", ole + string(utf16Bytes("WordDocument")), RefusedNotSheet},
		{"locked.xlsx", ole + strings.Repeat("\x00", 70<<10) + string(utf16Bytes("EncryptedPackage")), RefusedEncrypted},
		{"web.xls", "\xEF\xBB\xBF <html xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><table>", RefusedHTML},
		{"web2.xls", "<table border=1><tr><td>姓名</td>", RefusedHTML},
		{"mail.xls", "MIME-Version: 1.0\r\n", RefusedHTML},
		{"2003.xls", `<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook>`, RefusedXMLSheet},
		{"binary.csv", "姓名,编号\x00\x01\n", RefusedEncoding},
		{"utf16-without-mark.csv", string(utf16Bytes("name,number\n")), RefusedEncoding},
		{"noise.csv", "\xA0\xFF\xFE\x81\x20\xFF\x80\xFF\xFF\xFF\xFF,\xFF\xFF", RefusedEncoding},
		{"quote.csv", "姓名,编号\n\"张三,1\n李四,2\n", RefusedQuote},
		{"long-quote.csv", "姓名,编号\n\"张三,1\n" + strings.Repeat("李四,2\n", 20_000), RefusedQuote},
		{"twice.csv", "姓名,编号,手机,联系电话\n张三,1,,\n", RefusedColumnTwice},
		{"noheader.csv", "张三,110105194912310021,13800138000\n", RefusedNoHeader},
		{"nearly.csv", "姓名,手机\n张三,13800138000\n", RefusedNoHeader},
		{"late.csv", strings.Repeat("说明\n", 20) + "姓名,编号\n张三,1\n", RefusedNoHeader},
		{"zip.xlsx", "PK\x03\x04 not really", RefusedDamaged},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if e := refusalOf(t, write(t, tt.name, tt.content)); e.Code != tt.code {
				t.Errorf("code = %s, want %s", e.Code, tt.code)
			}
		})
	}
	if e := refusalOf(t, filepath.Join(t.TempDir(), "none.csv")); e.Code != RefusedOpen || !errors.Is(e, os.ErrNotExist) {
		t.Errorf("missing file: %v", e)
	}
	if e := refusalOf(t, t.TempDir()); e.Code != RefusedOpen {
		t.Errorf("folder: %v", e)
	}
}

// TestHeaderRefusalSaysWhatItSaw, but shows nobody's numbers.
func TestHeaderRefusalSaysWhatItSaw(t *testing.T) {
	e := refusalOf(t, write(t, "a.csv", "名单,110105194912310021\n姓名,手机,职业\n张三,13800138000,\n"))
	if !strings.Contains(e.Message, "志愿者编号或证件号码") || !strings.Contains(e.Message, "姓名、手机、职业") {
		t.Error(e.Message)
	}
	e = refusalOf(t, write(t, "a.csv", "张三,110105194912310021,13800138000\n"))
	if anyCause.MatchString(e.Message) || !strings.Contains(e.Message, "张三") {
		t.Error(e.Message)
	}
}

func TestRefusedContainers(t *testing.T) {
	for name, tt := range map[string]struct {
		parts map[string]string
		code  string
	}{
		"ods":   {map[string]string{"mimetype": "x", "content.xml": "x"}, RefusedOpenDocument},
		"docx":  {map[string]string{"[Content_Types].xml": "x", "word/document.xml": "x"}, RefusedNotSheet},
		"xlsb":  {map[string]string{"xl/workbook.bin": "x"}, RefusedBinaryExcel},
		"other": {map[string]string{"readme.txt": "x"}, RefusedNotSheet},
	} {
		if e := refusalOf(t, zipFile(t, tt.parts)); e.Code != tt.code {
			t.Errorf("%s: %s, want %s", name, e.Code, tt.code)
		}
	}
	hidden := workbookFile(t, func(b *sheettest.Workbook) { b.Sheet("x", "hidden").Row(texts("姓名", "编号")...) })
	if e := refusalOf(t, hidden); e.Code != RefusedHidden {
		t.Errorf("hidden: %s", e.Code)
	}
	locked := filepath.Join(t.TempDir(), "locked.xlsx")
	if err := excelize.NewFile().SaveAs(locked, excelize.Options{Password: "123456"}); err != nil {
		t.Fatal(err)
	}
	if e := refusalOf(t, locked); e.Code != RefusedEncrypted {
		t.Errorf("locked: %s", e.Code)
	}
}

// TestDamagedSheets has XML that a sound program would never write.
func TestDamagedSheets(t *testing.T) {
	for name, sheet := range map[string]string{
		"document type":  `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>` + inlineRows(headerXML),
		"unknown entity": inlineRows(headerXML, `<row r="2"><c t="str"><v>&b;</v></c></row>`),
		"cut off":        strings.TrimSuffix(inlineRows(headerXML), "</sheetData></worksheet>"),
		"no rows":        `<worksheet></worksheet>`,
		"order":          inlineRows(headerXML, `<row r="9"></row><row r="5"></row>`),
		"row number":     inlineRows(headerXML, `<row r="1048577"></row>`),
		"row nonsense":   inlineRows(headerXML, `<row r="-1"></row>`),
		"reference":      inlineRows(headerXML, `<row r="2"><c r="AAAAA2"><v>1</v></c></row>`),
		"shared string":  inlineRows(headerXML, `<row r="2"><c t="s"><v>5</v></c></row>`),
		"encoding":       `<?xml version="1.0" encoding="GBK"?>` + inlineRows(headerXML),
		"merged":         strings.Replace(inlineRows(headerXML), "</worksheet>", `<mergeCells><mergeCell ref="B9:A1"/></mergeCells></worksheet>`, 1),
		"overlapping": strings.Replace(inlineRows(headerXML), "</worksheet>",
			`<mergeCells>`+strings.Repeat(`<mergeCell ref="A1:B9"/>`, 300)+`</mergeCells></worksheet>`, 1),
		"endless tag": inlineRows(headerXML, `<row r="2" x="`+strings.Repeat("x", maxTokenBytes)+`"></row>`),
		"ends":        `<worksheet></a></b>`,
	} {
		t.Run(name, func(t *testing.T) {
			if e := refusalOf(t, zipFile(t, bookParts(sheet))); e.Code != RefusedDamaged {
				t.Errorf("%v", e)
			}
		})
	}
	parts := bookParts("")
	delete(parts, "xl/s.xml")
	if e := refusalOf(t, zipFile(t, parts)); e.Code != RefusedDamaged {
		t.Errorf("missing part: %v", e)
	}
}

// lyingZip makes a zip file whose entry promises one size and unpacks to another.
func lyingZip(t *testing.T, parts map[string]string, name string, unpacked int, promised uint64) string {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for part, content := range parts {
		w, err := z.Create(part)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, content)
	}
	var packed bytes.Buffer
	f, _ := flate.NewWriter(&packed, flate.BestCompression)
	block := bytes.Repeat([]byte(" "), 1<<16)
	for n := 0; n < unpacked; n += len(block) {
		f.Write(block)
	}
	f.Close()
	w, err := z.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Deflate,
		CompressedSize64: uint64(packed.Len()), UncompressedSize64: promised})
	if err != nil {
		t.Fatal(err)
	}
	w.Write(packed.Bytes())
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return write(t, "bomb.xlsx", buf.String())
}

func TestBombs(t *testing.T) {
	parts := bookParts("")
	delete(parts, "xl/s.xml")
	honest := lyingZip(t, parts, "xl/s.xml", 32<<20, 32<<20)
	if e := refusalOf(t, honest); e.Code != RefusedBomb {
		t.Errorf("honest bomb: %v", e)
	}
	liar := lyingZip(t, parts, "xl/s.xml", 32<<20, 1<<20)
	if e := refusalOf(t, liar); e.Code != RefusedDamaged && e.Code != RefusedBomb {
		t.Errorf("lying bomb: %v", e)
	}
	huge := lyingZip(t, parts, "xl/s.xml", 1<<16, 1<<40)
	if e := refusalOf(t, huge); e.Code != RefusedBomb {
		t.Errorf("huge promise: %v", e)
	}

	var many bytes.Buffer
	z := zip.NewWriter(&many)
	for i := range maxZipEntries + 1 {
		z.CreateHeader(&zip.FileHeader{Name: strings.Repeat("a", i%7) + string(rune('一'+i))})
	}
	z.Close()
	if e := refusalOf(t, write(t, "many.xlsx", many.String())); e.Code != RefusedBomb {
		t.Errorf("many entries: %v", e)
	}
}

// TestManyMoreEntriesThanMemory has a zip directory of a million entries, which the standard library would keep.
func TestManyMoreEntriesThanMemory(t *testing.T) {
	entry := append([]byte("PK\x01\x02"), make([]byte, 42)...)
	end := append([]byte("PK\x05\x06"), make([]byte, 18)...)
	const entries = 1 << 20
	size := entries * len(entry)
	end[8], end[10] = 1, 1
	end[12], end[13], end[14], end[15] = byte(size), byte(size>>8), byte(size>>16), byte(size>>24)
	content := "PK\x03\x04" + string(bytes.Repeat(entry, entries)) + string(end)
	end[16] = 4
	if e := refusalOf(t, write(t, "many.xlsx", content)); e.Code != RefusedBomb && e.Code != RefusedDamaged {
		t.Errorf("%v", e)
	}
}

func TestSharedStringBombs(t *testing.T) {
	parts := bookParts(inlineRows(headerXML))
	parts["xl/t.xml"] = `<sst>` + strings.Repeat(`<si><t>`+strings.Repeat("长", 1300)+`</t></si>`, 20_000) + `</sst>`
	if e := refusalOf(t, zipFile(t, parts)); e.Code != RefusedTooLarge && e.Code != RefusedBomb {
		t.Errorf("%v", e)
	}
	parts["xl/t.xml"] = `<sst>` + strings.Repeat(`<si/>`, maxSharedCount+1) + `</sst>`
	if e := refusalOf(t, zipFile(t, parts)); e.Code != RefusedTooLarge {
		t.Errorf("%v", e)
	}
}

func TestTooManyRows(t *testing.T) {
	path := write(t, "a.csv", "姓名,编号\n"+strings.Repeat("a,1\n", maxRows+1))
	if e := refusalOf(t, path); e.Code != RefusedTooManyRows {
		t.Errorf("%v", e)
	}
	path = write(t, "a.csv", "姓名,编号\n"+strings.Repeat("\n", maxLines))
	if e := refusalOf(t, path); e.Code != RefusedTooManyRows {
		t.Errorf("%v", e)
	}
	big := filepath.Join(t.TempDir(), "big.csv")
	f, err := os.Create(big)
	if err != nil {
		t.Fatal(err)
	}
	f.Truncate(maxFileBytes + 1)
	f.Close()
	if e := refusalOf(t, big); e.Code != RefusedTooLarge {
		t.Errorf("%v", e)
	}
}
