package spool

import (
	"fmt"
	"testing"
)

// FuzzEar holds that every byte is heard once and in order, and that no noise before
// an id hides it.
func FuzzEar(f *testing.F) {
	for _, seed := range []string{"", "\x12\x00", "7\"ABCD\x00", "7\"AB7\"ABCD\x00", "77\"\"7", "\xff\x005\x137\"\x80\x7f", "7\"7\"7\"7\"", "7\"ABC\x12"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, heard []byte) {
		var e ear
		var last answer
		back := ""
		say := func(a answer) {
			last = a
			if a.kind == idAnswer {
				back += fmt.Sprintf("7\"%s\x00", a.id)
			} else {
				back += string([]byte{a.value})
			}
		}
		for _, b := range heard {
			e.hear(b, say)
		}
		if len(e.began) >= idAnswerBytes || back+string(e.began) != string(heard) {
			t.Fatalf("% X was heard as % X and % X", heard, back, e.began)
		}
		for _, b := range []byte("\xff7\"ABCD\x00") {
			e.hear(b, say)
		}
		if (last != answer{kind: idAnswer, id: "ABCD"}) {
			t.Fatalf("after % X the id was heard as %+v", heard, last)
		}
	})
}

// TestTheLatestAnswersAreKept: when more is heard than anybody waits for, the oldest goes.
func TestTheLatestAnswersAreKept(t *testing.T) {
	s := &session{heard: make(chan answer, heardAnswers)}
	for i := range heardAnswers + 10 {
		s.keep(answer{kind: noiseAnswer, value: byte(i)})
	}
	if first := <-s.heard; first.value != 10 {
		t.Errorf("the oldest that is kept is answer %d, want 10", first.value)
	}
}

// TestIDsOfCopiesDiffer, those of one slip and those of slips near each other: an answer
// to an earlier question must not be taken for the one to the next.
func TestIDsOfCopiesDiffer(t *testing.T) {
	seen := make(map[string]Job)
	for number := range uint64(500) {
		for n := range int64(20) {
			job := Job{Number: 1 + number, Copy: n}
			id := jobID(job)
			if before, taken := seen[id]; taken || len(id) != idBytes {
				t.Fatalf("%+v has the id %q of %+v", job, id, before)
			}
			seen[id] = job
		}
	}
}
