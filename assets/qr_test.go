package assets

import "testing"

func TestQRPath(t *testing.T) {
	if got, want := QRPath([][]bool{{true, true, false, true}, {false, false, false, false}, {false, true}}), "M0 0h2v1H0zM3 0h1v1H3zM1 2h1v1H1z"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
