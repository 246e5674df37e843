package printer_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"yizhan/printer"
	"yizhan/printer/sim"
)

// step is something a scan head does after a while; an empty text is silence.
type step struct {
	after time.Duration
	text  string
}

func TestSplitter(t *testing.T) {
	ms := time.Millisecond
	long := strings.Repeat("A", printer.MaxCodeBytes)
	for _, c := range []struct {
		name  string
		steps []step
		want  []string
	}{
		{"CR", []step{{0, "YZC:1\r"}}, []string{"YZC:1"}},
		{"CR LF", []step{{0, "YZC:1\r\n"}}, []string{"YZC:1"}},
		{"LF", []step{{0, "YZC:1\n"}}, []string{"YZC:1"}},
		{"silence", []step{{0, "YZC:1"}, {80 * ms, ""}}, []string{"YZC:1"}},
		{"in pieces", []step{{0, "YZ"}, {30 * ms, "C:"}, {30 * ms, "1\r"}}, []string{"YZC:1"}},
		{"two at once", []step{{0, "A1\rB2\r"}}, []string{"A1", "B2"}},
		{"two, the second without an end", []step{{0, "A1\rB2"}, {80 * ms, ""}}, []string{"A1", "B2"}},
		{"only ends", []step{{0, "\r\n\r\n"}}, nil},
		{"held in front of the reader", []step{{0, "A1\r"}, {1500 * ms, "A1\r"}, {1500 * ms, "A1\r"}}, []string{"A1"}},
		{"shown again", []step{{0, "A1\r"}, {2000 * ms, "A1\r"}}, []string{"A1", "A1"}},
		{"another one between", []step{{0, "A1\r"}, {100 * ms, "B2\r"}, {100 * ms, "A1\r"}}, []string{"A1", "B2", "A1"}},
		{"longest", []step{{0, long + "\r"}}, []string{long}},
		{"too long, then a good one", []step{{0, long + "A\rB2\r"}}, []string{"B2"}},
		{"too long, ended by silence", []step{{0, long + long}, {80 * ms, ""}, {0, "B2\r"}}, []string{"B2"}},
		{"GBK", []step{{0, "\xd2\xe6A1\rB2\r"}}, []string{"B2"}},
		{"a control byte", []step{{0, "A\x1b1\rB2\r"}}, []string{"B2"}},
	} {
		var s printer.Splitter
		var got []string
		now := time.Unix(1000, 0)
		for _, st := range c.steps {
			now = now.Add(st.after)
			got = append(got, s.Push(now, []byte(st.text))...)
			if st.text == "" {
				if code, ok := s.End(now); ok {
					got = append(got, code)
				}
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// A splitter finds the same codes however the bytes are cut into reads, and none
// that is not one.
func FuzzSplitter(f *testing.F) {
	f.Add([]byte("YZC:1\r\nYZC:2\r"), 3)
	f.Add([]byte("\xff\x00A\rB"), 1)
	f.Add([]byte(strings.Repeat("Q", 600)+"\rB"), 100)
	f.Fuzz(func(t *testing.T, b []byte, size int) {
		var whole, pieces printer.Splitter
		now := time.Unix(0, 0)
		want := whole.Push(now, b)
		var got []string
		for piece := range slices.Chunk(b, 1+size&127) {
			got = append(got, pieces.Push(now, piece)...)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q in pieces: %q, want %q", b, got, want)
		}
		for i, code := range got {
			if code == "" || len(code) > printer.MaxCodeBytes || strings.ContainsFunc(code, func(r rune) bool { return r < ' ' || r > '~' }) {
				t.Errorf("not a code: %q", code)
			}
			if i > 0 && code == got[i-1] {
				t.Errorf("%q twice in no time", code)
			}
		}
	})
}

func TestScanFromAPort(t *testing.T) {
	head, path, err := sim.OpenPTY()
	if err != nil {
		t.Fatal(err)
	}
	defer head.Close()
	port := open(t, path, 9600)

	ctx, cancel := context.WithCancel(t.Context())
	codes, ended := make(chan string, 10), make(chan error, 1)
	go func() { ended <- printer.Scan(ctx, port, time.Now, func(code string) { codes <- code }) }()
	for i, text := range []string{"YZC:0\r\n", "YZC:1", "YZC:2\r"} {
		if _, err := head.WriteString(text); err != nil {
			t.Fatal(err)
		}
		select {
		case got := <-codes:
			if want := fmt.Sprintf("YZC:%d", i); got != want {
				t.Errorf("scanned %q, want %q", got, want)
			}
		case <-time.After(5 * time.Second):
			t.Fatalf("%q was not scanned", text)
		}
	}
	cancel()
	if err := wait(t, ended); err != nil {
		t.Errorf("ended by its context, Scan returned %v", err)
	}

	go func() { ended <- printer.Scan(t.Context(), port, time.Now, func(string) {}) }()
	time.Sleep(20 * time.Millisecond)
	head.Close()
	if err := wait(t, ended); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("unplugged, Scan returned %v", err)
	}
}
