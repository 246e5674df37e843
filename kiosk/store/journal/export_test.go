package journal

// Inline makes the next segment in the call that asks for it, so that a test
// sees the same order of operations every time.
func (c *Config) Inline() { c.spawn = func(f func()) { f() } }

// Place is where a frame lies in its segment.
type Place struct {
	At, Sealed, End int64 // where it begins, where its sealed part ends, and its padding
	Seq, Group      uint64
}

// Places returns where the frames of an undamaged segment lie.
func Places(cfg Config, segment []byte) []Place {
	c, err := cfg.checked()
	if err != nil {
		panic(err)
	}
	var found []Place
	for f := range c.frames(segment) {
		sealed := f.at + frameHeader + int64(len(f.entry)) + 40
		found = append(found, Place{f.at, sealed, f.end, f.seq, f.group})
	}
	return found
}

// HeaderBytes is the length of a segment's header.
const HeaderBytes = headerBytes
