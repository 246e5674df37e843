package link

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

var (
	zhang = ledger.ID{1}
	li    = ledger.ID{2}
)

// TestSession: what was written offline goes up, documents come down, and the
// screen says so.
func TestSession(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.office.tell("before")
		bk := newBook("A")
		bk.events(500)
		w.cut("A", true)
		a := w.enrolWith("A", bk)
		if s := a.kiosk.State(); s.Online || s.Unsent != 500 {
			t.Errorf("before: %+v", s)
		}
		w.cut("A", false)
		w.settle()
		w.office.tell("while connected")
		w.office.earn(zhang, "A", 100)
		synctest.Wait()
		if err := w.converged(); err != nil {
			t.Error(err)
		}
		if err := a.spend(zhang, 60); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		s := a.kiosk.State()
		if err := w.converged(); err != nil || !s.Online || s.Unsent != 0 || s.SkewMS != 0 {
			t.Errorf("%v, %+v", err, s)
		}
		time.Sleep(3 * time.Minute)
		w.cut("A", true)
		if err := a.spend(zhang, 10); err != nil {
			t.Error(err)
		}
		if s := a.kiosk.State(); s.Online || s.Since != time.Now() || s.Unsent != 2 {
			t.Errorf("cut: %+v", s)
		}
		if st := w.office.status["A"]; st.Printer != "ok" || st.Program != "test" {
			t.Errorf("the center knows of the kiosk: %+v", st)
		}
		w.cut("A", false)
		w.settle()
		if err := w.converged(); err != nil {
			t.Error(err)
		}
	})
}

// TestTopUp: points come from where they are, in less than a second, and where
// they cannot be had the screen is told.
func TestTopUp(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.fates = func(string) Fates { return func(bool, int, Frame) Fate { return Fate{Delay: 50 * time.Millisecond} } }
		a, b, c := w.enrol("A"), w.enrol("B"), w.enrol("C")
		w.settle()
		w.office.earn(zhang, "A", 100)
		w.office.earn(zhang, "C", 30)
		w.settle()
		if err := a.spend(zhang, 20); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		answer, err := b.kiosk.TopUp(t.Context(), zhang, 0, 90)
		if took := time.Since(began); err != nil || answer.Outcome != OutcomeOK || took > time.Second {
			t.Fatalf("%+v, %v after %v", answer, err, took)
		}
		if got := b.account(zhang).Spendable(); got != 90 {
			t.Errorf("%d points at B, with %d at A and %d at C", got, a.account(zhang).Spendable(), c.account(zhang).Spendable())
		}
		again, err := b.kiosk.TopUp(t.Context(), zhang, 0, 90)
		if err != nil || b.account(zhang).Spendable() != 90 || sum(again.Elsewhere) != 20 || again.Free != 0 {
			t.Errorf("repeated: %+v, %v, %d points", again, err, b.account(zhang).Spendable())
		}
		asked, err := b.kiosk.TopUp(t.Context(), zhang, 0, 0)
		if err != nil || b.account(zhang).Spendable() != 90 || sum(asked.Elsewhere) != 20 || !asked.Elsewhere[0].Online {
			t.Errorf("only asked: %+v, %v, %d points", asked, err, b.account(zhang).Spendable())
		}
		w.cut("A", true)
		w.cut("C", true)
		part, err := b.kiosk.TopUp(t.Context(), zhang, 90, 20)
		if left := a.account(zhang).Spendable() + c.account(zhang).Spendable(); err != nil || left != 20 || sum(part.Elsewhere) != 20 {
			t.Errorf("with both away: %+v, %v, %d left", part, err, left)
		}
		if got, err := b.kiosk.TopUp(t.Context(), li, 0, 5); err != nil || got.Outcome != OutcomeUnknown {
			t.Errorf("nobody: %+v, %v", got, err)
		}
		w.cut("A", false)
		w.cut("C", false)
		w.settle()
		if err := w.converged(); err != nil {
			t.Error(err)
		}
	})
}

func sum(list List[Holding]) (n ledger.Points) {
	for _, h := range list {
		n += h.Points
	}
	return n
}

// TestSilentHolder: a kiosk whose cable was pulled out, which the center does not
// know yet, costs RecallTime and no more; what it gives back late is not lost.
func TestSilentHolder(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		var silent atomic.Bool
		w.fates = func(kiosk string) Fates {
			return func(up bool, _ int, f Frame) Fate {
				if _, recalled := f.(Returned); recalled && silent.Load() {
					return Fate{Cut: CutSilent}
				}
				return Fate{}
			}
		}
		a, b := w.enrol("A"), w.enrol("B")
		synctest.Wait()
		w.office.earn(zhang, "A", 100)
		synctest.Wait()
		silent.Store(true)
		began := time.Now()
		answer, err := b.kiosk.TopUp(t.Context(), zhang, 0, 40)
		if took := time.Since(began); err != nil || took != RecallTime || answer.Outcome != OutcomeOK {
			t.Errorf("%+v, %v after %v", answer, err, took)
		}
		silent.Store(false)
		w.settle()
		if got := a.account(zhang).Spendable(); got != 60 {
			t.Errorf("%d points at A", got)
		}
		if _, err := b.kiosk.TopUp(t.Context(), zhang, 0, 40); err != nil || b.account(zhang).Spendable() != 40 {
			t.Errorf("%v, %d points at B", err, b.account(zhang).Spendable())
		}
		w.settle()
		if err := w.converged(); err != nil {
			t.Error(err)
		}
	})
}

// TestRecallsBounded: a kiosk that answers no recall is not asked without end.
func TestRecallsBounded(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.fates = func(string) Fates {
			return func(_ bool, _ int, f Frame) Fate {
				if _, ok := f.(Returned); ok {
					return Fate{Delay: 30 * time.Second}
				}
				return Fate{}
			}
		}
		w.enrol("A")
		synctest.Wait()
		for i := range MaxRecalls + 1 {
			ctx, stop := context.WithTimeout(t.Context(), 10*time.Millisecond)
			_, err := w.office.link.Recall(ctx, "A", zhang, 5)
			stop()
			if want := []error{context.DeadlineExceeded, ErrBusy}[i/MaxRecalls]; !errors.Is(err, want) {
				t.Errorf("recall %d: %v", i+1, err)
			}
		}
		time.Sleep(time.Hour)
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		if gave, err := w.office.link.Recall(ctx, "A", zhang, 5); gave || err != nil {
			t.Errorf("after all were answered: %v, %v", gave, err)
		}
	})
}

// TestCalls: offline, too many, unknown cards, a center whose database is away.
func TestCalls(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.office.cards[civic.CardID{7}] = "Wang"
		w.cut("A", true)
		a := w.enrol("A")
		if _, err := a.kiosk.Identify(t.Context(), civic.CardID{7}); !errors.Is(err, ErrOffline) {
			t.Errorf("offline: %v", err)
		}
		w.cut("A", false)
		w.settle()
		if got, err := a.kiosk.Identify(t.Context(), civic.CardID{7}); err != nil || got.Outcome != OutcomeOK || !a.texts["Wang"] {
			t.Errorf("%+v, %v, %v", got, err, a.texts)
		}
		if got, err := a.kiosk.Identify(t.Context(), civic.CardID{8}); err != nil || got.Outcome != OutcomeUnknown {
			t.Errorf("%+v, %v", got, err)
		}
		if _, err := a.kiosk.TopUp(t.Context(), zhang, 0, -5); !errors.Is(err, ErrFrame) {
			t.Errorf("a negative wish: %v", err)
		}
		w.office.earn(zhang, "A", 10)
		synctest.Wait()
		w.office.do(func() { w.office.fail = errors.New("the disk is full") })
		if got, err := a.kiosk.TopUp(t.Context(), zhang, 10, 5); err != nil || got.Outcome != OutcomeFailed {
			t.Errorf("%+v, %v", got, err)
		}
		w.office.do(func() { w.office.fail = nil })
		w.office.Quarantine(t.Context(), "A", 1, Quarantine{ReasonOfficer, "looks odd"})
		w.office.link.Quarantine("A", Quarantine{ReasonOfficer, "looks odd"})
		if got, err := a.kiosk.TopUp(t.Context(), zhang, 10, 5); err != nil || got.Outcome != OutcomeRefused {
			t.Errorf("in quarantine: %+v, %v", got, err)
		}
	})
}

// TestLateAnswer: whoever waited has gone when the answer comes; what it brings
// counts, and the same call again asks for no more.
func TestLateAnswer(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		var slow atomic.Bool
		w.fates = func(string) Fates {
			return func(_ bool, _ int, f Frame) Fate {
				if _, ok := f.(Answer); ok && slow.Load() {
					return Fate{Delay: CallTime}
				}
				return Fate{}
			}
		}
		a, b := w.enrol("A"), w.enrol("B")
		synctest.Wait()
		w.office.earn(zhang, "A", 100)
		slow.Store(true)
		began := time.Now()
		ctx, stop := context.WithTimeout(t.Context(), 2*time.Second)
		defer stop()
		if _, err := b.kiosk.TopUp(ctx, zhang, 0, 40); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 2*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		slow.Store(false)
		if answer, err := b.kiosk.TopUp(t.Context(), zhang, 0, 40); err != nil || answer.Outcome != OutcomeOK {
			t.Errorf("%+v, %v", answer, err)
		}
		if x, y := a.account(zhang).Spendable(), b.account(zhang).Spendable(); x != 60 || y != 40 {
			t.Errorf("%d at A, %d at B", x, y)
		}
		w.settle()
		if err := w.converged(); err != nil {
			t.Error(err)
		}
	})
}

// TestWindow: never more than MaxUnacked frames of entries are on their way, and
// one batch of documents, however slow the other end is.
func TestWindow(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		var mu sync.Mutex
		var entries, most, batches int
		w.fates = func(string) Fates {
			return func(_ bool, _ int, f Frame) Fate {
				mu.Lock()
				defer mu.Unlock()
				switch f.(type) {
				case Entries:
					entries++
					most = max(most, entries)
				case Ack:
					entries--
				case Documents:
					if batches++; batches > 1 {
						t.Error("two batches at once")
					}
				case Cursor:
					batches--
				}
				return Fate{Delay: 700 * time.Millisecond}
			}
		}
		bk := newBook("A")
		bk.events(20 * MaxEntries)
		for i := range 30 {
			w.office.tell(fmt.Sprint(i, strings.Repeat("x", 30_000)))
		}
		w.enrolWith("A", bk)
		w.settle()
		if err := w.converged(); err != nil || most != MaxUnacked {
			t.Errorf("%v, %d frames at once", err, most)
		}
	})
}

// TestAnotherProcess: documents that nobody here was told of come with the poll.
func TestAnotherProcess(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.office.link.Poll = 30 * time.Second
		w.enrol("A")
		time.Sleep(time.Second)
		w.office.do(func() { w.office.publish("center", note{Text: "written elsewhere"}) })
		time.Sleep(w.office.link.Poll)
		synctest.Wait()
		if err := w.converged(); err != nil {
			t.Error(err)
		}
	})
}

// TestQuarantineLive: an officer's word reaches the book at once and after a
// restart, stops it, and lets it go on.
func TestQuarantineLive(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.enrol("A")
		synctest.Wait()
		w.office.earn(zhang, "A", 100)
		synctest.Wait()
		q := Quarantine{ReasonOfficer, "the seal of the box is broken"}
		w.office.Quarantine(t.Context(), "A", 1, q)
		w.office.link.Quarantine("A", q)
		synctest.Wait()
		if got := a.kiosk.State().Quarantine; got != q {
			t.Errorf("the screen says %+v", got)
		}
		if err := a.spend(zhang, 1); err == nil {
			t.Error("spent in quarantine")
		}
		w.office.tell("documents still come")
		a.events(3)
		synctest.Wait()
		if err := w.converged(); err != nil {
			t.Error(err)
		}
		if gave, err := w.office.link.Recall(t.Context(), "A", zhang, 5); gave || !errors.Is(err, ErrOffline) {
			t.Errorf("recalled from quarantine: %v, %v", gave, err)
		}
		w.cut("A", true)
		w.office.Quarantine(t.Context(), "A", 1, Quarantine{})
		if got := a.kiosk.State().Quarantine; got != q {
			t.Errorf("offline the screen says %+v", got)
		}
		w.cut("A", false)
		w.settle()
		if err := a.spend(zhang, 1); err != nil {
			t.Errorf("after it was lifted: %v", err)
		}
	})
}

// TestRefusals: the screen is told why, and the kiosk tries again.
func TestRefusals(t *testing.T) {
	for _, reason := range []Reason{ReasonUnknown, ReasonRevoked, ReasonReplaced, ReasonBusy} {
		t.Run(string(reason), func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				a := w.enrol("A")
				synctest.Wait()
				switch reason {
				case ReasonBusy:
					w.office.do(func() { w.office.fail = errors.New("the disk is full") })
					w.cut("A", true)
					w.cut("A", false)
				default:
					w.office.do(func() { w.office.boxes["A"].refused = Refused{reason, "so it is"} })
					w.office.link.Drop("A", Refused{reason, "so it is"})
				}
				w.settle()
				s := a.kiosk.State()
				if s.Online || s.Refused.Reason != reason {
					t.Errorf("%+v", s)
				}
				if still := reason == ReasonRevoked || reason == ReasonReplaced; still != (s.Quarantine.Reason == reason) {
					t.Errorf("the book stands still: %+v", s.Quarantine)
				}
				w.office.do(func() { w.office.fail, w.office.boxes["A"].refused = nil, Refused{} })
				w.settle()
				if s := a.kiosk.State(); !s.Online || s.Refused.Reason != "" || s.Quarantine.Reason != "" {
					t.Errorf("set right: %+v", s)
				}
			})
		})
	}
}

// TestLostSilently: a cable pulled out is noticed within SilenceTime, and what
// was written meanwhile goes up after it.
func TestLostSilently(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		var silent atomic.Bool
		w.fates = func(string) Fates {
			return func(bool, int, Frame) Fate {
				if silent.Load() {
					return Fate{Cut: CutSilent}
				}
				return Fate{}
			}
		}
		a := w.enrol("A")
		synctest.Wait()
		silent.Store(true)
		a.events(10)
		time.Sleep(SilenceTime)
		synctest.Wait()
		if s := a.kiosk.State(); s.Online || s.Unsent != 10 {
			t.Errorf("%+v", s)
		}
		silent.Store(false)
		w.settle()
		if err := w.converged(); err != nil {
			t.Error(err)
		}
	})
}

// TestStorm: kiosks that cannot reach the center for a day call now and then,
// each at its own time; whoever waits at a screen hurries one of them.
func TestStorm(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		const kiosks = 60
		for i := range kiosks {
			kiosk := fmt.Sprintf("K-%02d", i)
			w.cut(kiosk, true)
			w.enrol(kiosk)
		}
		time.Sleep(24 * time.Hour)
		if most := kiosks * (int(24*time.Hour/(LastRetry/2)) + 12); w.dialed() > most || w.dialed() < kiosks*200 {
			t.Errorf("%d calls in a day, at most %d", w.dialed(), most)
		}
		for kiosk := range w.boxes {
			w.cut(kiosk, false)
		}
		if _, err := w.boxes["K-07"].kiosk.Identify(t.Context(), civic.CardID{7}); !errors.Is(err, ErrOffline) {
			t.Error(err)
		}
		time.Sleep(FirstRetry)
		synctest.Wait()
		if !w.boxes["K-07"].kiosk.State().Online {
			t.Error("nobody hurried")
		}
		for seconds, before := 0, w.dialed(); seconds < 300; seconds++ {
			time.Sleep(time.Second)
			if now := w.dialed(); now-before > 8 {
				t.Errorf("%d calls in one second", now-before)
			} else {
				before = now
			}
		}
		synctest.Wait()
		if err := w.converged(); err != nil {
			t.Error(err)
		}
	})
}
