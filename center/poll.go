package center

import (
	"context"

	"yizhan/center/store"
	"yizhan/link"
)

// poll looks at what other processes have written: documents, and what officers
// have decided about kiosks that are connected here.
func (w *work) poll(ctx context.Context) error {
	versions, err := w.store.Versions(ctx)
	if err != nil {
		return err
	}
	var raised []string
	for scope, version := range versions {
		if version > w.versions[scope] {
			raised = append(raised, scope)
		}
	}
	if w.versions != nil && len(raised) > 0 {
		w.link.Written(raised...)
	}
	w.versions = versions
	standings, err := w.store.Standings(ctx)
	if err != nil {
		return err
	}
	for kiosk, now := range standings {
		if w.link.Connected(kiosk) {
			w.tell(now)
		}
	}
	return w.peers.look(ctx)
}

// tell says to a connected kiosk what has changed since it was told last.
func (w *work) tell(now store.Standing) {
	w.mu.Lock()
	before, known := w.standings[now.Kiosk]
	if known && before != now && now.Epoch >= before.Epoch {
		w.standings[now.Kiosk] = now
	}
	w.mu.Unlock()
	switch {
	case !known || before == now || now.Epoch < before.Epoch: // read before it was greeted
	case now.Epoch > before.Epoch:
		w.link.Drop(now.Kiosk, link.Refused{Reason: link.ReasonReplaced, Text: "a later epoch has begun"})
	case now.Revoked:
		w.link.Drop(now.Kiosk, link.Refused{Reason: link.ReasonRevoked, Text: "the kiosk was taken out of service"})
	case now.State == store.ChainQuarantined:
		w.log.Warn("center: a connected kiosk is in quarantine", "kiosk", now.Kiosk, "why", now.Reason)
		w.link.Quarantine(now.Kiosk, quarantineOf(now.Reason))
	case before.State == store.ChainQuarantined:
		w.log.Info("center: the quarantine of a connected kiosk was lifted", "kiosk", now.Kiosk)
		w.link.Quarantine(now.Kiosk, link.Quarantine{})
		w.homes.add(now.Kiosk)
	}
}
