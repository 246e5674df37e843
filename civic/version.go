package civic

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Version is the number of all that goes between a kiosk and its center, by wire or by
// stick: the frames of package link, the entries of package ledger, the documents of
// this package, and the files that carry them. It is raised when a program of the number
// before could not read something that one of the new number writes: what was written
// under a lower number is read for ever.
//
//	1  points, goods, rights
//	2  check-in: shifts, attended, entries of the kinds 6, 7 and 15 to 18; what is put aside lapses
//	3  certificates of service at a kiosk: Certify, and entries of kind 19
const Version = 3

// ErrNewer means that a file was made by a newer program than this one. The file is
// good; this program is what has to change.
var ErrNewer = errors.New("civic: a newer program made this file")

// FormatOf is what a file of a kind calls itself when this program writes it.
func FormatOf(kind string) string { return fmt.Sprintf("%s-%d", kind, Version) }

// CanRead tells whether a file of a kind that calls itself so can be read: it answers
// nil, ErrNewer, or that it is no such file.
func CanRead(format, kind string) error {
	digits, ok := strings.CutPrefix(format, kind+"-")
	n, err := strconv.ParseUint(digits, 10, 16)
	switch {
	case !ok || err != nil || n == 0 || strconv.FormatUint(n, 10) != digits:
		return fmt.Errorf("%.40q is no %s", format, kind)
	case n > Version:
		return fmt.Errorf("%w: it says %s, and this program knows numbers up to %d", ErrNewer, format, Version)
	}
	return nil
}
