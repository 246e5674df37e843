package assets

import (
	"fmt"
	"strings"
)

// QRPath draws the dark modules of a QR code as the path of an SVG whose unit is
// one module, a rectangle for each run of a row.
func QRPath(modules [][]bool) string {
	var path strings.Builder
	for y, row := range modules {
		for x := 0; x < len(row); x++ {
			run := x
			for run < len(row) && row[run] {
				run++
			}
			if run > x {
				fmt.Fprintf(&path, "M%d %dh%dv1H%dz", x, y, run-x, x)
				x = run
			}
		}
	}
	return path.String()
}
