package center

import (
	"context"
	"errors"
	"io"
	"iter"
	"log/slog"
	"slices"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
)

// Office is a center's desk for what comes and goes without a network: lists of an
// office, bundles for kiosks, journals from them. The console and the command line
// sit at the same one.
type Office struct {
	Store  *store.Store
	Keys   *Keys
	Now    func() time.Time
	Random io.Reader
	Log    *slog.Logger // nil: none
}

func (o Office) book() *Book {
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return NewBook(o.Store, log)
}

// Errors of an Office that a person can do something about.
var (
	ErrNoStation = errors.New("center: the kiosk's station is not described yet")
	ErrNoBox     = errors.New("center: no box was enrolled for the kiosk yet")
)

// station is the document of a kiosk's station, whose policy counts hours; zero
// when there is none yet.
func (o Office) station(ctx context.Context, kiosk string) (civic.Station, error) {
	if kiosk == "" {
		return civic.Station{}, nil
	}
	list, err := o.Store.Documents(ctx, kiosk, store.KindStation, []string{kiosk})
	if err != nil || len(list) == 0 || list[0].Station == nil {
		return civic.Station{}, err
	}
	return *list[0].Station, nil
}

// PutStation describes the station of a kiosk to it, with the key by which phones
// are found. Its rules are those in force there; what is handed in counts where
// nobody has made any.
func (o Office) PutStation(ctx context.Context, kiosk string, s civic.Station) error {
	s, err := o.ruled(ctx, kiosk, s)
	if err != nil {
		return err
	}
	s.Version = 1
	if err := o.Store.PutDocument(ctx, kiosk, civic.Document{Station: &s}); err != nil {
		return err
	}
	return o.Store.PublishPolicy(ctx, kiosk) // a version may have come meanwhile
}

// DescribeStation is PutStation over the version that was seen, 0 when there was
// none; store.ErrChanged when another one stands there.
func (o Office) DescribeStation(ctx context.Context, kiosk string, was uint64, s civic.Station) error {
	s, err := o.ruled(ctx, kiosk, s)
	if err != nil {
		return err
	}
	if err := o.Store.PutStation(ctx, was, s); err != nil {
		return err
	}
	return o.Store.PublishPolicy(ctx, kiosk)
}

// ruled completes the station of a kiosk with what is not typed.
func (o Office) ruled(ctx context.Context, kiosk string, s civic.Station) (civic.Station, error) {
	s.Kiosk, s.PhoneKey = kiosk, o.Keys.Phone
	if _, _, err := o.Store.Kiosk(ctx, kiosk); err != nil {
		return s, err
	}
	policy, rule, err := o.Store.PolicyOn(ctx, kiosk, o.Store.Today())
	if s.Rule = rule; rule != "" {
		s.Policy = policy
	}
	return s, err
}

// eachDocument hands out the documents of a kind in a scope, in no order.
func eachDocument(ctx context.Context, s *store.Store, scope, kind string) iter.Seq2[civic.Document, error] {
	return func(yield func(civic.Document, error) bool) {
		ids, err := s.DocumentIDs(ctx, scope, kind)
		if err != nil {
			yield(civic.Document{}, err)
			return
		}
		for page := range slices.Chunk(ids, documentsAtOnce(kind)) {
			list, err := s.Documents(ctx, scope, kind, page)
			if err != nil {
				yield(civic.Document{}, err)
				return
			}
			for _, d := range list {
				if !yield(d, nil) {
					return
				}
			}
		}
	}
}

// documentsAtOnce is how many documents of a kind are held in memory together.
func documentsAtOnce(kind string) int {
	if kind == store.KindPicture {
		return picturesAtOnce
	}
	return store.MaxDocuments
}
