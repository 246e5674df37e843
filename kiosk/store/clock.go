package store

import (
	"crypto/sha256"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"yizhan/ledger"
)

// SystemClock is the clock of the machine.
type SystemClock struct{ boot [8]byte }

// NewSystemClock reads the name that the kernel gave to this start.
func NewSystemClock() SystemClock {
	// Without the file every start is the same one; nothing but the reading of
	// old entries depends on it.
	id, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	sum := sha256.Sum256(id)
	return SystemClock{boot: [8]byte(sum[:8])}
}

// Now reads the clocks.
func (c SystemClock) Now() Instant {
	now := Instant{WallMS: time.Now().UnixMilli(), Boot: c.boot}
	var mono unix.Timespec
	if unix.ClockGettime(unix.CLOCK_BOOTTIME, &mono) == nil {
		now.MonoMS = mono.Nano() / 1e6
	}
	var kernel unix.Timex // reads only, because Modes is 0
	if state, err := unix.Adjtimex(&kernel); err == nil && state != unix.TIME_ERROR && kernel.Status&unix.STA_UNSYNC == 0 {
		now.Quality = ledger.ClockSynced
	}
	return now
}
