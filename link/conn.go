package link

import (
	"context"
	"errors"
)

// Conn carries frames in both directions, each in order and whole, until it
// breaks. One goroutine may read while another writes. A context that ends while
// Read or Write waits leaves the connection fit for nothing but Close.
type Conn interface {
	Read(ctx context.Context) (Frame, error)
	Write(ctx context.Context, f Frame) error
	Close() error // ends Read and Write at both ends
}

// ErrCut means that the connection broke or was closed.
var ErrCut = errors.New("link: the connection broke")

// ErrSequence means that a frame came where it has no place.
var ErrSequence = errors.New("link: this frame has no place here")
