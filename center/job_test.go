package center

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"yizhan/center/store"
)

// countJob counts up to a number, a step at a time, and writes each step into a file
// of its own.
type countJob struct {
	To   int64 `json:"to"`
	Wait int64 `json:"wait"` // milliseconds for each
}

var errCount = errors.New("test: it fails")

func countKind(k *jobs) jobKind {
	return jobKind{power: powerPeople, run: func(ctx context.Context, r *jobRun) error {
		var what countJob
		if err := json.Unmarshal(r.Input, &what); err != nil {
			return err
		}
		switch what.To {
		case -1:
			return errCount
		case -2:
			return jobProblem("large")
		case -3:
			panic("test: it breaks")
		case -4:
			<-ctx.Done()
			return ctx.Err()
		}
		var done int64
		_ = json.Unmarshal(r.Mark, &done)
		r.tell("rows", done)
		for ; done < what.To; done++ {
			if err := r.at(ctx, done, what.To, done); err != nil {
				return err
			}
			time.Sleep(time.Duration(what.Wait) * time.Millisecond)
		}
		r.tell("rows", what.To)
		out, err := k.create(ctx, r.ID, "rejected.csv")
		if err != nil {
			return err
		}
		if _, err := io.WriteString(out, strings.Repeat("x", int(what.To))); err != nil {
			return err
		}
		return out.Close()
	}}
}

// counting has the imports of a server count, and no more.
func (s *Server) counting() *Server {
	s.jobs.register("import", countKind(s.jobs))
	return s
}

// A process that is killed half way loses nothing of a job: the next one goes on
// where it was.
func TestAJobOutlivesItsProcess(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		starter, err := New(Config{Store: w.Store, Keys: w.keys, Now: time.Now, Random: zeros{}})
		w.must(err)
		id, err := starter.counting().jobs.start(t.Context(), "import", "lin", "center", countJob{To: 500, Wait: 6})
		w.must(err)
		c := w.child("127.0.0.1:0")
		noted := func() (n int64) {
			j, err := w.Job(t.Context(), id)
			w.must(err)
			_ = json.Unmarshal(j.Mark, &n)
			return n
		}
		w.soon("the job being under way", func() bool { return noted() > 0 })
		w.must(c.Process.Kill())
		_ = c.Wait()
		before := noted()
		if before == 0 || before >= 500 {
			t.Fatalf("killed at %d", before)
		}
		c = w.child("127.0.0.1:0", clockEnv+"="+store.JobLease.String()) // when its lease has run out
		defer func() { _ = c.Process.Kill(); _ = c.Wait() }()
		w.soon("the job being taken up and done", func() bool { j, err := w.Job(t.Context(), id); return err == nil && j.Over() })
		j, err := w.Job(t.Context(), id)
		w.must(err)
		if r := resultOf(j); j.State != store.JobDone || j.Tries != 2 || len(r.Facts) != 2 || r.Facts[0].N < before { // a note may have been on its way
			t.Errorf("killed at %d: %+v, %s", before, j, j.Result)
		}
		b, err := io.ReadAll(starter.jobs.open(t.Context(), id, "rejected.csv"))
		if err != nil || len(b) != 500 {
			t.Errorf("%d bytes, %v", len(b), err)
		}
	})
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }

// work does all jobs that wait.
func (o *office) work() {
	o.Helper()
	for {
		worked, err := o.server.jobs.next(o.Context())
		o.must(err)
		if !worked {
			return
		}
	}
}

func TestJobsEndAsTheyShould(t *testing.T) {
	o := newOffice(t)
	k := o.server.counting().jobs
	ended := func(to int64) store.Job {
		t.Helper()
		id, err := k.start(t.Context(), "import", "lin", "center", countJob{To: to})
		o.must(err)
		o.work()
		j, err := o.store.Job(t.Context(), id)
		o.must(err)
		return j
	}
	for to, want := range map[int64]string{3: "done ", -1: "failed broken", -2: "failed large", -3: "failed broken"} {
		if j := ended(to); string(j.State)+" "+resultOf(j).Problem != want {
			t.Errorf("%d: %s %s, want %s", to, j.State, j.Result, want)
		}
	}
	unknown, err := o.store.MakeJob(t.Context(), store.Job{Kind: "other", Who: "lin"})
	o.must(err)
	o.must(o.store.ReadyJob(t.Context(), unknown))
	o.work()
	if j, err := o.store.Job(t.Context(), unknown); err != nil || j.State != store.JobFailed {
		t.Errorf("%+v, %v", j, err)
	}

	// Cancelled while it runs here; left when the process ends.
	id, err := k.start(t.Context(), "import", "lin", "center", countJob{To: -4})
	o.must(err)
	go func(id string) {
		for running := false; !running; time.Sleep(time.Millisecond) {
			k.mu.Lock()
			running = k.now == id
			k.mu.Unlock()
		}
		if err := k.cancel(context.WithoutCancel(t.Context()), id); err != nil {
			t.Error(err)
		}
	}(id)
	o.work()
	if j, err := o.store.Job(t.Context(), id); err != nil || j.State != store.JobCancelled {
		t.Errorf("%+v, %v", j, err)
	}
	id, err = k.start(t.Context(), "import", "lin", "center", countJob{To: -4})
	o.must(err)
	ctx, end := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer end()
	if _, err := k.next(ctx); err != nil {
		t.Error(err)
	}
	if j, err := o.store.Job(t.Context(), id); err != nil || j.State != store.JobRunning || j.Tries != 0 {
		t.Errorf("%+v, %v", j, err)
	}
	left, found, err := o.store.TakeJob(t.Context())
	if !found || err != nil {
		t.Error("a job that was left is not free", err)
	}
	o.must(o.store.EndJob(t.Context(), left, store.JobCancelled, nil))

	// One that kills its process again and again is given up.
	id, err = k.start(t.Context(), "import", "lin", "center", countJob{To: 1})
	o.must(err)
	for range maxJobTries {
		_, _, err := o.store.TakeJob(t.Context())
		o.must(err)
		o.now = o.now.Add(store.JobLease + time.Second)
	}
	o.work()
	if j, err := o.store.Job(t.Context(), id); err != nil || j.State != store.JobFailed {
		t.Errorf("%+v, %v", j, err)
	}

	// Nobody fills the queue alone.
	for range maxJobsOfOne {
		_, err := k.start(t.Context(), "import", "chen", "center", countJob{})
		o.must(err)
	}
	if _, err := k.start(t.Context(), "import", "chen", "center", countJob{}); !errors.Is(err, errJobs) {
		t.Error(err)
	}
	_, err = k.start(t.Context(), "import", "lin", "center", countJob{})
	o.must(err)
}

func TestFilesOfAJob(t *testing.T) {
	o := newOffice(t)
	k := o.server.jobs
	id, err := k.make(t.Context(), "import", "lin", "center", nil)
	o.must(err)
	for _, size := range []int{0, 1, store.MaxJobPart, store.MaxJobPart + 1, 3 * store.MaxJobPart} {
		text := strings.Repeat("益", size)[:size]
		w, err := k.create(t.Context(), id, "a.csv")
		o.must(err)
		_, err = io.Copy(w, io.LimitReader(strings.NewReader(text), 1<<30))
		o.must(err)
		o.must(w.Close())
		b, err := io.ReadAll(k.open(t.Context(), id, "a.csv"))
		if err != nil || string(b) != text {
			t.Errorf("%d bytes: %d, %v", size, len(b), err)
		}
	}
	if _, err := io.ReadAll(k.open(t.Context(), id, "none")); !errors.Is(err, store.ErrUnknown) {
		t.Error(err)
	}
	r := &jobRun{Job: store.Job{ID: id}, jobs: k}
	path, err := r.spool(t.Context(), "a.csv")
	o.must(err)
	if b, err := os.ReadFile(path); err != nil || len(b) != 3*store.MaxJobPart {
		t.Errorf("%d bytes, %v", len(b), err)
	}
	again := &jobRun{Job: r.Job, jobs: k} // after the process was killed
	if folder, err := again.temp(); err != nil || folder != r.folder {
		t.Errorf("%q, %v", folder, err)
	} else if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("%v, %v", left, err)
	}
	os.RemoveAll(r.folder)
}
