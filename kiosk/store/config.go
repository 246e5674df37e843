package store

import (
	"crypto/ed25519"
	"io"
	"log/slog"
	"time"

	"yizhan/kiosk/store/journal"
	"yizhan/ledger"
)

// Clock tells the time. The store never lets a time decide whether points may
// move; see Instant.
type Clock interface{ Now() Instant }

// Instant is one reading of a clock. WallMS (Unix milliseconds) is for people
// and for the rules of policy; order is an entry's seq.
type Instant struct {
	WallMS  int64
	MonoMS  int64   // milliseconds since the kernel started
	Boot    [8]byte // names that start
	Quality ledger.Quality
}

// Config says where a kiosk's store lies and hands in the world around it.
type Config struct {
	Dir          string            // data folder: key, book, snapshots, bundles and, unless told, the journal
	JournalDir   string            // folder of the journal; "": Dir/journal. It may be on another medium
	JournalLost  bool              // that medium is gone for good: Mend may write the journal anew on what is there now
	Kiosk        string            // see ledger.ValidKiosk
	Epoch        uint32            // of the kiosk's chain, as its center gave it; 0: a kiosk that stands alone, whose first bundle says it
	Issuer       ed25519.PublicKey // whose bundles are believed; nil: LoadOptions.Trust pins the first
	Program      string            // name and version of the program, for the journal's start entries
	Zone         *time.Location    // whose calendar months limits count in; nil: UTC+8
	Clock        Clock
	Random       io.Reader // safe for many goroutines, as crypto/rand.Reader is
	Log          *slog.Logger
	Tick         <-chan time.Time                        // drives snapshots and recovery, about once a second; nil: a ticker of the store's own
	JournalFS    journal.FS                              // the journal's disk; nil: the machine's
	FreeBytes    func(dir string) (bytes int64, _ error) // free space of the medium under dir; nil: statfs
	Fatal        func(error)                             // called once when the process must end: an fsync failed, or a damaged value was met
	SegmentBytes int64                                   // of the journal; 0: its default
}
