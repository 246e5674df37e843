package sheet

import "os"

func openWorkbook(f *os.File, size int64) (book, traits, error) {
	return nil, traits{}, refuse(ErrDamaged, nil)
}
