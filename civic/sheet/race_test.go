//go:build race

package sheet

// raceDetector tells that the tests run with the race detector.
const raceDetector = true
