package store

import (
	"bytes"
	"errors"
	"testing"
	"time"
)

// job makes a job that is ready.
func (w *world) job(kind string) string {
	w.t.Helper()
	id, err := w.MakeJob(w.t.Context(), Job{Kind: kind, Who: "lin", Scope: "center", Input: []byte(`{"n":1}`)})
	w.must(err)
	w.must(w.ReadyJob(w.t.Context(), id))
	return id
}

// take takes the next job, which must be that one; "": there must be none.
func (w *world) take(s *Store, id string) Job {
	w.t.Helper()
	j, found, err := s.TakeJob(w.t.Context())
	w.must(err)
	if found != (id != "") || j.ID != id {
		w.t.Fatalf("took %q (%t), want %q", j.ID, found, id)
	}
	return j
}

// A job is one process's at a time, and goes on where a dead one left it.
func TestAJobIsTakenUpByAnother(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		other := w.another(nil)
		w.take(w.Store, "")
		unready, err := w.MakeJob(ctx, Job{Kind: "count", Who: "lin", Scope: "center"})
		w.must(err)
		first := w.job("count")
		w.time = w.time.Add(time.Millisecond)
		second := w.job("count")
		mine := w.take(w.Store, first)
		w.take(other, second)
		w.take(other, "")
		mine.Mark, mine.Done, mine.Total = []byte(`7`), 7, 10
		if stop, err := w.NoteJob(ctx, mine); stop || err != nil {
			t.Fatal(stop, err)
		}

		// This process stands still, or is dead: another takes the job up.
		w.time = w.time.Add(JobLease + time.Second)
		theirs := w.take(other, first)
		if string(theirs.Mark) != "7" || theirs.Done != 7 || theirs.Tries != 2 || theirs.State != JobRunning || string(theirs.Input) != `{"n":1}` {
			t.Errorf("%+v", theirs)
		}
		for what, err := range map[string]error{
			"kept":  errOf(w.KeepJob(ctx, mine)),
			"noted": errOf(w.NoteJob(ctx, mine)),
			"ended": w.EndJob(ctx, mine, JobDone, nil),
		} {
			if !errors.Is(err, ErrLease) {
				t.Errorf("a job that another has was %s: %v", what, err)
			}
		}
		w.must(w.LeaveJob(ctx, mine)) // it has nothing to leave
		w.take(w.Store, second)       // whose process was dead as well
		w.take(w.Store, "")

		// One that is left is free at once.
		w.must(other.LeaveJob(ctx, theirs))
		mine = w.take(w.Store, first)
		if mine.Tries != 2 {
			t.Errorf("%d tries", mine.Tries)
		}
		w.must(w.EndJob(ctx, mine, JobDone, []byte(`{"of":10}`)))
		w.must(w.EndJob(ctx, mine, JobDone, []byte(`{"of":10}`))) // its answer was lost
		if err := w.EndJob(ctx, mine, JobFailed, nil); !errors.Is(err, ErrLease) {
			t.Errorf("ended twice: %v", err)
		}
		list, err := w.Jobs(ctx, w.time.Add(time.Second), 10)
		w.must(err)
		if len(list) != 2 || list[0].ID != second || list[1].State != JobDone || string(list[1].Result) != `{"of":10}` || !list[1].Over() {
			t.Errorf("%+v", list)
		}
		if j, err := w.Job(ctx, unready); err != nil || j.State != JobMade {
			t.Errorf("%+v, %v", j, err)
		}
		if _, err := w.Job(ctx, "none"); !errors.Is(err, ErrUnknown) {
			t.Error(err)
		}
	})
}

func errOf[T any](_ T, err error) error { return err }

func TestJobsAreCancelled(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		waiting := w.job("count")
		w.must(w.CancelJob(ctx, waiting))
		w.take(w.Store, "")
		if j, err := w.Job(ctx, waiting); err != nil || j.State != JobCancelled || !j.Over() {
			t.Errorf("%+v, %v", j, err)
		}
		running := w.job("count")
		j := w.take(w.Store, running)
		w.must(w.CancelJob(ctx, running))
		if stop, err := w.KeepJob(ctx, j); !stop || err != nil {
			t.Error("whoever works on it does not hear that it is to be cancelled", err)
		}
		// Its process died before it could: the next one is told at once.
		w.time = w.time.Add(JobLease + time.Second)
		if j = w.take(w.Store, running); !j.Stop {
			t.Errorf("%+v", j)
		}
		w.must(w.EndJob(ctx, j, JobCancelled, nil))
		w.must(w.CancelJob(ctx, running)) // too late, and no harm
		if j, err := w.Job(ctx, running); err != nil || j.State != JobCancelled {
			t.Errorf("%+v, %v", j, err)
		}
		if err := w.CancelJob(ctx, "none"); !errors.Is(err, ErrUnknown) {
			t.Error(err)
		}
	})
}

func TestFilesOfJobs(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		id := w.job("count")
		w.time = w.time.Add(time.Millisecond)
		other := w.job("count")
		w.must(w.PutPart(ctx, id, "list.xlsx", 0, bytes.Repeat([]byte{1}, MaxJobPart)))
		w.must(w.PutPart(ctx, id, "list.xlsx", 1, []byte("abd")))
		w.must(w.PutPart(ctx, id, "list.xlsx", 1, []byte("abc"))) // once more
		w.must(w.PutPart(ctx, id, "empty", 0, nil))
		files, err := w.JobFiles(ctx, id)
		w.must(err)
		if len(files) != 2 || files[1] != (JobFile{"list.xlsx", 2, MaxJobPart + 3}) {
			t.Errorf("%+v", files)
		}
		if b, err := w.Part(ctx, id, "list.xlsx", 1); err != nil || string(b) != "abc" {
			t.Errorf("%q, %v", b, err)
		}
		for _, c := range []struct {
			id, file string
			part     int
		}{{id, "list.xlsx", 2}, {other, "list.xlsx", 0}, {id, "none", 0}} {
			if _, err := w.Part(ctx, c.id, c.file, c.part); !errors.Is(err, ErrUnknown) {
				t.Errorf("%+v: %v", c, err)
			}
		}
		if err := w.PutPart(ctx, id, "x", MaxJobParts, nil); !errors.Is(err, ErrInput) {
			t.Error(err)
		}
		if err := w.PutPart(ctx, id, "x", 0, make([]byte, MaxJobPart+1)); !errors.Is(err, ErrInput) {
			t.Error(err)
		}
		w.must(w.DropFile(ctx, id, "empty"))

		// Files go when people need them no more, the job itself much later.
		w.must(w.EndJob(ctx, w.take(w.Store, id), JobDone, nil))
		unmade, err := w.MakeJob(ctx, Job{Kind: "count", Who: "lin"})
		w.must(err)
		w.must(w.PutPart(ctx, unmade, "x", 0, []byte("x")))
		swept := func(id string, later time.Duration, files int, gone bool) {
			t.Helper()
			w.time = w.time.Add(later)
			_, err := w.Sweep(ctx)
			w.must(err)
			list, err := w.JobFiles(ctx, id)
			w.must(err)
			if _, err := w.Job(ctx, id); len(list) != files || errors.Is(err, ErrUnknown) != gone {
				t.Errorf("%d files, job: %v", len(list), err)
			}
		}
		swept(unmade, time.Hour, 1, false)
		swept(unmade, time.Hour+time.Second, 0, true)
		swept(id, 0, 1, false)
		swept(id, JobFilesKept, 0, false)
		if j, err := w.Job(ctx, id); err != nil || j.Files {
			t.Errorf("%+v, %v", j, err)
		}
		swept(id, JobKept-JobFilesKept, 0, true)
		swept(other, JobKept, 0, false) // it is not over, however long it waits
	})
}

// Every commit's answer is lost once, so everything is done twice.
func TestJobsDoneTwice(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		twice := w.another(newFaults(1, 0).wrap)
		ctx := t.Context()
		id, err := twice.MakeJob(ctx, Job{Kind: "count", Who: "lin"})
		w.must(err)
		w.must(twice.PutPart(ctx, id, "x", 0, []byte("x")))
		w.must(twice.ReadyJob(ctx, id))
		j := w.take(twice, id)
		j.Mark = []byte("1")
		_, err = twice.NoteJob(ctx, j)
		w.must(err)
		w.must(twice.EndJob(ctx, j, JobDone, nil))
		w.must(twice.CancelJob(ctx, id))
		if j, err = w.Job(ctx, id); err != nil || j.State != JobDone || string(j.Mark) != "1" {
			t.Errorf("%+v, %v", j, err)
		}
	})
}
