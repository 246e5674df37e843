package sim

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"yizhan/link"
)

var errAway = errors.New("sim: no route to the center")

// net carries the connections between kiosks and the center. It sees every frame
// that leaves an end, and so what that end has promised.
type net struct {
	w    *world
	mu   sync.Mutex
	dice *rand.Rand
	bad  bool // connections lag and break
}

// dial connects a box with the center.
func (n *net) dial(b *box) (link.Conn, error) {
	if b.station.isAway() || b.away.Load() {
		return nil, errAway
	}
	near, far := link.Pipe(n.fates(b))
	if !n.w.office.serve(far) {
		return nil, errAway
	}
	b.connected(near)
	return near, nil
}

// fates are those of one connection.
func (n *net) fates(b *box) link.Fates {
	n.mu.Lock()
	defer n.mu.Unlock()
	dice, bad := rand.New(rand.NewPCG(n.dice.Uint64(), 3)), n.bad
	var mu sync.Mutex
	return func(up bool, _ int, f link.Frame) link.Fate {
		n.w.truth.overhear(b, up, f)
		if !bad {
			return link.Fate{}
		}
		mu.Lock()
		defer mu.Unlock()
		fate := link.Fate{}
		if dice.IntN(3) == 0 {
			fate.Delay = time.Duration(dice.IntN(900)) * time.Millisecond
		}
		if dice.IntN(25) == 0 {
			fate.Cut = link.Cut(1 + dice.IntN(3))
		}
		return fate
	}
}

func (n *net) weather(bad bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.bad = bad
}

// hurry has a box come back now rather than when it would by itself.
func (b *box) hurry(ctx context.Context) {
	if !b.link.State().Online {
		_, _ = b.link.TopUp(ctx, idOf("nobody", 0), 0, 0) // offline: whoever asks is told so at once, and wakes the link
	}
}
