package center

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"yizhan/center/store"
)

// jobWriter writes a file of a job, part by part, so that none is in memory as a
// whole. Close writes the last one.
type jobWriter struct {
	ctx  context.Context
	jobs *jobs
	id   string
	file string
	part int
	held []byte
}

// create begins a file of a job, in place of one of that name.
func (k *jobs) create(ctx context.Context, id, file string) (*jobWriter, error) {
	if err := k.store.DropFile(ctx, id, file); err != nil {
		return nil, err
	}
	return &jobWriter{ctx: ctx, jobs: k, id: id, file: file, held: make([]byte, 0, store.MaxJobPart)}, nil
}

func (w *jobWriter) Write(b []byte) (n int, err error) {
	for len(b) > 0 {
		fits := min(len(b), store.MaxJobPart-len(w.held))
		w.held, b, n = append(w.held, b[:fits]...), b[fits:], n+fits
		if len(w.held) == store.MaxJobPart {
			if err := w.flush(); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

func (w *jobWriter) flush() error {
	if w.part >= store.MaxJobParts {
		return jobProblem("large")
	}
	err := w.jobs.store.PutPart(w.ctx, w.id, w.file, w.part, w.held)
	w.part, w.held = w.part+1, w.held[:0]
	return err
}

func (w *jobWriter) Close() error {
	if len(w.held) == 0 && w.part > 0 {
		return nil
	}
	return w.flush()
}

// jobReader reads a file of a job.
type jobReader struct {
	ctx  context.Context
	jobs *jobs
	id   string
	file string
	part int
	held []byte
}

func (k *jobs) open(ctx context.Context, id, file string) io.Reader {
	return &jobReader{ctx: ctx, jobs: k, id: id, file: file}
}

func (r *jobReader) Read(b []byte) (int, error) {
	for len(r.held) == 0 {
		part, err := r.jobs.store.Part(r.ctx, r.id, r.file, r.part)
		switch {
		case errors.Is(err, store.ErrUnknown) && r.part > 0:
			return 0, io.EOF
		case err != nil:
			return 0, err
		}
		if len(part) == 0 { // an empty file
			return 0, io.EOF
		}
		r.part, r.held = r.part+1, part
	}
	n := copy(b, r.held)
	r.held = r.held[n:]
	return n, nil
}

// spool copies a file of the job to a file of this machine, for readers that want a
// path, and names it so.
func (r *jobRun) spool(ctx context.Context, file string) (path string, err error) {
	folder, err := r.temp()
	if err != nil {
		return "", err
	}
	path = filepath.Join(folder, filepath.Base(file))
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return "", fmt.Errorf("spooling a file of a job: %w", err)
	}
	_, err = io.Copy(out, r.jobs.open(ctx, r.ID, file))
	if closed := out.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return "", fmt.Errorf("spooling a file of a job: %w", err)
	}
	return path, nil
}
