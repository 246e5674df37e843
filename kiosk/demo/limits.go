package demo

import "time"

const (
	// maxPieces is how many pieces of paper are kept; older ones are gone.
	maxPieces = 30
	// maxWatchers is how many windows may watch at once.
	maxWatchers = 16
	// watchEvery is how often the paper of a window that watches is looked at.
	watchEvery = 150 * time.Millisecond
	// countyLooks is after how many looks at the paper one goes to the county.
	countyLooks = 5
)
