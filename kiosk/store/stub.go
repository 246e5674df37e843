package store

import (
	"context"
	"errors"
)

var errStub = errors.New("store: not built yet")

type Report struct{}

func Verify(ctx context.Context, cfg Config) (Report, error)         { return Report{}, errStub }
func Mend(ctx context.Context, cfg Config, r Report) (Report, error) { return r, errStub }
