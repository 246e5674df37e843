package store

import (
	"errors"
	"time"

	"yizhan/kiosk/store/journal"
)

// unlocked runs f until no other process holds the journal, for as long as
// bbolt waits for its own lock: a process that was just killed, or one that is
// about to start a program, may hold it a moment longer.
func unlocked(f func() error) error {
	const pause = 20 * time.Millisecond
	for waited := time.Duration(0); ; waited += pause {
		err := f()
		if !errors.Is(err, journal.ErrLocked) || waited >= openTimeout {
			return err
		}
		time.Sleep(pause)
	}
}
