package store

import "golang.org/x/sys/unix"

// dropPages tells the kernel that the pages of the book which were touched so
// far need not stay with this process. They stay in the page cache; but a
// kiosk's resident memory should not carry the whole book because a bundle was
// loaded or bbolt looked for free pages. The transaction holds the mapping
// where it is meanwhile.
func (b *book) dropPages() {
	t, err := b.db.Begin(false)
	if err != nil {
		return
	}
	defer t.Rollback()
	// It is advice only, so the answer does not matter.
	_, _, _ = unix.Syscall(unix.SYS_MADVISE, b.db.Info().Data, uintptr(t.Size()), unix.MADV_DONTNEED)
}
