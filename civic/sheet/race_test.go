//go:build race

package sheet

// raceDetector tells that the tests run with the race detector.
const raceDetector = true

// usualRows is few: nothing is judged by them, and reading takes ten times as long.
const usualRows = 2_000
