package center

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"yizhan/center/store"
)

// jobs is the long work of a center: what takes longer than somebody waits for a
// page. A job stands in the database with its files, so it does not matter which
// process works on it, nor whether one is killed half way: another takes it up where
// its mark says (see [store.Job]). One process works on one job at a time.
//
// A kind of job is registered before the first request comes. Its run is called
// again after a crash, with the Mark that was noted last, up to a second before the
// crash: so it is written so that doing a part twice is doing it once.
type jobs struct {
	store *store.Store
	log   *slog.Logger
	kinds map[string]jobKind
	wake  chan struct{}

	mu   sync.Mutex
	now  string // id of the job that is worked on here
	stop context.CancelCauseFunc
}

// jobKind is what a kind of job does, and who may look at it: officers with the
// power whose area has the job's place.
type jobKind struct {
	power power
	own   bool // nobody but who asked for it may have its files
	run   func(ctx context.Context, j *jobRun) error
	page  func(j store.Job) string // where what came of it is shown; nil: on the job's own page
}

// Why work on a job ends before it is done.
var (
	errJobStop = errors.New("center: the job is cancelled")
	errJobEnd  = errors.New("center: the process ends")
)

// jobProblem ends a job with a reason that a person can do something about:
// center.job.problem.WORD.
type jobProblem string

func (p jobProblem) Error() string { return "center: a job failed: " + string(p) }

// jobResult is what came of a job, as its page says it.
type jobResult struct {
	Problem string          `json:"problem,omitempty"` // center.job.problem.WORD
	Facts   []jobFact       `json:"facts,omitempty"`
	Detail  json.RawMessage `json:"detail,omitempty"` // of its kind
}

// jobFact is a number that a job came to: center.job.fact.WORD.
type jobFact struct {
	Word string `json:"word"`
	N    int64  `json:"n"`
}

func resultOf(j store.Job) (r jobResult) {
	_ = json.Unmarshal(j.Result, &r) // there is none yet
	return r
}

func newJobs(s *store.Store, log *slog.Logger) *jobs {
	return &jobs{store: s, log: log, kinds: make(map[string]jobKind), wake: make(chan struct{}, 1)}
}

// register makes a kind of job known. Its texts are center.job.kind.WORD, which is
// what a job of it is called, and center.job.leave.WORD, which says what stays when
// one is cancelled.
func (k *jobs) register(kind string, what jobKind) { k.kinds[kind] = what }

// start begins a job that needs no files. Input becomes JSON; the scope is the place
// that it is about.
func (k *jobs) start(ctx context.Context, kind, who, scope string, input any) (id string, err error) {
	if id, err = k.make(ctx, kind, who, scope, input); err != nil {
		return "", err
	}
	return id, k.ready(ctx, id)
}

// make writes a job down whose files are still to come; ready lets it begin.
func (k *jobs) make(ctx context.Context, kind, who, scope string, input any) (id string, err error) {
	open, err := k.store.OpenJobs(ctx)
	if err != nil {
		return "", err
	}
	mine := 0
	for _, j := range open {
		mine += count(j.Who == who)
	}
	if len(open) >= store.MaxOpenJobs || mine >= maxJobsOfOne {
		return "", fmt.Errorf("%w: %d jobs wait already, %d of %s", errJobs, len(open), mine, who)
	}
	text, err := json.Marshal(input)
	if err != nil {
		return "", fmt.Errorf("writing what a job does: %w", err)
	}
	return k.store.MakeJob(ctx, store.Job{Kind: kind, Who: who, Scope: scope, Input: text})
}

func (k *jobs) ready(ctx context.Context, id string) error {
	err := k.store.ReadyJob(ctx, id)
	select {
	case k.wake <- struct{}{}:
	default:
	}
	return err
}

// cancel wants a job cancelled, and stops it at once if it runs in this process.
func (k *jobs) cancel(ctx context.Context, id string) error {
	err := k.store.CancelJob(ctx, id)
	k.mu.Lock()
	defer k.mu.Unlock()
	if err == nil && k.now == id {
		k.stop(errJobStop)
	}
	return err
}

// run works on jobs until ctx ends.
func (k *jobs) run(ctx context.Context) {
	for ctx.Err() == nil {
		worked, err := k.next(ctx)
		if err != nil && ctx.Err() == nil {
			k.log.Error("center: looking for a job", "error", err)
		}
		if worked {
			continue
		}
		wait := time.NewTimer(jobsEvery)
		select {
		case <-k.wake:
		case <-wait.C:
		case <-ctx.Done():
		}
		wait.Stop()
	}
}

// next works on the next job, if there is one.
func (k *jobs) next(ctx context.Context) (worked bool, err error) {
	j, found, err := k.store.TakeJob(ctx)
	if err != nil || !found {
		return false, err
	}
	k.log.Info("center: a job begins", "job", j.ID, "kind", j.Kind, "officer", j.Who, "try", j.Tries)
	r := &jobRun{Job: j, jobs: k, noted: time.Now()}
	err = k.work(ctx, r)
	return true, k.end(context.WithoutCancel(ctx), r, err)
}

// work runs a job while its lease is kept.
func (k *jobs) work(ctx context.Context, r *jobRun) error {
	held, stop := context.WithCancelCause(ctx)
	k.mu.Lock()
	k.now, k.stop = r.ID, stop
	k.mu.Unlock()
	if r.Stop {
		stop(errJobStop)
	}
	var keeping sync.WaitGroup
	taken := r.Job // as it was; the run changes its own
	keeping.Go(func() { k.keep(held, taken, stop) })
	err := r.do(held)
	if cause := context.Cause(held); err != nil && cause != nil {
		err = cause
		if ctx.Err() != nil {
			err = errJobEnd
		}
	}
	k.mu.Lock()
	k.now = ""
	k.mu.Unlock()
	stop(nil)
	keeping.Wait()
	return err
}

// keep keeps the lease until ctx ends. When it cannot for as long as the lease lasts,
// somebody else may have the job.
func (k *jobs) keep(ctx context.Context, j store.Job, stop context.CancelCauseFunc) {
	kept, every := time.Now(), time.NewTicker(store.JobLease/3)
	defer every.Stop()
	for {
		select {
		case <-every.C:
		case <-ctx.Done():
			return
		}
		end, err := k.store.KeepJob(ctx, j)
		switch {
		case err == nil:
			kept = time.Now()
			if end {
				stop(errJobStop)
			}
		case errors.Is(err, store.ErrLease) || time.Since(kept) > store.JobLease*2/3:
			stop(store.ErrLease)
		}
	}
}

// end writes what came of a job.
func (k *jobs) end(ctx context.Context, r *jobRun, err error) error {
	if r.folder != "" {
		os.RemoveAll(r.folder)
	}
	state := store.JobDone
	problem, known := errors.AsType[jobProblem](err)
	switch {
	case err == nil:
	case errors.Is(err, store.ErrLease):
		k.log.Warn("center: a job was taken over", "job", r.ID)
		return nil
	case errors.Is(err, errJobEnd):
		return k.store.LeaveJob(ctx, r.Job)
	case errors.Is(err, errJobStop):
		state = store.JobCancelled
	case known:
		state, r.result.Problem = store.JobFailed, string(problem)
	case errors.Is(err, store.ErrBusy) && r.Tries < maxJobTries:
		k.log.Warn("center: a job waits for the database", "job", r.ID, "error", err)
		return nil // its lease runs out, and it is taken up again
	default:
		state, r.result.Problem = store.JobFailed, "broken"
	}
	k.log.Info("center: a job is over", "job", r.ID, "kind", r.Kind, "state", state, "error", err)
	result, err := json.Marshal(r.result)
	if err != nil {
		return fmt.Errorf("writing what came of a job: %w", err)
	}
	r.note(ctx) // best effort: how far it came
	return k.store.EndJob(ctx, r.Job, state, result)
}

// jobRun is a job that is being worked on.
type jobRun struct {
	store.Job
	jobs   *jobs
	noted  time.Time
	folder string // of this run, for files that others must read by their paths
	result jobResult
}

// do runs what the kind says. A list that breaks us must not break the process, on
// which kiosks hang.
func (r *jobRun) do(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			r.jobs.log.Error("center: a job broke", "job", r.ID, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("a panic: %v", p)
		}
	}()
	kind, known := r.jobs.kinds[r.Kind]
	switch {
	case !known:
		return fmt.Errorf("no kind of job is called %q", r.Kind)
	case r.Tries > maxJobTries:
		return fmt.Errorf("the job was begun %d times and never came to its end", r.Tries-1)
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return kind.run(ctx, r)
}

// at says how far the work is, and where another process would go on: mark becomes
// JSON, nil keeps the one before. It is written down once a second.
func (r *jobRun) at(ctx context.Context, done, total int64, mark any) error {
	r.Done, r.Total = done, total
	if mark != nil {
		text, err := json.Marshal(mark)
		if err != nil {
			return fmt.Errorf("marking how far a job is: %w", err)
		}
		r.Mark = text
	}
	if time.Since(r.noted) < noteJobEvery {
		return ctx.Err()
	}
	return r.note(ctx)
}

// note writes down how far the work is, now.
func (r *jobRun) note(ctx context.Context) error {
	r.noted = time.Now()
	stop, err := r.jobs.store.NoteJob(ctx, r.Job)
	if err == nil && stop {
		err = errJobStop
	}
	return err
}

// tell adds a number to what the page says when the job is over.
func (r *jobRun) tell(word string, n int64) {
	r.result.Facts = append(r.result.Facts, jobFact{word, n})
}

// temp is a folder for this run alone; it goes when the run ends. What a process
// that was killed has left there goes first.
func (r *jobRun) temp() (string, error) {
	if r.folder != "" {
		return r.folder, nil
	}
	folder := filepath.Join(os.TempDir(), "yizhan-job-"+r.ID)
	if err := os.RemoveAll(folder); err != nil {
		return "", fmt.Errorf("clearing a job's folder: %w", err)
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		return "", fmt.Errorf("making a job's folder: %w", err)
	}
	r.folder = folder
	return folder, nil
}
