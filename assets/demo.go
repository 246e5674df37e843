package assets

import (
	"fmt"
	"html/template"
)

// ParseDemo parses the page that shows a kiosk beside its printer's paper. It
// speaks both languages at once.
func ParseDemo(static *Static) (*template.Template, error) {
	t, err := template.New("demo.tmpl").Funcs(template.FuncMap{"asset": static.mustURL, "icon": Icon}).ParseFS(files, "demo/demo.tmpl")
	if err != nil {
		return nil, fmt.Errorf("parsing the demo page: %w", err)
	}
	return t, nil
}

// SampleGoods returns the goods list of the sample shop, a CSV file such as an
// office would keep.
func SampleGoods() ([]byte, error) { return files.ReadFile("sample/goods.csv") }
