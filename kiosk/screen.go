package kiosk

import "fmt"

// The least height and width, in millimetres, that the layouts were drawn for: a
// 10.1 inch panel lying, a 21.5 inch panel standing. A window flatter or narrower
// than that makes everything smaller rather than cut something off.
const (
	lyingHeightMM, lyingWidthMM       = 136, 217
	standingHeightMM, standingWidthMM = 475, 267
)

// screenStyle is the style sheet that says how many pixels a millimetre is: the
// diagonal in pixels over the diagonal in millimetres.
func screenStyle(screen Screen) []byte {
	return fmt.Appendf(nil, `/* A screen of %[1]g inches. */
@layer tokens {
:root { --mm: min(hypot(100vw, 100vh) / %.1[2]f, 100vh / %[3]d, 100vw / %[4]d); }
@media (orientation: portrait) { :root { --mm: min(hypot(100vw, 100vh) / %.1[2]f, 100vh / %[5]d, 100vw / %[6]d); } }
}
`, screen.DiagonalInch, screen.DiagonalInch*25.4, lyingHeightMM, lyingWidthMM, standingHeightMM, standingWidthMM)
}
