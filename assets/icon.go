package assets

import (
	"fmt"
	"html/template"
	"strings"
)

// iconOpen is how every icon file begins; the class replaces what it says about
// colour and line, because the styles decide that.
const iconOpen = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">`

// Icon returns an icon as inline SVG, hidden from screen readers: a word always
// stands beside it. Class is added to the icon's own class "i".
func Icon(name string, class ...string) (template.HTML, error) {
	b, err := files.ReadFile("icons/" + name + ".svg")
	if err != nil {
		return "", fmt.Errorf("no icon %q", name)
	}
	shape, ok := strings.CutPrefix(strings.TrimSpace(string(b)), iconOpen)
	if !ok {
		return "", fmt.Errorf("icon %q does not begin as icons do", name)
	}
	shape = strings.ReplaceAll(shape, `fill="currentColor" stroke="none"`, `class="b"`)
	classes := template.HTMLEscapeString(strings.Join(append([]string{"i"}, class...), " "))
	return template.HTML(`<svg class="` + classes + `" viewBox="0 0 24 24" aria-hidden="true">` + shape), nil
}
