package enrol

import "time"

// Limits of what is kept and of how long and how often a center is asked.
const (
	maxFileBytes = 4 << 10
	pollEvery    = 3 * time.Second
	askTime      = 20 * time.Second // a look at the center's key and one question
)
