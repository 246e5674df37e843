//go:build ignore

// Generate writes the kiosk's three sounds beside itself. Run it in this folder
// when a parameter changes, listen, and commit the files:
//
//	go run generate.go
//
// The files are WAV, 16 bit, mono, 22.05 kHz, at most 12 KB each. A sound never
// says anything that the screen does not, so all of them are short and quiet.
package main

import (
	"bytes"
	"encoding/binary"
	"log"
	"math"
	"os"
	"time"
)

const sampleRate = 22050 // Hz

// note is one tone of a sound. It swells and dies away like a struck bar of
// wood: a plain tone would sound like a machine that complains.
type note struct {
	hertz  float64
	start  time.Duration // since the beginning of the sound
	length time.Duration
	attack time.Duration // until the tone is at its loudest
	decay  time.Duration // until a third of that is left
	volume float64       // of full scale, 0..1
	bright float64       // share of the second and third overtone, 0..1
}

var sounds = map[string][]note{
	// A key has been taken.
	"tick.wav": {
		{hertz: 1175, length: 35 * time.Millisecond, attack: time.Millisecond, decay: 7 * time.Millisecond, volume: 0.18, bright: 0.3},
	},
	// Done: two rising notes, a fourth apart (A4, D5).
	"done.wav": {
		{hertz: 440, length: 200 * time.Millisecond, attack: 4 * time.Millisecond, decay: 60 * time.Millisecond, volume: 0.22, bright: 0.15},
		{hertz: 587.33, start: 110 * time.Millisecond, length: 165 * time.Millisecond, attack: 4 * time.Millisecond, decay: 60 * time.Millisecond, volume: 0.26, bright: 0.15},
	},
	// Attention: one low note (A3), as low as a small loudspeaker still gives.
	"attention.wav": {
		{hertz: 220, length: 275 * time.Millisecond, attack: 12 * time.Millisecond, decay: 110 * time.Millisecond, volume: 0.3, bright: 0.35},
	},
}

func main() {
	for name, notes := range sounds {
		if err := os.WriteFile(name, wav(mix(notes)), 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

// mix adds up the notes of a sound.
func mix(notes []note) []int16 {
	var end time.Duration
	for _, n := range notes {
		end = max(end, n.start+n.length)
	}
	sum := make([]float64, samples(end))
	for _, n := range notes {
		for i := range samples(n.length) {
			sum[samples(n.start)+i] += n.at(i)
		}
	}
	pcm := make([]int16, len(sum))
	for i, level := range sum {
		pcm[i] = int16(math.Round(level * math.MaxInt16))
	}
	return pcm
}

func samples(d time.Duration) int { return int(d.Seconds() * sampleRate) }

// at gives the level of the note at a sample, -1..1.
func (n note) at(sample int) float64 {
	seconds := float64(sample) / sampleRate
	phase := 2 * math.Pi * n.hertz * seconds
	tone := math.Sin(phase) + n.bright*(math.Sin(2*phase)+math.Sin(3*phase)/2)
	tone /= 1 + n.bright*1.5

	envelope := min(1, seconds/n.attack.Seconds()) * math.Exp(-seconds/n.decay.Seconds())
	// The last tenth fades to nothing, or the loudspeaker would click.
	left := (n.length.Seconds() - seconds) / n.length.Seconds()
	return n.volume * tone * envelope * min(1, left*10)
}

// wav wraps the samples in the header of a RIFF file.
func wav(pcm []int16) []byte {
	const bytesPerSample = 2
	size := uint32(len(pcm) * bytesPerSample)
	header := struct {
		RIFF           [4]byte
		FileSize       uint32 // of what follows
		WAVE, Fmt      [4]byte
		FmtSize        uint32
		Format         uint16 // 1: plain samples
		Channels       uint16
		SampleRate     uint32
		BytesPerSecond uint32
		BlockSize      uint16
		BitsPerSample  uint16
		Data           [4]byte
		DataSize       uint32
	}{
		RIFF: [4]byte([]byte("RIFF")), FileSize: 36 + size, WAVE: [4]byte([]byte("WAVE")),
		Fmt: [4]byte([]byte("fmt ")), FmtSize: 16, Format: 1, Channels: 1,
		SampleRate: sampleRate, BytesPerSecond: sampleRate * bytesPerSample,
		BlockSize: bytesPerSample, BitsPerSample: 8 * bytesPerSample,
		Data: [4]byte([]byte("data")), DataSize: size,
	}
	var file bytes.Buffer
	for _, part := range []any{header, pcm} {
		if err := binary.Write(&file, binary.LittleEndian, part); err != nil {
			log.Fatal(err) // a buffer takes everything: our own bug
		}
	}
	return file.Bytes()
}
