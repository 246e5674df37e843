package store

import "time"

// Limits of a kiosk's store.
const (
	maxQueue       = 256     // requests that wait for the writer
	maxGroup       = 128     // requests in one transaction
	keepKeys       = 20_000  // entries whose idempotency keys are known
	maxPage        = 500     // rows in one answer
	maxMonthScan   = 256     // entries of one person outside the month before the count of a month's pieces ends
	batchDocuments = 4_000   // documents loaded in one transaction,
	batchBytes     = 4 << 20 // or so many bytes of them
	chunkBytes     = 32 << 10
	maxSearch      = 200 // persons in one answer of a search
	maxQueryRunes  = 20
	maxCopies      = 99    // of one slip
	maxPrinterText = 300   // bytes of what is known of a printer
	maxFresh       = 4_096 // persons who changed before the search index is written anew
	maxEraBytes    = 40
	maxScopeBytes  = 64
	maxScopes      = 32 // whose cursors are kept
	maxReasonBytes = 40 // of a quarantine
	keepHeard      = 64 // of the center's words about check-ins, the latest
	maxObjections  = 40 // of one person that wait
	maxClaimDraws  = 64 // tries to draw a collection code that nobody waits with

	maxFindings = 20 // findings about one file that a report lists

	keepSnapshots = 4
	keepBundles   = 2
	keepSetAside  = 6                  // damaged files of each sort
	keepGuests    = 7 * 24 * time.Hour // documents that a card fetched, without points here
	sweepEvery    = time.Hour
	snapshotEvery = time.Hour
	tickEvery     = time.Second

	minFreeBytes = 32 << 20 // below it nothing is written
	mmapBytes    = 1 << 30  // address space for the book, so that it seldom has to be mapped again
	growBytes    = 1 << 20  // by which the file of the book grows
	fillOrdered  = 0.9      // of a page of rows that come in order
	keepMapped   = 12 << 20 // bytes of the book that may stay mapped into the process
	mmapBytes32  = 256 << 20
	openTimeout  = 5 * time.Second // for the lock of another process
)
