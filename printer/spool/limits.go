package spool

import "time"

// Limits of what is waited for and of what can grow.
const (
	// poll is how often the printer is looked at while nothing wakes the spool, and
	// so how soon held jobs are printed after it has recovered.
	poll = 2 * time.Second
	// batch bounds the jobs that are looked at in one round.
	batch = 256
	// noteBytes bounds a note.
	noteBytes = 200

	// statusWait is for the answer to DLE EOT, which comes at once when the line
	// does not carry a slip at the moment; it is asked twice.
	statusWait = 400 * time.Millisecond
	// fenceWait is for an ordered answer of a printer that has nothing to print.
	fenceWait = 3 * time.Second
	// quiet is how long nothing may be heard after an answer without an id, before
	// it is believed to be an answer and not noise.
	quiet = 150 * time.Millisecond
	// watch is how often the printer's state is asked for while its paper is waited for.
	watch = time.Second

	// The time that a slip takes on paper, beyond its bytes on the line.
	lineTime = 100 * time.Millisecond // for each line
	slipTime = 3 * time.Second        // for each slip
	// fenceGrace is added to it before silence counts.
	fenceGrace = 15 * time.Second

	// heardAnswers bounds the answers that nobody has asked for yet.
	heardAnswers = 64
	// heardBytes is read from the line at once.
	heardBytes = 64
)
