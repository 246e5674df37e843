package link

import (
	"time"

	"yizhan/civic"
)

// Protocol is the version of the conversation, which is that of the documents and
// entries in it. An end that speaks another one is refused.
const Protocol = civic.Version

// Limits of frames. A document may be as long as package civic lets it, and goes
// down in one frame; nothing that goes up is that long.
const (
	MaxFrameUp       = 256 << 10
	MaxFrameDown     = 640 << 10
	MaxDocumentBytes = 512 << 10
	MaxEntries       = 64        // in one frame
	MaxEntriesBytes  = 128 << 10 // of entries in one frame
	MaxDocuments     = 1000      // in one frame
	BatchBytes       = 256 << 10 // of documents in one frame, unless a single one is longer
	MaxScopes        = 32        // that one kiosk is subscribed to
	MaxScopeBytes    = 64
	MaxRights        = 200           // volunteers in one Rights frame
	MaxRightLots     = 4000          // lots in one Rights frame, unless one volunteer has more
	MaxLots          = civic.MaxLots // of one volunteer
	MaxElsewhere     = 64            // kiosks named in one Answer
	MaxPlaces        = 4             // where a good stands, in one Answer: what a screen asks at once
	maxTextBytes     = 400           // a reason's text
	maxCodeBytes     = 40            // a reason, a state, a version of a program, an era, an enrolment code
	maxInvitation    = 300
	maxEnrolBytes    = 4 << 10
	maxUntil         = 1 << 42 // Unix seconds
	maxLeast         = 1 << 20 // an epoch that a box may ask for: later ones must be left for the boxes after it
)

// Limits of a journal file.
const (
	MaxCourierEntries = 1 << 32
	maxCourierHeader  = 1 << 10
)

// Limits of what may be on the way without an answer.
const (
	MaxUnacked = 4 // Entries frames
	MaxCalls   = 8 // of one kiosk
	MaxRecalls = 16
	MaxOrders  = 8  // to one kiosk; as many releases
	outbox     = 64 // frames that wait to be written; more than all of the above together
)

// Times. They bound waiting and prove nothing.
const (
	HandshakeTime = 15 * time.Second
	WriteTime     = 15 * time.Second
	PingEvery     = 20 * time.Second
	SilenceTime   = 45 * time.Second // without a sign of life the connection is dead
	StatusEvery   = time.Minute
	CallTime      = 5 * time.Second // the longest a caller waits, whatever its context says
	RecallTime    = 800 * time.Millisecond
	OrderTime     = 1500 * time.Millisecond // for one answer to an Order; two of them, a recall and the way back are within CallTime
	FirstRetry    = time.Second
	LastRetry     = 5 * time.Minute
	lastWord      = time.Second // for a Refused to be written, and read, before a connection closes
	StableTime    = time.Minute // a session that lived this long starts the retries anew
)
