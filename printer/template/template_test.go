package template_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"yizhan/printer"
	"yizhan/printer/sim"
	"yizhan/printer/template"
)

// fields are those of a small receipt.
var fields = template.Fields{{Name: "station"}, {Name: "number", Must: template.Ends}, {Name: "copy", Must: template.Ends}, {Name: "person"},
	{Name: "cost", Must: template.Once}, {Name: "lot.day"}, {Name: "lot.points"}, {Name: "good.name"}, {Name: "counter"}, {Name: "shelf"}, {Name: "code", Must: template.QR}}

// whole is a template of all that may not be lost, with body in the middle.
func whole(body string) string {
	return "{number}\n{copy}\n" + body + "\n{cost}\n[qr] {code}\n{number}\n{copy}\n"
}

// free is fields without the rules.
func free() (f template.Fields) {
	for _, one := range fields {
		f = append(f, template.Field{Name: one.Name})
	}
	return f
}

var values = template.Values{
	Text: map[string]string{"station": "石桥村益栈", "number": "SQ-1", "person": "张*伟", "cost": "280", "code": "YZ1:AB"},
	List: map[string][]map[string]string{"lot": {{"day": "2026", "points": "200"}, {"day": "2027", "points": "80"}}},
}

// prints returns what the paper of a template says.
func prints(t *testing.T, text string, fields template.Fields, v template.Values) string {
	t.Helper()
	one, err := template.Parse(text, fields)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	slip, err := one.Render(v)
	if err != nil {
		t.Fatal(err)
	}
	return onPaper(t, slip)
}

func onPaper(t *testing.T, slip printer.Slip) string {
	t.Helper()
	stream, err := printer.Encode(slip, printer.Profile58)
	if err != nil {
		t.Fatal(err)
	}
	var papers []sim.Paper
	sim.New(sim.Options{Profile: printer.Profile58, OnPaper: func(p sim.Paper) { papers = append(papers, p) }}).Write(stream)
	if len(papers) != 1 || len(papers[0].Mistakes) > 0 {
		t.Fatalf("%d papers: %v", len(papers), papers)
	}
	return papers[0].Text()
}

func TestWhatALineBecomes(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"大米", "大米"},
		{"  {person}，您好", "  张*伟，您好"},
		{"# note", ""},
		{"a\n\nb", "a\n\nb"},
		{"a\r\n[feed 2]\r\nb", "a\n\n\nb"},
		{"---", strings.Repeat("─", 16)},
		{"[ 如有 cost ] =====", strings.Repeat("━", 16)},
		{"单号|{number}", "单号                        SQ-1"},
		{"大米 | ×1 | 280", "大米                 ×1     280"},
		{"[居中 大字] 益栈", "            益栈"},
		{"[CENTER] ab", "               ab"},
		{"[靠右] ab", "                              ab"},
		{"{counter}", ""},
		{"{person}{counter}", "张*伟"},
		{"[if shelf] 自取", ""},
		{"[if person 加粗] 自取", "自取"},
		{"[if {lot}] 用了", "用了"},
		{"[if good] 用了", ""},
		{"{lot.day} | {lot.points}", "2026                         200\n2027                          80"},
		{"{lot.day}\n  {lot.points}\n-\n{lot.day}", "2026\n  200\n2027\n  80\n-\n2026\n2027"},
		{"{lot.day}{station}", "2026石桥村益栈\n2027石桥村益栈"},
		{"{good.name}", ""},
		{`\{person\} \| \[a\] \\ \# \- \=`, `{person} | [a] \ # - =`},
		{`\[a]`, "[a]"},
		{`\---`, "---"},
		{"{ person }", "张*伟"},
		{"[qr]  YIZHAN TEST ", "\n[QR YIZHAN TEST]"},
	} {
		if got := prints(t, test.text, free(), values); got != test.want {
			t.Errorf("%q prints %q, want %q", test.text, got, test.want)
		}
	}
}

// The template that the package's comment shows is one.
func TestTheExampleOfTheComment(t *testing.T) {
	source, err := os.ReadFile("template.go")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(source), "This is a whole template:\n//\n")
	example, _, found := strings.Cut(after, "\n//\n// # Lines")
	if !found {
		t.Fatal("the comment has no example")
	}
	var text strings.Builder
	for line := range strings.Lines(example) {
		text.WriteString(strings.TrimPrefix(strings.TrimPrefix(line, "//"), "\t"))
	}
	named := append(slices.Clone(fields), template.Field{Name: "good"}, template.Field{Name: "pieces"})
	if got := prints(t, text.String(), named, values); !strings.Contains(got, "  2027到期                  80分\n\n\n[QR YZ1:AB]") {
		t.Errorf("the example prints\n%s", got)
	}
}

// What a person is called stays a name, whatever it looks like.
func TestValuesAreNoMarkup(t *testing.T) {
	for _, name := range []string{"[big] {number}", "a | b", "---", "# hidden", `\{`, "[qr] X", "{lot.day}"} {
		v := values
		v.Text = map[string]string{"person": name, "number": "7"}
		for _, text := range []string{"{person}", "[if person] {person}"} {
			if got := prints(t, text, free(), v); got != name {
				t.Errorf("%q is printed as %q", name, got)
			}
		}
	}
}

func TestMistakesAreToldWhereTheyAre(t *testing.T) {
	for _, test := range []struct {
		text, code   string
		line, column int
		data         string
	}{
		{"好\n a {clam}", template.FieldUnknown, 2, 4, "clam"},
		{"[if clam] a", template.FieldUnknown, 1, 5, "{station} {number} "},
		{"a {person", template.BraceOpen, 1, 3, ""},
		{"a {person {cost}", template.BraceOpen, 1, 3, ""},
		{"a } b", template.BraceClose, 1, 3, ""},
		{"单号｛number｝", template.BraceWide, 1, 3, "｛"},
		{"[居中 大字", template.MarkOpen, 1, 1, ""},
		{"[居中 红色] a", template.MarkUnknown, 1, 5, "红色"},
		{"[3] a", template.MarkUnknown, 1, 2, "3"},
		{"[居中 靠右] a", template.MarkTwice, 1, 5, "靠右"},
		{"[bold 加粗] a", template.MarkTwice, 1, 7, "加粗"},
		{"[qr feed] a", template.MarkTwice, 1, 5, "feed"},
		{"[居中] a | b", template.MarkPlace, 1, 2, "居中"},
		{"[bold] ---", template.MarkPlace, 1, 2, "bold"},
		{"[qr] ---", template.MarkPlace, 1, 2, "qr"},
		{"[big qr] A", template.MarkPlace, 1, 2, "big"},
		{"[bold]  ", template.MarkAlone, 1, 1, ""},
		{"[if ] a", template.IfAlone, 1, 5, ""},
		{"[feed 21]", template.FeedNumber, 1, 7, "20"},
		{"[feed 0]", template.FeedNumber, 1, 7, "20"},
		{"[feed 2] a", template.FeedText, 1, 10, ""},
		{"a|b|c|d|e|f", template.Columns, 1, 10, "5"},
		{"[qr] 益栈", template.QRText, 1, 6, ""},
		{"[qr] a | b", template.QRText, 1, 6, ""},
		{`a\b`, template.Escape, 1, 2, ""},
		{`a\`, template.Escape, 1, 2, ""},
		{"a\x1bb", template.BadCharacter, 1, 2, ""},
		{"# a\xffb", template.BadCharacter, 1, 4, ""},
		{"{lot.day} {good.name}", template.ListsMixed, 1, 11, "good"},
		{strings.Repeat("字", template.MaxCharacters+1), template.LineLong, 1, template.MaxCharacters + 1, "200"},
		{strings.Repeat("{cost}", template.MaxValues+1), template.ManyValues, 1, template.MaxValues*6 + 1, "4"},
		{strings.Repeat("\n", template.MaxLines+1), template.TooManyLines, template.MaxLines + 1, 0, "120"},
		{strings.Repeat("字", template.MaxBytes), template.TooLong, 0, 0, "4096"},
		{strings.Repeat("{lot.day}\n", template.MaxListLines+1), template.ManyItems, template.MaxListLines + 1, 0, "4"},
	} {
		mistaken(t, test.text, free(), test.code, test.line, test.column, test.data)
	}
}

// mistaken fails unless the text has that one mistake.
func mistaken(t *testing.T, text string, fields template.Fields, code string, line, column int, data string) {
	t.Helper()
	_, err := template.Parse(text, fields)
	var wrong template.Errors
	if !errors.As(err, &wrong) || len(wrong) != 1 {
		t.Fatalf("%q: %v", text, err)
	}
	got := wrong[0]
	if got.Code != code || got.Line != line || got.Column != column || !strings.Contains(fmt.Sprint(got.Data), data) {
		t.Errorf("%.60q: %v, want %s at %d:%d with %q", text, got, code, line, column, data)
	}
	if !strings.Contains(wrong.Error(), code) {
		t.Errorf("the log says %q", wrong.Error())
	}
}

func TestWhatMayNotBeLost(t *testing.T) {
	if got := prints(t, whole("谢谢"), fields, values); got != "SQ-1\n谢谢\n280\n\n[QR YZ1:AB]\nSQ-1" {
		t.Errorf("an original prints %q", got)
	}
	far := strings.Repeat("a\n", template.HeadLines)
	for _, test := range []struct {
		name, text, code string
		line             int
		data             string
	}{
		{"no number", strings.ReplaceAll(whole(""), "{number}", "-"), template.MustOnce, 0, "number"},
		{"number only above", strings.Replace(whole(""), "\n{number}\n{copy}\n", "\n{copy}\n", 1), template.MustBottom, 4, "cost"},
		{"number too far down", far + whole(""), template.MustTop, template.HeadLines + 1, "number"},
		{"number on a condition", strings.Replace(whole(""), "{number}", "[if shelf] {number}", 2), template.MustOnce, 0, "number"},
		{"number in a list", strings.Replace(whole(""), "{number}", "{lot.day} {number}", 2), template.MustOnce, 0, "number"},
		{"something below", whole("") + "{person}", template.MustBottom, 8, "person"},
		{"something on a condition below", whole("") + "[if shelf] 自取", template.MustBottom, 8, "shelf"},
		{"no cost", strings.Replace(whole(""), "{cost}", "-", 1), template.MustOnce, 0, "cost"},
		{"no code", strings.Replace(whole(""), "[qr] {code}", "-", 1), template.MustQR, 0, "code"},
		{"code as text", strings.Replace(whole(""), "[qr] {code}", "{code}", 1), template.MustQR, 0, "code"},
		{"code with more in it", strings.Replace(whole(""), "[qr] {code}", "[qr] A{code}", 1), template.QRText, 5, "code"},
		{"somebody's name as code", strings.Replace(whole(""), "[qr] {code}", "[qr] {person}\n[qr] {code}", 1), template.QRText, 5, "code"},
		{"code on a condition", strings.Replace(whole(""), "[qr]", "[qr if shelf]", 1), template.MustQR, 0, "code"},
	} {
		_, err := template.Parse(test.text, fields)
		var wrong template.Errors
		if !errors.As(err, &wrong) {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if got := wrong[0]; got.Code != test.code || got.Line != test.line || !strings.Contains(fmt.Sprint(got.Data), test.data) {
			t.Errorf("%s: %v, want %s at line %d with %s", test.name, got, test.code, test.line, test.data)
		}
	}
	_, err := template.Parse("{number} {copy} {cost}\n[qr] {code}", fields)
	if wrong, _ := err.(template.Errors); len(wrong) != 2 || wrong[0].Code != template.MustBottom {
		t.Errorf("one line for both ends: %v", err)
	}
	if got := prints(t, whole("")+"[if copy] ---\n谢谢", fields, values); !strings.HasSuffix(got, "SQ-1\n谢谢") {
		t.Errorf("a greeting below: %q", got)
	}
}

func TestAFormIsReadStrictly(t *testing.T) {
	good := `{"fields":[{"name":"number","must":"ends"},{"name":"lot.day"}],"sample":{"en":{"text":{"number":"7"},"list":{"lot":[{"day":"x"}]}}},"cases":[{"name":"torn","text":{"en":{"number":""}}}]}`
	if form, err := template.ReadForm([]byte(good)); err != nil || len(form.Fields) != 2 || form.Sample["en"].List["lot"][0]["day"] != "x" {
		t.Errorf("%v, %v", form, err)
	}
	form, _ := template.ReadForm([]byte(good))
	for name, want := range map[string]string{"": "7", "torn": "", "other": "7"} {
		if v := form.Show("en", name); v.Text["number"] != want || len(v.List["lot"]) != 1 {
			t.Errorf("the case %q shows %v", name, v)
		}
	}
	for _, bad := range []string{"", "{", good + "1", strings.Replace(good, "ends", "always", 1), strings.Replace(good, `"number"`, `"Number"`, 1),
		strings.Replace(good, `{"number":"7"}`, `{"nummer":"7"}`, 1), strings.Replace(good, `"day":"x"`, `"dag":"x"`, 1), strings.Replace(good, "sample", "samples", 1),
		strings.Replace(good, `{"number":""}`, `{"nummer":""}`, 1),
		strings.Replace(good, `{"number":"7"}`, `{"lot.day":"7"}`, 1)} {
		if form, err := template.ReadForm([]byte(bad)); err == nil {
			t.Errorf("%s is read as %v", bad, form)
		}
	}
}

func TestValuesThatNobodyNamedAreAMistakeOfOurs(t *testing.T) {
	one, err := template.Parse(whole(""), fields)
	if err != nil {
		t.Fatal(err)
	}
	many := make([]map[string]string, template.MaxListItems+1)
	for _, v := range []template.Values{{Text: map[string]string{"nummer": "7"}}, {Text: map[string]string{"lot.day": "7"}},
		{List: map[string][]map[string]string{"lot": {{"dag": "7"}}}}, {List: map[string][]map[string]string{"lot": many}}} {
		if _, err := one.Render(v); err == nil {
			t.Errorf("%v is printed", v)
		}
	}
}

// Whatever is accepted prints, with short values and with the longest that documents
// allow, and what may not be lost is on the paper.
func FuzzParse(f *testing.F) {
	f.Add(whole("谢谢"))
	f.Add(whole("[if lot]\n  {lot.day}到期 | {lot.points}分\n{lot.day}"))
	for _, name := range []string{"receipt", "close", "test"} {
		b, err := os.ReadFile("../../assets/slip/zh-CN/" + name + ".slip")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b))
	}
	long := strings.Repeat("字", 800/3) // drawing rare characters takes its time
	longest := template.Values{Text: map[string]string{"station": long, "number": "SQ-1", "copy": "重打", "person": long, "cost": long, "counter": long, "shelf": long, "code": "YZ1:AB"}, List: map[string][]map[string]string{}}
	for range template.MaxListItems {
		longest.List["lot"] = append(longest.List["lot"], map[string]string{"day": long, "points": long})
	}
	f.Fuzz(func(t *testing.T, text string) {
		one, err := template.Parse(text, fields)
		if err != nil {
			wrong, ok := err.(template.Errors)
			if !ok || len(wrong) == 0 || len(wrong) > template.MaxErrors {
				t.Fatalf("%#v", err)
			}
			return
		}
		slip, err := one.Render(values)
		if err != nil {
			t.Fatal(err)
		}
		if paper := onPaper(t, slip); strings.Count(paper, "SQ-1") < 2 || !strings.Contains(paper, "[QR YZ1:AB]") {
			t.Errorf("%q loses what it must keep:\n%s", text, paper)
		}
		slip, err = one.Render(longest)
		if err == nil {
			_, err = printer.Encode(slip, printer.Profile58)
		}
		if err != nil {
			t.Errorf("%q with long values: %v", text, err)
		}
	})
}
