package store

import (
	"context"
	"encoding/json"
	"fmt"

	"yizhan/civic"
)

const (
	selectGoods       = `SELECT id, body FROM document WHERE scope = $1 AND kind = 'good'`
	scatterGoodScopes = `SELECT DISTINCT scope FROM document WHERE kind = 'good' AND scope > $1 ORDER BY scope LIMIT $2`
)

// Goods returns the goods that stand in a scope, withdrawn ones too, in no order.
func (s *Store) Goods(ctx context.Context, scope string) (goods []civic.Good, err error) {
	err = s.read(ctx, "reading goods", scope, func(t *txn) error {
		goods, err = t.goods()
		return err
	})
	return goods, err
}

func (t *txn) goods() (goods []civic.Good, err error) {
	err = t.each(selectGoods, nil, func(rows scanner) error {
		var id string
		var d storedDocument
		if err := rows.Scan(&id, &d.body); err != nil {
			return err
		}
		doc, err := d.document()
		if err == nil && doc.Good != nil { // it was not taken out
			goods = append(goods, *doc.Good)
		}
		return err
	})
	return goods, err
}

// GoodScopes lists the scopes in which goods stand or stood, by id.
func (s *Store) GoodScopes(ctx context.Context) (scopes []string, err error) {
	err = s.pages(ctx, "looking for goods", scatterGoodScopes, nil, func(rows scanner) (string, error) {
		var scope string
		err := rows.Scan(&scope)
		scopes = append(scopes, scope)
		return scope, err
	})
	return scopes, err
}

// PutGood writes a good into a scope, with the picture that it names if that is a
// new one, and leaves an act. Was is the version that the officer has seen, 0 for a
// good that is new there: when another one stands there now it answers ErrChanged
// and writes nothing. What was delivered stays as it is, because nobody types it.
func (s *Store) PutGood(ctx context.Context, scope string, was uint64, g civic.Good, picture *civic.Picture) error {
	if err := checkGood(g, picture); err != nil {
		return err
	}
	return s.write(ctx, "writing a good", scope, func(t *txn) error {
		stored, found, err := t.storedDocument(KindGood, g.Code)
		if err != nil {
			return err
		}
		before := civic.Document{}
		if found {
			if before, err = stored.document(); err != nil {
				return err
			}
		}
		done, err := follows(before.Good, &g, was)
		if err != nil || done {
			return err
		}
		if picture != nil {
			if err := t.putDocument(civic.Document{Picture: picture}); err != nil {
				return err
			}
		}
		var stood any // nothing, not a good that is null
		if before.Good != nil {
			stood = before.Good
		}
		if err := t.act(s.now(), t.actor(), goodAct(before.Good, g), stood, g); err != nil {
			return err
		}
		if err := t.notePrice(s.now(), s.today(), before.Good, g); err != nil {
			return err
		}
		return t.putDocument(civic.Document{Good: &g})
	})
}

// follows holds that a good is written over what was seen, and completes it. It
// tells whether the good stands there already: a transaction that is repeated finds
// its own.
func follows(before *civic.Good, g *civic.Good, was uint64) (done bool, err error) {
	g.Version, g.Delivered = 0, 0
	if before == nil {
		if was != 0 {
			return false, fmt.Errorf("%w: good %s is gone", ErrChanged, g.Code)
		}
		return false, nil
	}
	g.Delivered, g.Version = before.Delivered, before.Version
	if *g == *before {
		return true, nil
	}
	if before.Version != was {
		return false, fmt.Errorf("%w: good %s is at version %d, version %d was seen", ErrChanged, g.Code, before.Version, was)
	}
	return false, nil
}

// goodAct is what writing a good comes to.
func goodAct(before *civic.Good, g civic.Good) string {
	switch {
	case before == nil:
		return "good.added"
	case g.Withdrawn && !before.Withdrawn:
		return "good.withdrawn"
	case before.Withdrawn && !g.Withdrawn:
		return "good.offered"
	}
	return "good.changed"
}

// checkGood holds a good and its picture to what kiosks take.
func checkGood(g civic.Good, picture *civic.Picture) error {
	g.Version, g.Delivered = 1, 0
	list := []civic.Document{{Good: &g}}
	if picture != nil {
		p := *picture
		p.Version = 1
		list = append(list, civic.Document{Picture: &p})
	}
	for _, d := range list {
		line, err := json.Marshal(d)
		if err == nil {
			_, err = civic.ReadDocument(line, "")
		}
		if err != nil {
			return fmt.Errorf("%w: %w", ErrInput, err)
		}
	}
	return nil
}
