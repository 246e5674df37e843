package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

const (
	insertJob = `INSERT INTO job (job, kind, who, scope, state, input, mark, result, done, total, stop, tries, lease, lease_ms, files, made_ms, ended_ms)
		VALUES ($1, $2, $3, $4, 'made', $5, '', '', 0, 0, 0, 0, '', 0, 1, $6, 0) ON CONFLICT (job) DO NOTHING`
	selectJob  = `SELECT kind, who, scope, state, input, mark, result, done, total, stop, tries, lease, lease_ms, files, made_ms, ended_ms FROM job WHERE job = $1`
	readyJob   = `UPDATE job SET state = 'waiting' WHERE job = $1 AND state = 'made'`
	takeJob    = `UPDATE job SET state = 'running', lease = $2, lease_ms = $3, tries = tries + 1 WHERE job = $1 AND state IN ('waiting', 'running') AND lease_ms < $4`
	keepJob    = `UPDATE job SET lease_ms = $3 WHERE job = $1 AND lease = $2 AND state = 'running'`
	noteJob    = `UPDATE job SET lease_ms = $3, mark = $4, done = $5, total = $6 WHERE job = $1 AND lease = $2 AND state = 'running'`
	leaveJob   = `UPDATE job SET lease = '', lease_ms = 0, tries = tries - 1 WHERE job = $1 AND lease = $2 AND state = 'running'`
	endJob     = `UPDATE job SET state = $3, result = $4, ended_ms = $5 WHERE job = $1 AND lease = $2 AND state = 'running'`
	stopJob    = `UPDATE job SET stop = 1 WHERE job = $1 AND ended_ms = 0`
	cancelJob  = `UPDATE job SET state = 'cancelled', ended_ms = $2 WHERE job = $1 AND state IN ('made', 'waiting')`
	emptyJob   = `UPDATE job SET files = 0 WHERE job = $1`
	dropJob    = `DELETE FROM job WHERE job = $1`
	insertPart = `INSERT INTO jobpart (job, file, part, body) VALUES ($1, $2, $3, $4) ON CONFLICT (job, file, part) DO UPDATE SET body = excluded.body`
	selectPart = `SELECT body FROM jobpart WHERE job = $1 AND file = $2 AND part = $3`
	countParts = `SELECT file, COUNT(*), SUM(LENGTH(body)) FROM jobpart WHERE job = $1 GROUP BY file ORDER BY file`
	dropFile   = `DELETE FROM jobpart WHERE job = $1 AND file = $2`
	dropParts  = `DELETE FROM jobpart WHERE job = $1`

	scatterJobs      = `SELECT job, kind, who, scope, state, input, mark, result, done, total, stop, tries, lease, lease_ms, files, made_ms, ended_ms FROM job WHERE made_ms < $1 ORDER BY made_ms DESC, job LIMIT $2`
	scatterOpenJobs  = `SELECT job, kind, who, scope, state, input, mark, result, done, total, stop, tries, lease, lease_ms, files, made_ms, ended_ms FROM job WHERE ended_ms = 0 ORDER BY made_ms, job LIMIT $1`
	scatterUnmade    = `SELECT job FROM job WHERE ended_ms = 0 AND state = 'made' AND made_ms < $1 LIMIT $2`
	scatterJobsFiles = `SELECT job FROM job WHERE files = 1 AND ended_ms > 0 AND ended_ms < $1 LIMIT $2`
	scatterOldJobs   = `SELECT job FROM job WHERE ended_ms > 0 AND made_ms < $1 LIMIT $2`
)

// JobState is how far a job has come.
type JobState string

// States of jobs. One that was made has not all of its files yet and is not begun.
const (
	JobMade      JobState = "made"
	JobWaiting   JobState = "waiting"
	JobRunning   JobState = "running"
	JobDone      JobState = "done"
	JobFailed    JobState = "failed"
	JobCancelled JobState = "cancelled"
)

// Job is long work that an officer asked for. Whoever works on it holds a lease,
// which a process that dies lets run out: then another one takes the job up where
// Mark says. So the work itself is written to be done twice.
type Job struct {
	ID          string
	Kind        string
	Who         string // officer
	Scope       string // place that it is about
	State       JobState
	Input       json.RawMessage // what is to be done
	Mark        json.RawMessage // how far it is, in the words of its kind; empty: at the beginning
	Result      json.RawMessage // what came of it
	Done, Total int64           // steps; Total 0: nobody knows yet
	Stop        bool            // somebody wants it cancelled
	Tries       int64           // times that it was begun or taken up
	Files       bool            // they are still kept
	Made, Ended time.Time

	lease   string
	leaseMS int64
}

// Over tells whether nothing more will happen.
func (j Job) Over() bool { return !j.Ended.IsZero() }

// MakeJob writes down a job. Its files follow (PutPart), then ReadyJob lets it begin.
func (s *Store) MakeJob(ctx context.Context, j Job) (id string, err error) {
	if j.Kind == "" || j.Who == "" || len(j.Input) > maxJobText {
		return "", fmt.Errorf("%w: a job has a kind, an officer and a short input", ErrInput)
	}
	a, err := s.randomID()
	if err != nil {
		return "", err
	}
	b, err := s.randomID()
	if err != nil {
		return "", err
	}
	id = a + b // it is part of an address: too many to guess
	return id, s.write(ctx, "writing down a job", id, func(t *txn) error {
		return t.exec(insertJob, j.Kind, j.Who, j.Scope, filled(j.Input), s.now())
	})
}

// filled makes sure that nothing is written as nothing, and not as NULL.
func filled(b []byte) []byte { return append([]byte{}, b...) }

// ReadyJob lets a job begin that has all of its files.
func (s *Store) ReadyJob(ctx context.Context, id string) error {
	return s.write(ctx, "making a job ready", id, func(t *txn) error {
		return t.exec(readyJob)
	})
}

// Job reads a job, or answers ErrUnknown.
func (s *Store) Job(ctx context.Context, id string) (j Job, err error) {
	err = s.read(ctx, "reading a job", id, func(t *txn) (err error) {
		j, err = t.job()
		return err
	})
	return j, err
}

func (t *txn) job() (j Job, err error) {
	j.ID = fmt.Sprint(t.shard)
	r := jobRow{job: &j}
	found, err := t.one(selectJob, nil, r.columns()...)
	if err == nil && !found {
		err = fmt.Errorf("%w: job %s", ErrUnknown, j.ID)
	}
	r.fill()
	return j, err
}

// jobRow scans a job.
type jobRow struct {
	job                      *Job
	input, mark, result      []byte
	stop, files, made, ended int64
}

func (r *jobRow) columns() []any {
	j := r.job
	return []any{&j.Kind, &j.Who, &j.Scope, &j.State, &r.input, &r.mark, &r.result, &j.Done, &j.Total, &r.stop, &j.Tries, &j.lease, &j.leaseMS, &r.files, &r.made, &r.ended}
}

func (r *jobRow) fill() {
	j := r.job
	j.Input, j.Mark, j.Result = r.input, r.mark, r.result
	j.Stop, j.Files, j.Made = r.stop == 1, r.files == 1, time.UnixMilli(r.made)
	if r.ended > 0 {
		j.Ended = time.UnixMilli(r.ended)
	}
}

// Jobs returns jobs that were made before a time, the latest first.
func (s *Store) Jobs(ctx context.Context, before time.Time, limit int) (list []Job, err error) {
	err = s.scatter(ctx, "reading jobs", scatterJobs, []any{before.UnixMilli(), int64(limit)}, func() { list = nil }, intoJobs(&list))
	return list, err
}

// OpenJobs returns jobs that are not over, the first first.
func (s *Store) OpenJobs(ctx context.Context) (list []Job, err error) {
	err = s.scatter(ctx, "reading open jobs", scatterOpenJobs, []any{int64(MaxOpenJobs)}, func() { list = nil }, intoJobs(&list))
	return list, err
}

// intoJobs scans jobs that have their files.
func intoJobs(list *[]Job) func(scanner) error {
	return func(rows scanner) error {
		var j Job
		r := jobRow{job: &j}
		err := rows.Scan(append([]any{&j.ID}, r.columns()...)...)
		r.fill()
		if j.State != JobMade {
			*list = append(*list, j)
		}
		return err
	}
}

// TakeJob takes the lease of the first job that nobody works on; found is false when
// there is none.
func (s *Store) TakeJob(ctx context.Context) (j Job, found bool, err error) {
	open, err := s.OpenJobs(ctx)
	if err != nil {
		return j, false, err
	}
	for _, free := range open {
		if free.leaseMS >= s.now() {
			continue
		}
		lease, err := s.randomID()
		if err != nil {
			return j, false, err
		}
		err = s.write(ctx, "taking a job", free.ID, func(t *txn) error {
			now := s.now()
			if err := t.exec(takeJob, lease, now+JobLease.Milliseconds(), now); err != nil {
				return err
			}
			j, err = t.job()
			return err
		})
		if errors.Is(err, ErrUnknown) {
			continue
		}
		if err != nil || j.lease == lease {
			return j, err == nil, err
		}
	}
	return Job{}, false, nil
}

// ErrLease says that somebody else works on the job by now, or that it is over.
var ErrLease = errors.New("store: the job is not ours any more")

// KeepJob keeps the lease of a job that is being worked on, and tells whether it is
// to be cancelled.
func (s *Store) KeepJob(ctx context.Context, j Job) (stop bool, err error) {
	return s.leased(ctx, j, keepJob)
}

// NoteJob keeps the lease too, and notes how far the work is: Mark, Done and Total.
func (s *Store) NoteJob(ctx context.Context, j Job) (stop bool, err error) {
	if len(j.Mark) > maxJobText {
		return false, fmt.Errorf("%w: a mark of %d bytes", ErrInput, len(j.Mark))
	}
	return s.leased(ctx, j, noteJob, filled(j.Mark), j.Done, j.Total)
}

func (s *Store) leased(ctx context.Context, j Job, statement string, args ...any) (stop bool, err error) {
	err = s.write(ctx, "working on a job", j.ID, func(t *txn) error {
		n, err := t.changed(statement, append([]any{j.lease, s.now() + JobLease.Milliseconds()}, args...)...)
		if err == nil && n == 0 {
			err = ErrLease
		}
		if err != nil {
			return err
		}
		now, err := t.job()
		stop = now.Stop
		return err
	})
	return stop, err
}

// LeaveJob gives the lease back, because the process ends. Others may take the job
// up at once.
func (s *Store) LeaveJob(ctx context.Context, j Job) error {
	return s.write(ctx, "leaving a job", j.ID, func(t *txn) error {
		return t.exec(leaveJob, j.lease)
	})
}

// EndJob writes what came of a job. It answers ErrLease when that is not ours to say.
func (s *Store) EndJob(ctx context.Context, j Job, state JobState, result json.RawMessage) error {
	if len(result) > maxJobText || !slices.Contains([]JobState{JobDone, JobFailed, JobCancelled}, state) {
		return fmt.Errorf("%w: a job ends as %q with %d bytes", ErrInput, state, len(result))
	}
	return s.write(ctx, "ending a job", j.ID, func(t *txn) error {
		n, err := t.changed(endJob, j.lease, string(state), filled(result), s.now())
		if err != nil || n == 1 {
			return err
		}
		now, err := t.job()
		if err == nil && (now.lease != j.lease || now.State != state) {
			err = ErrLease
		}
		return err
	})
}

// CancelJob wants a job cancelled. One that has not begun is over at once; whoever
// works on another hears of it soon, and stops where the work can be left.
func (s *Store) CancelJob(ctx context.Context, id string) error {
	return s.write(ctx, "cancelling a job", id, func(t *txn) error {
		if _, err := t.job(); err != nil {
			return err
		}
		if err := t.exec(cancelJob, s.now()); err != nil {
			return err
		}
		return t.exec(stopJob)
	})
}

// JobFile is a file that goes in or comes out.
type JobFile struct {
	Name  string
	Parts int
	Bytes int64
}

// JobFiles lists the files of a job.
func (s *Store) JobFiles(ctx context.Context, id string) (files []JobFile, err error) {
	err = s.read(ctx, "reading the files of a job", id, func(t *txn) error {
		files = nil
		return t.each(countParts, nil, func(rows scanner) error {
			var f JobFile
			err := rows.Scan(&f.Name, &f.Parts, &f.Bytes)
			files = append(files, f)
			return err
		})
	})
	return files, err
}

// PutPart writes a part of a file, from 0 on; the same number again writes over it.
func (s *Store) PutPart(ctx context.Context, id, file string, part int, body []byte) error {
	if len(body) > MaxJobPart || part < 0 || part >= MaxJobParts || file == "" || len(file) > MaxNameRunes {
		return fmt.Errorf("%w: part %d of %q, %d bytes", ErrInput, part, file, len(body))
	}
	return s.write(ctx, "writing a file of a job", id, func(t *txn) error {
		return t.exec(insertPart, file, int64(part), filled(body))
	})
}

// Part reads a part of a file; behind its end it answers ErrUnknown.
func (s *Store) Part(ctx context.Context, id, file string, part int) (body []byte, err error) {
	err = s.read(ctx, "reading a file of a job", id, func(t *txn) error {
		found, err := t.one(selectPart, []any{file, int64(part)}, &body)
		if err == nil && !found {
			err = fmt.Errorf("%w: part %d of %q", ErrUnknown, part, file)
		}
		return err
	})
	return body, err
}

// DropFile removes a file, which is written anew.
func (s *Store) DropFile(ctx context.Context, id, file string) error {
	return s.write(ctx, "removing a file of a job", id, func(t *txn) error {
		return t.exec(dropFile, file)
	})
}

// sweepJobs removes jobs whose files never all came, files that were kept long
// enough, because people are named in them, and at last the jobs.
func (s *Store) sweepJobs(ctx context.Context) error {
	var failed error
	for _, sweep := range []struct {
		query string
		kept  time.Duration
		row   bool // goes too
	}{{scatterUnmade, jobUnmade, true}, {scatterJobsFiles, JobFilesKept, false}, {scatterOldJobs, JobKept, true}} {
		ids, err := s.list(ctx, "looking for old jobs", sweep.query, s.now()-sweep.kept.Milliseconds())
		failed = errors.Join(failed, err)
		for _, id := range ids {
			failed = errors.Join(failed, s.write(ctx, "sweeping a job", id, func(t *txn) error {
				if err := t.exec(dropParts); err != nil {
					return err
				}
				statement := emptyJob
				if sweep.row {
					statement = dropJob
				}
				return t.exec(statement)
			}))
		}
	}
	return failed
}
