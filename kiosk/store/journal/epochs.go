package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// Epochs lists the epochs that have segments in a folder, the earliest first. A
// kiosk that has lost its book learns from it which epoch was the last. Disk
// may be nil: the machine's.
func Epochs(disk FS, dir string) ([]uint32, error) {
	if disk == nil {
		disk = Disk{}
	}
	names, err := disk.List(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listing the journal: %w", err)
	}
	var found []uint32
	for _, name := range names {
		if epoch, _, ok := parseSegmentName(name); ok {
			found = append(found, epoch)
		}
		// While a rewrite is being swapped in, its folder speaks for its epoch.
		state, rest, _ := strings.Cut(name, "-")
		number, _, _ := strings.Cut(rest, "-")
		if epoch, err := strconv.ParseUint(number, 10, 32); err == nil && (state == "rewrite" || state == "ready") {
			found = append(found, uint32(epoch))
		}
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}
