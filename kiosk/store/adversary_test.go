package store

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/kiosk/store/journal"
	"yizhan/kiosk/store/seal"
	"yizhan/ledger"
)

// onTwoMedia is a closed store whose journal lies on a medium of its own, with
// one entry that was answered and that the book has not.
func onTwoMedia(t *testing.T) (cfg Config, answered Redemption) {
	t.Helper()
	w := newWorld(t, standard(2))
	w.close()
	cfg = w.cfg
	cfg.Fatal = nil
	cfg.JournalDir = filepath.Join(tempDir(t), "medium")
	if err := os.Rename(filepath.Join(cfg.Dir, journalFolder), cfg.JournalDir); err != nil {
		t.Fatal(err)
	}
	book := filepath.Join(cfg.Dir, bookFile)
	old, err := os.ReadFile(book)
	if err != nil {
		t.Fatal(err)
	}
	w.cfg = cfg
	w.open()
	answered = w.reserve(want(1, 0))
	w.close()
	if err := os.WriteFile(book, old, 0o600); err != nil {
		t.Fatal(err)
	}
	return cfg, answered
}

// TestMediumOfTheJournalIsNotMounted starts while the folder of the journal is
// empty: going on without it would lose what only it has, and fork the chain.
func TestMediumOfTheJournalIsNotMounted(t *testing.T) {
	cfg, answered := onTwoMedia(t)
	away := cfg.JournalDir + ".away"
	if err := errors.Join(os.Rename(cfg.JournalDir, away), os.Mkdir(cfg.JournalDir, 0o700)); err != nil {
		t.Fatal(err)
	}
	for _, book := range []string{"there", "gone too"} {
		if _, err := Mend(bg, cfg, Report{}); !errors.Is(err, ErrNoJournal) {
			t.Fatalf("the book is %s: %v", book, err)
		}
		if book == "there" {
			os.Rename(filepath.Join(cfg.Dir, bookFile), away+"-book")
		}
	}
	// It is mounted again: nothing is lost.
	err := errors.Join(os.Rename(away+"-book", filepath.Join(cfg.Dir, bookFile)), os.Remove(cfg.JournalDir), os.Rename(away, cfg.JournalDir))
	if err != nil {
		t.Fatal(err)
	}
	if r, err := Mend(bg, cfg, Report{}); err != nil || !r.OK || r.NewEra {
		t.Fatalf("%+v, %v", r, err)
	}
	s, err := Open(bg, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if r, err := s.Redemption(answered.Seq); err != nil || r.Key != answered.Key {
		t.Fatalf("%+v, %v", r, err)
	}
}

// TestMediumOfTheJournalIsLost goes on without it when somebody says so.
func TestMediumOfTheJournalIsLost(t *testing.T) {
	cfg, _ := onTwoMedia(t)
	if err := os.RemoveAll(cfg.JournalDir); err != nil {
		t.Fatal(err)
	}
	cfg.JournalLost = true
	if r, err := Mend(bg, cfg, Report{}); err != nil || !r.OK || r.NewEra {
		t.Fatalf("%+v, %v", r, err)
	}
}

// TestMediumOfTheDataIsNotMounted holds that no new key is made beside a journal
// that was sealed with another.
func TestMediumOfTheDataIsNotMounted(t *testing.T) {
	cfg, _ := onTwoMedia(t)
	if err := errors.Join(os.Rename(cfg.Dir, cfg.Dir+".away"), os.Mkdir(cfg.Dir, 0o700)); err != nil {
		t.Fatal(err)
	}
	_, err1 := Verify(bg, cfg)
	_, err2 := Mend(bg, cfg, Report{})
	_, err3 := Open(bg, cfg)
	for _, err := range []error{err1, err2, err3} {
		if !errors.Is(err, seal.ErrNoKey) {
			t.Error(err)
		}
	}
	if left, _ := os.ReadDir(cfg.Dir); len(left) > 0 {
		t.Errorf("%v was made", left)
	}
	if epochs, err := journal.Epochs(nil, cfg.JournalDir); err != nil || len(epochs) != 1 {
		t.Errorf("epochs %v, %v", epochs, err)
	}
}

// TestRepeatedRequestMeetsDamage asks again for what was answered before, when
// the row of it is damaged: no empty redemption may come back as the answer.
func TestRepeatedRequestMeetsDamage(t *testing.T) {
	w := newWorld(t, standard(2))
	request := want(1, 0)
	first := w.reserve(request)
	bolt, err := w.book.db.Begin(true)
	if err != nil {
		t.Fatal(err)
	}
	in := bolt.Bucket([]byte(bucketNames[bJob]))
	sealed := append([]byte(nil), in.Get(seqKey(first.Seq))...)
	sealed[len(sealed)-1] ^= 1
	if err := errors.Join(in.Put(seqKey(first.Seq), sealed), bolt.Commit()); err != nil {
		t.Fatal(err)
	}
	got, err := w.Reserve(bg, request)
	if !errors.Is(err, ErrDamaged) {
		t.Errorf("%+v, %v", got, err)
	}
	<-w.stopped
	if w.fatal.Load() == nil {
		t.Error("the process goes on with a damaged book")
	}
}

// TestTriesOfAPINAtOnce sends ten tries when one is left.
func TestTriesOfAPINAtOnce(t *testing.T) {
	w := newWorld(t, standard(2))
	for range civic.MaxPINTries - 1 {
		if _, _, err := w.TryPIN(bg, volunteerID(1)); err != nil {
			t.Fatal(err)
		}
	}
	var let atomic.Int64
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			switch _, tries, err := w.TryPIN(bg, volunteerID(1)); {
			case err == nil && tries == civic.MaxPINTries:
				let.Add(1)
			case !errors.Is(err, ErrLocked):
				t.Errorf("%d tries, %v", tries, err)
			}
		})
	}
	all.Wait()
	if let.Load() != 1 {
		t.Fatalf("%d tries were let through", let.Load())
	}
}

// TestOneRedemptionTwoScreens settles and cancels at once, many times.
func TestOneRedemptionTwoScreens(t *testing.T) {
	w := newWorld(t, standard(40))
	for n := range 20 {
		before := w.spendable(n)
		r := w.reserve(want(n, 0))
		var settled, cancelled error
		var both sync.WaitGroup
		both.Go(func() { _, settled = w.Settle(bg, newKey(), r.Seq, clerk()) })
		both.Go(func() { _, cancelled = w.Cancel(bg, newKey(), r.Seq, ledger.ID{}, "") })
		both.Wait()
		want := before
		switch {
		case settled == nil && errors.Is(cancelled, ledger.ErrState):
			want -= r.Cost()
		case cancelled == nil && errors.Is(settled, ledger.ErrState):
		default:
			t.Fatalf("settled: %v, cancelled: %v", settled, cancelled)
		}
		if got := w.spendable(n); got != want {
			t.Fatalf("%d points, want %d", got, want)
		}
	}
}

// TestStickThatChangesItsMind checks one bundle and then hands out another one,
// newer and just as genuine: nothing of it counts as the one that was checked.
func TestStickThatChangesItsMind(t *testing.T) {
	w := newWorld(t, standard(2))
	second, third := standard(3), standard(4)
	second.serial, third.serial = 2, 3
	dir := tempDir(t)
	f, err := os.Open(second.write(t, filepath.Join(dir, "second")))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	checked, err := w.openBundle(f, false, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.loadKept(bg, third.write(t, filepath.Join(dir, "third")), checked.Header, nil); !errors.Is(err, ErrBundleForged) {
		t.Error(err)
	}
	if h := w.Health(); h.BundleSerial != 1 || h.Volunteers != 2 {
		t.Errorf("%+v", h)
	}
}

// TestOneKeyTwiceAtASelfServiceShelf sends one request many times at once.
func TestOneKeyTwiceAtASelfServiceShelf(t *testing.T) {
	spec := standard(2)
	spec.policy.SelfService = true
	w := newWorld(t, spec)
	before, request := w.spendable(1), want(1, 0)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if r, err := w.Reserve(bg, request); err != nil || r.State != ledger.Settled || r.Key != request.Key {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
	all.Wait()
	if got := w.spendable(1); got != before-request.Price {
		t.Errorf("%d of %d points are left", got, before)
	}
	if totals, err := w.Today(); err != nil || totals.Reserved != 1 || totals.Settled != 1 {
		t.Errorf("%+v, %v", totals, err)
	}
}

// TestClockThatJumps redeems, hands over and refunds while the clock goes to and
// fro by years: points and stock stay right, whatever the month's limit makes of it.
func TestClockThatJumps(t *testing.T) {
	w := newWorld(t, standard(2))
	before := w.spendable(1)
	for _, jump := range []int64{-30 * 365 * 24 * 3600_000, 60 * 365 * 24 * 3600_000, -w.clock.Now().WallMS - 1, 0} {
		w.clock.pass(time.Duration(jump) * time.Millisecond)
		r := w.settle(w.reserve(want(1, 0)).Seq)
		w.clock.pass(-time.Hour)
		if _, err := w.Refund(bg, newKey(), r.Seq, clerk(), true, "back"); err != nil {
			t.Fatal(err)
		}
		if got := w.spendable(1); got != before {
			t.Fatalf("%d points after a jump of %d ms, %d before", got, jump, before)
		}
	}
	w.reopen()
	if got := w.spendable(1); got != before {
		t.Fatalf("%d points, %d before", got, before)
	}
}

// TestOneAccountWithoutItsDocumentsStopsNoOther has spent more of one lot than the
// documents here grant, as after a rebuild from an older bundle: what expires for
// others is given back all the same.
func TestOneAccountWithoutItsDocumentsStopsNoOther(t *testing.T) {
	w := newWorld(t, standard(6))
	today := ledger.MaxDay
	for n := range 6 {
		if n%2 == 0 {
			err := w.book.update(w.cfg.Random, func(tx *tx) {
				short := ledger.Right{Expires: today, Spent: 5}
				account := tx.account(volunteerID(n))
				account.Rights = append(account.Rights, short)
				tx.putAccount(volunteerID(n), account)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if done, err := w.ReturnExpired(bg, today, 100); done != 3 || err != nil {
		t.Errorf("given back for %d, %v", done, err)
	}
	for n := range 6 {
		if n%2 == 1 && w.spendable(n) != 0 {
			t.Errorf("volunteer %d still has %d points", n, w.spendable(n))
		}
	}
}
