package journal

import (
	"yizhan/kiosk/store/seal"
	"yizhan/ledger"
)

// Limits of a journal.
const (
	DefaultSegmentBytes = int64(4 << 20) // about 10,000 entries
	MinSegmentBytes     = int64(8 << 10)
	MaxSegmentBytes     = int64(64 << 20) // a segment is read into memory as a whole
	MaxStamp            = 32              // bytes of the stamp of a rewrite
)

// Sizes of the format.
const (
	headerBytes = 512 // a segment's header; frames begin after it
	frameAlign  = 64  // every frame begins at a multiple of this
	frameHeader = 24  // the bytes of a frame before its sealed part
	maxFrame    = (frameHeader + seal.Overhead + ledger.MaxEntryBytes + frameAlign - 1) / frameAlign * frameAlign
)
