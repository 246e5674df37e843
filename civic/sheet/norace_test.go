//go:build !race

package sheet

// raceDetector tells that the tests run with the race detector.
const raceDetector = false

// usualRows takes a second to read.
const usualRows = 20_000
