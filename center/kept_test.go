package center

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// A figure that takes long is shown as it was while it is worked out anew, but not for
// long; one that is quick is worked out while the page waits.
func TestAFigureIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		truth, takes, failures := 500, time.Millisecond, 0
		var broken error
		k := &kept[int]{fresh: 5 * time.Second, old: 5 * time.Minute, now: time.Now, failed: func(error) { failures++ }, work: func(context.Context) (int, error) {
			time.Sleep(takes)
			return truth, broken
		}}
		is := func(want int) {
			t.Helper()
			if got, _, err := k.get(t.Context()); err != nil || got != want {
				t.Errorf("%d, %v, want %d", got, err, want)
			}
			synctest.Wait()
		}
		is(500)
		truth = 600
		is(500) // fresh
		time.Sleep(6 * time.Second)
		is(600) // quick
		time.Sleep(6 * time.Second)
		truth, takes = 700, time.Second
		is(700) // nobody knew that it takes long
		truth = 800
		time.Sleep(6 * time.Second)
		is(700)
		is(700) // once is enough
		time.Sleep(2 * time.Second)
		is(800)
		truth = 900
		time.Sleep(6 * time.Minute)
		is(900) // the last one is too old
		broken = errors.New("no database")
		time.Sleep(time.Minute)
		is(900)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if failures != 1 {
			t.Errorf("%d failures were told", failures)
		}
		time.Sleep(6 * time.Minute)
		if _, _, err := k.get(t.Context()); !errors.Is(err, broken) {
			t.Errorf("%v", err)
		}
		broken, truth = nil, 1000
		if err := k.warm(t.Context()); err != nil {
			t.Error(err)
		}
		is(1000)
		time.Sleep(6 * time.Second)
		takes = time.Millisecond
		is(1000)
		time.Sleep(2 * time.Second) // behind the page
		synctest.Wait()
		truth = 1100
		if err := k.warm(t.Context()); err != nil { // quick by now: nothing to do
			t.Error(err)
		}
		is(1000)
	})
}
