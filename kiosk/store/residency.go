package store

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// A book of 100,000 volunteers has some 100 MB. bbolt maps it, and every look-up
// leaves pages of it with the process: the kernel maps sixteen around each one
// that is touched. They could be taken back at any time, but they count as the
// kiosk's memory, and nobody takes them while there is room. So the store
// gives them back itself. They stay in the page cache.

// dropPages tells the kernel that the pages of the book need not stay with this
// process. The transaction holds the mapping where it is meanwhile.
func (b *book) dropPages() {
	t, err := b.db.Begin(false)
	if err != nil {
		return
	}
	defer t.Rollback()
	// It is advice only, so the answer does not matter.
	_, _, _ = unix.Syscall(unix.SYS_MADVISE, b.db.Info().Data, uintptr(t.Size()), unix.MADV_DONTNEED)
}

// mappedBytes is how much of mapped files is with this process now; 0 when the
// kernel does not say.
func mappedBytes() int64 {
	var size, resident, shared int64
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	if n, _ := fmt.Sscan(string(statm), &size, &resident, &shared); n != 3 {
		return 0
	}
	return shared * int64(os.Getpagesize())
}
